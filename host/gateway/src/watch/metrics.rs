//! What is counted and timed: one set of instruments, for `/metrics` and for a collector alike.
//!
//! Labels are installed actions and ports, codes, rooms and fixed words, so that their number has a bound that no agent
//! and no service can move: an action that is not installed is `unknown`, an odd status `other`.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use portcullis_model::{ActionId, Code};
use portcullis_policy::ApprovalState;

use super::spans::Told;

/// Seconds: from a check of the host's own to the longest wait for a service.
const ROOM: [f64; 16] =
    [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 1e-2, 2.5e-2, 1e-1, 0.25, 1.0, 5.0, 30.0, 120.0];

/// Seconds: how long a person takes.
const PERSON: [f64; 12] = [1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 86400.0];

/// The instruments.
pub(crate) struct Metrics {
    calls: Counter<u64>,
    refusals: Counter<u64>,
    call_time: Histogram<f64>,
    room_time: Histogram<f64>,
    upstream: Counter<u64>,
    waiting: Gauge<u64>,
    wait_time: Histogram<f64>,
    standing: Counter<u64>,
    shadow: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new(provider: &SdkMeterProvider) -> Self {
        let meter = provider.meter("portcullis");
        let times = |name: &'static str, what: &'static str, bounds: &[f64]| {
            meter.f64_histogram(name).with_unit("s").with_description(what).with_boundaries(bounds.to_vec()).build()
        };
        let counts = |name: &'static str, what: &'static str| meter.u64_counter(name).with_description(what).build();
        meter
            .u64_gauge("portcullis.build.info")
            .with_description("The version that runs.")
            .build()
            .record(1, &[KeyValue::new("version", env!("CARGO_PKG_VERSION"))]);
        let waiting =
            meter.u64_gauge("portcullis.approvals.waiting").with_description("Calls that wait for a person.").build();
        Self {
            calls: counts("portcullis.calls", "Calls, by what was decided about them."),
            refusals: counts("portcullis.refusals", "Refusals, by code and by the room that said it."),
            call_time: times("portcullis.call.duration", "Time of a call, waiting for a person left out.", &ROOM),
            room_time: times("portcullis.room.duration", "Time of a call in each room.", &ROOM),
            upstream: counts("portcullis.upstream.answers", "Answers of services, by status."),
            waiting,
            wait_time: times("portcullis.approval.wait", "Time until a call that waited was decided.", &PERSON),
            standing: counts("portcullis.standing.uses", "Calls that a standing approval let go."),
            shadow: counts("portcullis.shadow.decisions", "What rules in shadow mode would have decided."),
        }
    }

    pub(crate) fn call(&self, told: &Told<'_>) {
        let watch = told.watch;
        let decision = KeyValue::new("decision", watch.decision().as_str());
        self.call_time.record(watch.whole().1.as_secs_f64(), std::slice::from_ref(&decision));
        self.calls.add(1, &[action(watch.action()), decision]);
        if let Some(code) = told.refused {
            self.refused(code);
        }
        for (lap, stay) in watch.stays() {
            let time = stay.to.saturating_sub(stay.from);
            self.room_time.record(time.as_secs_f64(), &[KeyValue::new("room", lap.as_str())]);
        }
        if let (Some(id), Some(status)) = (watch.action(), watch.status()) {
            self.upstream.add(1, &[KeyValue::new("port", id.port.to_string()), KeyValue::new("status", word(status))]);
        }
    }

    pub(crate) fn refused(&self, code: Code) {
        let room = KeyValue::new("room", code.room().as_str());
        self.refusals.add(1, &[KeyValue::new("code", code.as_str()), room]);
    }

    pub(crate) fn waiting(&self, count: usize) {
        self.waiting.record(count as u64, &[]);
    }

    pub(crate) fn decided(&self, state: ApprovalState, waited: Duration) {
        let answer = match state {
            ApprovalState::Rejected => "rejected",
            ApprovalState::Expired => "expired",
            _ => "approved",
        };
        self.wait_time.record(waited.as_secs_f64(), &[KeyValue::new("answer", answer)]);
    }

    pub(crate) fn standing(&self, id: &ActionId) {
        self.standing.add(1, &[action(Some(id))]);
    }

    pub(crate) fn shadow(&self, rule: &str, would: &str) {
        self.shadow.add(1, &[KeyValue::new("rule", rule.to_owned()), KeyValue::new("would", would.to_owned())]);
    }
}

fn action(id: Option<&ActionId>) -> KeyValue {
    KeyValue::new("action", id.map_or_else(|| "unknown".to_owned(), ToString::to_string))
}

/// A status of RFC 9110; a service that makes others up does not make labels.
fn word(status: u16) -> String {
    if (100..600).contains(&status) { status.to_string() } else { "other".to_owned() }
}
