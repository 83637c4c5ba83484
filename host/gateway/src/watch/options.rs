//! Which signals go to a collector: the standard variables (`OTEL_…`), read once at start.
//!
//! Two things differ from the specification, both so that a host stays silent until somebody asks: a signal is off
//! unless its endpoint, the common endpoint or its exporter variable is set, and what is asked for and cannot be had is
//! refused in words instead of being passed over.

use std::time::Duration;

/// How long one export may take where nothing says otherwise, as the specification has it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Three kinds of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub(crate) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// As it stands in the names of variables.
    fn word(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }

    /// Name for people.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

/// A signal that goes to a collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    pub(crate) signal: Signal,
    /// The whole address.
    pub(crate) endpoint: String,
    pub(crate) timeout: Duration,
}

/// What the variables ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// The signals that go out.
    pub(crate) exported: Vec<Exported>,
    /// What was asked for and cannot be had; the signal it concerns stays off.
    pub(crate) refused: Vec<String>,
}

impl Options {
    /// Reads the variables. An empty one counts as unset.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let mut options = Self::default();
        if variable("OTEL_SDK_DISABLED").is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return options;
        }
        for signal in Signal::ALL {
            match exported(signal, &variable) {
                Ok(Some(exported)) => options.exported.push(exported),
                Ok(None) => {}
                Err(what) => options.refused.push(format!("{} are not exported: {what}", signal.as_str())),
            }
        }
        options
    }
}

fn exported(signal: Signal, variable: &impl Fn(&str) -> Option<String>) -> Result<Option<Exported>, String> {
    let word = signal.word();
    // One for this signal goes over the one for all.
    let of = |what: &str| {
        [format!("OTEL_EXPORTER_OTLP_{word}_{what}"), format!("OTEL_EXPORTER_OTLP_{what}")]
            .into_iter()
            .find_map(|name| variable(&name).map(|value| (name, value)))
    };
    let own = variable(&format!("OTEL_EXPORTER_OTLP_{word}_ENDPOINT"));
    let common = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
    let exporter = format!("OTEL_{word}_EXPORTER");
    match variable(&exporter).as_deref() {
        Some("none") => return Ok(None),
        Some("otlp") => {}
        Some(_) => return Err(format!("{exporter}: expected `otlp` or `none`")),
        None if own.is_none() && common.is_none() => return Ok(None),
        None => {}
    }
    if let Some((name, value)) = of("PROTOCOL")
        && value != "http/protobuf"
    {
        return Err(format!("{name}: only `http/protobuf` is spoken here"));
    }
    if let Some((name, _)) = of("COMPRESSION").filter(|(_, value)| value != "none") {
        return Err(format!("{name}: nothing is compressed here"));
    }
    for what in ["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"] {
        if let Some((name, _)) = of(what) {
            return Err(format!("{name}: certificates are those of this machine, and no other is taken"));
        }
    }
    let timeout = match of("TIMEOUT") {
        None => TIMEOUT,
        Some((name, value)) => match value.parse::<u64>() {
            Ok(ms) if ms > 0 => Duration::from_millis(ms),
            _ => return Err(format!("{name}: expected milliseconds")),
        },
    };
    let endpoint = own.unwrap_or_else(|| {
        let base = common.unwrap_or_else(|| "http://localhost:4318".to_owned());
        format!("{}/v1/{}", base.trim_end_matches('/'), signal.as_str())
    });
    Ok(Some(Exported { signal, endpoint, timeout }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Options {
        Options::read(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    fn endpoints(set: &[(&str, &str)]) -> Vec<String> {
        read(set).exported.into_iter().map(|exported| exported.endpoint).collect()
    }

    const ALL: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/");

    #[test]
    fn nothing_goes_out_unless_asked_for() {
        assert_eq!(read(&[]), Options::default());
        assert_eq!(read(&[("OTEL_SERVICE_NAME", "gate"), ("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), Options::default());
        assert_eq!(read(&[ALL, ("OTEL_SDK_DISABLED", "true")]), Options::default());
        let none = ["TRACES", "METRICS", "LOGS"].map(|word| format!("OTEL_{word}_EXPORTER"));
        let set: Vec<_> = none.iter().map(|name| (name.as_str(), "none")).chain([ALL]).collect();
        assert_eq!(read(&set), Options::default());
    }

    #[test]
    fn the_common_endpoint_is_a_base_and_a_signals_own_is_the_whole_address() {
        let paths = ["traces", "metrics", "logs"].map(|path| format!("http://127.0.0.1:4318/v1/{path}"));
        assert_eq!(endpoints(&[ALL]), paths);
        let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector.example/in");
        assert_eq!(endpoints(&[own]), ["https://collector.example/in"]);
        assert_eq!(endpoints(&[("OTEL_LOGS_EXPORTER", "otlp")]), ["http://localhost:4318/v1/logs"]);
    }

    #[test]
    fn what_cannot_be_had_is_refused_in_words() {
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ] {
            let options = read(&[ALL, (name, value)]);
            assert_eq!((options.exported.len(), options.refused.len()), (0, 3), "{name}");
            assert!(options.refused.iter().all(|what| what.contains(name)), "{:?}", options.refused);
        }
        let options = read(&[ALL, ("OTEL_TRACES_EXPORTER", "console")]);
        assert_eq!((options.exported.len(), options.refused.len()), (2, 1));
        let own = read(&[ALL, ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"), ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "250")]);
        assert_eq!(
            own.exported.iter().map(|e| (e.signal, e.timeout)).collect::<Vec<_>>(),
            [(Signal::Logs, Duration::from_millis(250))]
        );
    }
}
