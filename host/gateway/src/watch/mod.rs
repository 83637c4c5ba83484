//! Watching: what a call did and how long each room took, for whoever is set to see it.
//!
//! [`rooms`] takes the times, [`spans`] and [`metrics`] hand them on, [`telemetry`] says to whom. Nothing here holds a
//! credential, an input, a body, a path or a header.

mod collector;
mod metrics;
mod options;
mod rooms;
mod seldom;
mod settings;
mod spans;
mod telemetry;

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracer;
use portcullis_model::{ActionId, Code};
use portcullis_policy::ApprovalState;

use metrics::Metrics;
pub(crate) use rooms::{Decided, Lap, Stopwatch};
pub(crate) use seldom::Seldom;
pub(crate) use settings::MetricsSettings;
pub(crate) use spans::Told;
pub(crate) use telemetry::Telemetry;

/// What the environment asks for: what goes where, and what is asked for and cannot be had. For `doctor`.
pub(crate) fn asked_for() -> (Vec<String>, Vec<String>) {
    let options = options::Options::read(|name| std::env::var(name).ok());
    let mut refused = options.refused;
    let mut goes = Vec::new();
    for exported in &options.exported {
        match portcullis_egress::Address::of_collector(&exported.endpoint) {
            Ok(address) => goes.push(format!("{} to {}", exported.signal.as_str(), address.origin())),
            Err(refusal) => {
                refused.push(format!("{} are not exported: {}", exported.signal.as_str(), refusal.message()));
            }
        }
    }
    (goes, refused)
}

/// Who is told of calls. Nobody, unless the environment or `serve` says so.
#[derive(Default)]
pub(crate) struct Watch {
    tracer: Option<SdkTracer>,
    metrics: Option<Metrics>,
    registry: Option<prometheus::Registry>,
}

impl Watch {
    /// A call is over.
    pub(crate) fn told(&self, told: &Told<'_>) {
        if let Some(metrics) = &self.metrics {
            metrics.call(told);
        }
        match &self.tracer {
            Some(tracer) => spans::emit(tracer, told, || say(told)),
            None => say(told),
        }
    }

    /// A door refused what did not become a call.
    pub(crate) fn refused_at_door(&self, code: Code) {
        if let Some(metrics) = &self.metrics {
            metrics.refused(code);
        }
    }

    /// So many calls wait for a person.
    pub(crate) fn waiting(&self, count: usize) {
        if let Some(metrics) = &self.metrics {
            metrics.waiting(count);
        }
    }

    /// What waited was decided.
    pub(crate) fn decided(&self, state: ApprovalState, waited: Duration) {
        if let Some(metrics) = &self.metrics {
            metrics.decided(state, waited);
        }
    }

    /// A standing approval let a call go.
    pub(crate) fn standing(&self, action: &ActionId) {
        if let Some(metrics) = &self.metrics {
            metrics.standing(action);
        }
    }

    /// A rule in shadow mode would have decided so. The rule's name is the operator's own.
    pub(crate) fn shadow(&self, rule: &str, would: &str) {
        if let Some(metrics) = &self.metrics {
            metrics.shadow(rule, would);
        }
    }

    /// Every instrument, in the text format of Prometheus. Empty where nothing is counted.
    pub(crate) fn text(&self) -> String {
        let Some(registry) = &self.registry else { return String::new() };
        prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap_or_default()
    }
}

/// One line a call, for the log.
fn say(told: &Told<'_>) {
    let watch = told.watch;
    tracing::info!(
        call = told.call.as_str(),
        agent = told.agent.as_str(),
        port = watch.action().map(|action| action.port.as_str()),
        action = watch.action().map(|action| action.action.as_str()),
        decision = watch.decision().as_str(),
        code = told.refused.map(Code::as_str),
        status = watch.status(),
        "a call ended"
    );
}
