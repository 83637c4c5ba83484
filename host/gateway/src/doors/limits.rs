//! How much of the host one agent may take: calls in a minute, calls at the same time.
//!
//! Counted in this process alone. Time is the process's own, so that setting the clock back frees nobody.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use portcullis_model::{ActionId, AgentName, Code, Refusal};

use super::settings::DoorLimits;

/// The part of a minute's calls that may come at once.
const BURST: u32 = 6;

/// How many times an agent may look at its approvals for each call that it may make: a look costs less, but not
/// nothing.
const LOOKS_A_CALL: NonZeroU32 = match NonZeroU32::new(2) {
    Some(looks) => looks,
    None => NonZeroU32::MIN,
};

/// At most one audit row in this time about an agent that asks too often: otherwise asking often would fill the log.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// Keeps count.
pub(crate) struct Limits {
    clock: DefaultClock,
    calls: DefaultKeyedRateLimiter<AgentName>,
    action_calls: DefaultKeyedRateLimiter<(AgentName, ActionId)>,
    looks: DefaultKeyedRateLimiter<AgentName>,
    most_in_flight: usize,
    most_standing: usize,
    agents: Mutex<HashMap<AgentName, Taken>>,
}

#[derive(Default)]
struct Taken {
    in_flight: usize,
    standing: usize,
    /// When a refusal was last worth a row, and how many were not since.
    noted: Option<Instant>,
    unnoted: u64,
}

/// A call that is running, or a request that waits. Dropping it makes room for the next one.
pub(crate) struct Pass {
    limits: Arc<Limits>,
    agent: AgentName,
    of: Of,
}

#[derive(Clone, Copy)]
enum Of {
    Calls,
    Standing,
}

impl Taken {
    fn count(&mut self, of: Of) -> &mut usize {
        match of {
            Of::Calls => &mut self.in_flight,
            Of::Standing => &mut self.standing,
        }
    }
}

impl Limits {
    pub(crate) fn new(settings: &DoorLimits) -> Arc<Self> {
        Arc::new(Self {
            clock: DefaultClock::default(),
            calls: RateLimiter::keyed(quota(settings.calls_per_minute)),
            action_calls: RateLimiter::keyed(quota(settings.action_calls_per_minute)),
            looks: RateLimiter::keyed(quota(settings.calls_per_minute.saturating_mul(LOOKS_A_CALL))),
            most_in_flight: settings.calls_in_flight,
            most_standing: settings.requests_waiting,
            agents: Mutex::default(),
        })
    }

    /// Lets a call in. An action that is not there has no rate of its own: names that an agent makes up would fill the
    /// memory.
    ///
    /// # Errors
    /// `rate-limited` or `too-many-calls`, saying when to try again.
    pub(crate) fn enter(self: &Arc<Self>, agent: &AgentName, action: Option<&ActionId>) -> Result<Pass, Refusal> {
        let now = self.clock.now();
        if let Some(action) = action {
            let key = (agent.clone(), action.clone());
            self.action_calls.check_key(&key).map_err(|until| too_often(agent, until.wait_time_from(now)))?;
        }
        self.calls.check_key(agent).map_err(|until| too_often(agent, until.wait_time_from(now)))?;
        let setting = "wait for one to end; [doors.limits] calls_in_flight in portcullis.toml sets how many";
        self.pass(agent, Of::Calls, self.most_in_flight, "calls running", setting)
    }

    /// Lets a look at an approval in.
    ///
    /// # Errors
    /// `rate-limited`.
    pub(crate) fn look(&self, agent: &AgentName) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.looks.check_key(agent).map_err(|until| too_often(agent, until.wait_time_from(now)))
    }

    /// Lets a request in that stands and waits: it holds a connection.
    ///
    /// # Errors
    /// `too-many-calls`.
    pub(crate) fn stand(self: &Arc<Self>, agent: &AgentName) -> Result<Pass, Refusal> {
        let setting = "ask without waiting; [doors.limits] requests_waiting in portcullis.toml sets how many";
        self.pass(agent, Of::Standing, self.most_standing, "requests waiting", setting)
    }

    fn pass(self: &Arc<Self>, agent: &AgentName, of: Of, most: usize, what: &str, fix: &str) -> Result<Pass, Refusal> {
        let mut agents = self.agents();
        let count = agents.entry(agent.clone()).or_default().count(of);
        if *count >= most {
            let what = format!("agent `{agent}` has {count} {what} already");
            return Err(Refusal::new(Code::TooManyCalls, what).retry_after_ms(1000).fix(fix));
        }
        *count += 1;
        Ok(Pass { limits: Arc::clone(self), agent: agent.clone(), of })
    }

    /// Whether a refusal is worth a row now, and how many before it were not.
    pub(crate) fn worth_noting(&self, agent: &AgentName) -> Option<u64> {
        let mut agents = self.agents();
        let taken = agents.entry(agent.clone()).or_default();
        if taken.noted.is_some_and(|at| at.elapsed() < NOTE_EVERY) {
            taken.unnoted += 1;
            return None;
        }
        taken.noted = Some(Instant::now());
        Some(std::mem::take(&mut taken.unnoted))
    }

    /// Forgets whoever has been quiet.
    pub(crate) fn tidy(&self) {
        self.calls.retain_recent();
        self.action_calls.retain_recent();
        self.looks.retain_recent();
        self.agents().retain(|_, taken| {
            taken.in_flight > 0
                || taken.standing > 0
                || taken.unnoted > 0
                || taken.noted.is_some_and(|at| at.elapsed() < NOTE_EVERY)
        });
    }

    fn agents(&self) -> MutexGuard<'_, HashMap<AgentName, Taken>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(taken) = self.limits.agents().get_mut(&self.agent) {
            let count = taken.count(self.of);
            *count = count.saturating_sub(1);
        }
    }
}

fn too_often(agent: &AgentName, wait: Duration) -> Refusal {
    let seconds = wait.as_secs_f64();
    Refusal::new(Code::RateLimited, format!("agent `{agent}` calls too often"))
        .retry_after_ms(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
        .fix(format!("wait {seconds:.1} s; [doors.limits] in portcullis.toml sets the rates"))
}

fn quota(calls_per_minute: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(calls_per_minute.get() / BURST).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(calls_per_minute).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_minute: u32, action_per_minute: u32, in_flight: usize) -> Arc<Limits> {
        Limits::new(&DoorLimits {
            calls_per_minute: NonZeroU32::new(per_minute).unwrap(),
            action_calls_per_minute: NonZeroU32::new(action_per_minute).unwrap(),
            calls_in_flight: in_flight,
            ..DoorLimits::default()
        })
    }

    fn names() -> (AgentName, AgentName, ActionId, ActionId) {
        ("a".parse().unwrap(), "b".parse().unwrap(), "p/x".parse().unwrap(), "p/y".parse().unwrap())
    }

    #[test]
    fn one_agents_haste_is_not_anothers() {
        let (a, b, x, _) = names();
        let limits = limits(12, 600, 100);
        let refusal = (0..3).find_map(|_| limits.enter(&a, Some(&x)).err()).unwrap();
        assert_eq!(refusal.code(), Code::RateLimited);
        assert!(refusal.retry_after_s().is_some_and(|s| (1..=60).contains(&s)), "{refusal:?}");
        assert!(limits.enter(&b, Some(&x)).is_ok());
    }

    #[test]
    fn one_actions_haste_is_not_anothers() {
        let (a, _, x, y) = names();
        let limits = limits(600, 12, 100);
        assert!((0..3).any(|_| limits.enter(&a, Some(&x)).is_err()));
        assert!(limits.enter(&a, Some(&y)).is_ok());
    }

    #[test]
    fn calls_that_end_make_room() {
        let (a, b, x, _) = names();
        let limits = limits(600, 600, 2);
        let running = [limits.enter(&a, Some(&x)).unwrap(), limits.enter(&a, Some(&x)).unwrap()];
        assert_eq!(limits.enter(&a, Some(&x)).err().map(|r| r.code()), Some(Code::TooManyCalls));
        assert!(limits.enter(&b, Some(&x)).is_ok());
        limits.tidy();
        drop(running);
        assert!(limits.enter(&a, Some(&x)).is_ok());
    }

    #[test]
    fn looks_and_waits_are_bounded_too_and_each_for_itself() {
        let (a, b, x, _) = names();
        let limits = limits(6, 600, 1);
        assert!((0..20).any(|_| limits.look(&a).is_err_and(|r| r.code() == Code::RateLimited)));
        assert!(limits.look(&b).is_ok());
        let most = DoorLimits::default().requests_waiting;
        let mut waiting: Vec<Pass> = (0..most).map(|_| limits.stand(&a).unwrap()).collect();
        assert_eq!(limits.stand(&a).err().map(|r| r.code()), Some(Code::TooManyCalls));
        assert!(limits.stand(&b).is_ok());
        assert!(limits.enter(&a, Some(&x)).is_ok());
        waiting.pop();
        assert!(limits.stand(&a).is_ok());
    }

    #[test]
    fn a_flood_is_noted_once_and_counted() {
        let (a, b, ..) = names();
        let limits = limits(600, 600, 2);
        assert_eq!(limits.worth_noting(&a), Some(0));
        assert_eq!([limits.worth_noting(&a), limits.worth_noting(&a)], [None, None]);
        assert_eq!(limits.worth_noting(&b), Some(0));
        limits.tidy();
        limits.agents().get_mut(&a).unwrap().noted = Instant::now().checked_sub(NOTE_EVERY);
        assert_eq!(limits.worth_noting(&a), Some(2));
    }
}
