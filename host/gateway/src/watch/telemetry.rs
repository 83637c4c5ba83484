//! To whom it is told: a collector, where the environment names one, and whoever reads `/metrics`.
//!
//! Nothing is sent unless a variable asks for it, and no call waits for it: what cannot be handed on in time is dropped.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{
    LogExporter, MetricExporter, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use portcullis_egress::{Address, Courier};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::FilterExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, filter::filter_fn};

use super::collector::Collector;
use super::metrics::Metrics;
use super::options::{Exported, Options, Signal};
use super::{Seldom, Watch};

/// Target of what is said about the collector itself. It is not sent there.
pub(crate) const TARGET: &str = "portcullis_gateway::collector";

/// How long the end of a command may wait for what is still to be sent.
const END: Duration = Duration::from_secs(2);

/// Everything that is watched with.
#[derive(Default)]
pub(crate) struct Telemetry {
    traces: Option<SdkTracerProvider>,
    metrics: Option<SdkMeterProvider>,
    logs: Option<SdkLoggerProvider>,
    registry: Option<prometheus::Registry>,
    problems: Vec<String>,
}

impl Telemetry {
    /// As the environment says. `counts` where somebody may read `/metrics`.
    pub(crate) fn start(runtime: &Handle, counts: bool) -> Self {
        let options = Options::read(|name| std::env::var(name).ok());
        let mut telemetry = Self { problems: options.refused.clone(), ..Self::default() };
        if options.exported.is_empty() && !counts {
            return telemetry;
        }
        let resource = resource();
        let (courier, seldom) = (Arc::new(Courier::default()), Collector::seldom());
        let mut meters = SdkMeterProvider::builder().with_resource(resource.clone());
        let mut counted = false;
        for exported in &options.exported {
            let built = collector(exported, &courier, runtime, &seldom).and_then(|way| {
                match exported.signal {
                    Signal::Traces => {
                        let provider = SdkTracerProvider::builder().with_resource(resource.clone());
                        telemetry.traces = Some(provider.with_batch_exporter(spans(exported, way)?).build());
                    }
                    Signal::Logs => {
                        let provider = SdkLoggerProvider::builder().with_resource(resource.clone());
                        telemetry.logs = Some(provider.with_batch_exporter(logs(exported, way)?).build());
                    }
                    Signal::Metrics => {
                        meters = std::mem::take(&mut meters).with_periodic_exporter(metrics(exported, way)?);
                        counted = true;
                    }
                }
                Ok(())
            });
            if let Err(what) = built {
                telemetry.problems.push(format!("{} are not exported: {what}", exported.signal.as_str()));
            }
        }
        if counts {
            let registry = prometheus::Registry::new();
            let exporter =
                opentelemetry_prometheus::exporter().with_registry(registry.clone()).scope_info_enabled(false);
            match exporter.build() {
                Ok(reader) => {
                    (meters, counted) = (meters.with_reader(reader), true);
                    telemetry.registry = Some(registry);
                }
                Err(error) => telemetry.problems.push(format!("nothing is counted: {error}")),
            }
        }
        telemetry.metrics = counted.then(|| meters.build());
        telemetry
    }

    /// For the host.
    pub(crate) fn watch(&self) -> Watch {
        Watch {
            tracer: self.traces.as_ref().map(|provider| provider.tracer("portcullis")),
            metrics: self.metrics.as_ref().map(Metrics::new),
            registry: self.registry.clone(),
        }
    }

    /// What the environment asks for and does not get.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The layer that hands our own log to the collector: whole sentences of ours, from `info` up. Libraries log
    /// requests and messages as they are, and what is below `info` may quote a plugin.
    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> Option<impl Layer<S> + use<S>> {
        let bridge = OpenTelemetryTracingBridge::new(self.logs.as_ref()?);
        Some(bridge.with_filter(LevelFilter::INFO.and(filter_fn(ours))))
    }

    /// Hands on what is left. A collector that does not answer is not waited for.
    pub(crate) fn end(self) {
        if self.traces.is_none() && self.metrics.is_none() && self.logs.is_none() {
            return;
        }
        let (done, ended) = mpsc::channel();
        let end = move || {
            // Traces and logs first: of the three they are what nobody else keeps.
            let traces = self.traces.map(|provider| provider.shutdown_with_timeout(END));
            let logs = self.logs.map(|provider| provider.shutdown_with_timeout(END));
            let metrics = self.metrics.map(|provider| provider.shutdown_with_timeout(END));
            done.send((traces, logs, metrics))
        };
        let Ok(thread) = thread::Builder::new().name("telemetry".to_owned()).spawn(end) else { return };
        if ended.recv_timeout(END).is_ok() {
            drop(thread.join());
        }
    }
}

/// Whether an event is one that the collector may see.
fn ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    (target == "portcullis" || target.starts_with("portcullis_")) && target != TARGET
}

/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` go over what the host says of itself.
fn resource() -> Resource {
    let says = |name: &str, what: &str| std::env::var(name).is_ok_and(|value| value.contains(what));
    let named = says("OTEL_RESOURCE_ATTRIBUTES", "service.name=") || says("OTEL_SERVICE_NAME", "");
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = Resource::builder().with_attribute(version);
    if named { builder.build() } else { builder.with_service_name("portcullis").build() }
}

fn collector(
    exported: &Exported,
    courier: &Arc<Courier>,
    runtime: &Handle,
    seldom: &Arc<Seldom>,
) -> Result<Collector, String> {
    let address = Address::of_collector(&exported.endpoint).map_err(|refusal| refusal.message().to_owned())?;
    let (courier, seldom) = (Arc::clone(courier), Arc::clone(seldom));
    Ok(Collector::new(exported.signal, courier, address, exported.timeout, runtime.clone(), seldom))
}

fn spans(exported: &Exported, way: Collector) -> Result<SpanExporter, String> {
    let exporter = SpanExporter::builder().with_http().with_http_client(way).with_retry_policy(RetryPolicy::default());
    exporter.with_endpoint(&exported.endpoint).with_timeout(exported.timeout).build().map_err(|e| e.to_string())
}

fn logs(exported: &Exported, way: Collector) -> Result<LogExporter, String> {
    let exporter = LogExporter::builder().with_http().with_http_client(way).with_retry_policy(RetryPolicy::default());
    exporter.with_endpoint(&exported.endpoint).with_timeout(exported.timeout).build().map_err(|e| e.to_string())
}

fn metrics(exported: &Exported, way: Collector) -> Result<MetricExporter, String> {
    let exporter =
        MetricExporter::builder().with_http().with_http_client(way).with_retry_policy(RetryPolicy::default());
    exporter.with_endpoint(&exported.endpoint).with_timeout(exported.timeout).build().map_err(|e| e.to_string())
}
