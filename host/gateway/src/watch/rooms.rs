//! The stopwatch that goes with a call from room to room.
//!
//! It knows rooms and times and a few words and numbers about the call, each of a type of its own: there is no way to
//! give it an input, a body, a path or a header. It costs a look at the clock a room; whoever wants spans makes them
//! from it when the call is over.

use std::time::{Duration, Instant, SystemTime};

use portcullis_model::{ActionId, Room};
use portcullis_policy::RoomTimes;

/// A room of a call. The log has two: it opens before the send and closes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lap {
    /// Finding the action.
    Registry,
    /// Checking the input.
    Schema,
    /// Letting the plugin describe.
    Sandbox,
    /// Checking what it described.
    Route,
    /// Deciding.
    Policy,
    /// Holding the request for a person, or taking a person's yes.
    Approval,
    /// Making the intent durable.
    AuditOpen,
    /// Sending, and reading the answer.
    Egress,
    /// Making a result of the answer.
    Shape,
    /// Recording how it ended.
    AuditClose,
}

impl Lap {
    /// Every room, in the order of a call.
    pub(crate) const ALL: [Self; 10] = [
        Self::Registry,
        Self::Schema,
        Self::Sandbox,
        Self::Route,
        Self::Policy,
        Self::Approval,
        Self::AuditOpen,
        Self::Egress,
        Self::Shape,
        Self::AuditClose,
    ];

    /// Name in spans, metrics and audit rows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Schema => "schema",
            Self::Sandbox => "sandbox",
            Self::Route => "route",
            Self::Policy => "policy",
            Self::Approval => "approval",
            Self::AuditOpen => "audit-open",
            Self::Egress => "egress",
            Self::Shape => "shape",
            Self::AuditClose => "audit-close",
        }
    }

    /// The room in which a refusal was made. A door is before all of them.
    fn of(room: Room) -> Option<Self> {
        match room {
            Room::Registry => Some(Self::Registry),
            Room::Schema => Some(Self::Schema),
            Room::Sandbox => Some(Self::Sandbox),
            Room::RouteCheck => Some(Self::Route),
            Room::Policy => Some(Self::Policy),
            Room::Approval => Some(Self::Approval),
            Room::Audit => Some(Self::AuditOpen),
            Room::Egress => Some(Self::Egress),
            Room::Shape => Some(Self::Shape),
            _ => None,
        }
    }
}

/// What let a call go on, or stopped it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Decided {
    /// It was refused before anybody decided.
    #[default]
    Refused,
    /// A rule let it go without a person.
    Automatic,
    /// A person is asked.
    Held,
    /// A person said yes to this one request.
    Approved,
    /// A person said yes to requests like it.
    Standing,
    /// A rule says no.
    Denied,
}

impl Decided {
    /// Name in spans and metrics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Automatic => "automatic",
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Standing => "standing",
            Self::Denied => "denied",
        }
    }
}

/// From when to when, since the call began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stay {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

/// The times of one call.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    began: SystemTime,
    started: Instant,
    last: Duration,
    stays: [Option<Stay>; Lap::ALL.len()],
    action: Option<ActionId>,
    decided: Decided,
    request_bytes: usize,
    response_bytes: usize,
    status: Option<u16>,
}

impl Stopwatch {
    /// The call enters the first room.
    pub(crate) fn start() -> Self {
        Self {
            began: SystemTime::now(),
            started: Instant::now(),
            last: Duration::ZERO,
            stays: [None; Lap::ALL.len()],
            action: None,
            decided: Decided::default(),
            request_bytes: 0,
            response_bytes: 0,
            status: None,
        }
    }

    /// The call leaves a room, and enters the next.
    pub(crate) fn lap(&mut self, lap: Lap) {
        let now = self.started.elapsed();
        let stay = &mut self.stays[lap as usize];
        *stay = Some(Stay { from: stay.map_or(self.last, |stay| stay.from), to: now });
        self.last = now;
    }

    /// The call is stopped in the room that says so.
    pub(crate) fn stopped(&mut self, room: Room) {
        if let Some(lap) = Lap::of(room) {
            self.lap(lap);
        }
    }

    /// The action is one that is installed. Until then its name is the agent's word, and names nothing.
    pub(crate) fn known(&mut self, action: ActionId) {
        self.action = Some(action);
    }

    /// It was decided.
    pub(crate) fn decided(&mut self, decided: Decided) {
        self.decided = decided;
    }

    /// What went out and what came back.
    pub(crate) fn exchanged(&mut self, request_bytes: usize, status: Option<u16>, response_bytes: usize) {
        (self.request_bytes, self.status, self.response_bytes) = (request_bytes, status, response_bytes);
    }

    /// Microseconds by room so far.
    pub(crate) fn times(&self) -> RoomTimes {
        self.stays().map(|(lap, stay)| (lap.as_str(), micros(stay.to.saturating_sub(stay.from)))).collect()
    }

    /// The rooms that were entered.
    pub(crate) fn stays(&self) -> impl Iterator<Item = (Lap, Stay)> {
        Lap::ALL.into_iter().filter_map(|lap| Some((lap, self.stays[lap as usize]?)))
    }

    /// When it began, and how long that was ago when the last room was left.
    pub(crate) fn whole(&self) -> (SystemTime, Duration) {
        (self.began, self.last)
    }

    /// The installed action, if there is one.
    pub(crate) fn action(&self) -> Option<&ActionId> {
        self.action.as_ref()
    }

    /// What was decided.
    pub(crate) fn decision(&self) -> Decided {
        self.decided
    }

    /// The service's status.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status
    }

    /// Bytes of the two bodies.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.request_bytes, self.response_bytes)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_follow_each_other_and_a_refusal_ends_in_its_own() {
        let mut watch = Stopwatch::start();
        watch.lap(Lap::Registry);
        watch.lap(Lap::Schema);
        watch.stopped(Room::Sandbox);
        watch.lap(Lap::AuditClose);
        let rooms: Vec<_> = watch.times().iter().map(|(room, _)| room).collect();
        assert_eq!(rooms, ["registry", "schema", "sandbox", "audit-close"]);
        let stays: Vec<_> = watch.stays().map(|(_, stay)| stay).collect();
        assert!(stays.windows(2).all(|pair| pair[0].to == pair[1].from), "{stays:?}");
        assert_eq!(stays.last().map(|stay| stay.to), Some(watch.whole().1));
    }

    #[test]
    fn a_door_is_before_all_rooms() {
        let mut watch = Stopwatch::start();
        watch.stopped(Room::Door);
        assert!(watch.times().is_empty());
    }
}
