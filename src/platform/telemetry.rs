//! What does the process tell about itself? Log lines on standard error, and numbers for Prometheus.
//!
//! A log line is one JSON object with the fields of the spans around it, so a line from deep inside a request
//! carries `"spans":[{"name":"request","request_id":"req_…"}]`. Standard output stays free for what a command
//! was asked to print. A metric is registered once, in a `static` beside the code that counts, and appears in
//! [`render`] from its first use.

use std::fmt::Debug;
use std::io::stderr;

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, TextEncoder, core::Collector,
};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::config::{LogFormat, LogSettings};
use super::log_lines::LogLines;
use super::{memory, threads};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error(
        "--log-level {given:?} cannot be read ({reason}): use error, warn, info, debug, trace or a filter such as \
        `info,billwright::jobs=debug`"
    )]
    BadLevel {
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No thread for writing it.
    #[error("the thread that writes the log cannot be started: {0}")]
    NoThread(#[from] std::io::Error),
    /// Called twice.
    #[error("logging is set up already")]
    Twice,
}

/// The log, for as long as the process lives. Dropping it writes what still waits, for a second at most.
pub struct Log(LogLines);

impl Log {
    /// Leaves a line for people, such as the error that ends a command, behind all that was logged. Standard error may be full or gone, and neither
    /// keeps the process from its end.
    pub fn tell(&self, line: &str) {
        self.0.leave(format!("{line}\n").as_bytes());
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush();
    }
}

/// Starts logging, once in the life of a process; from now on panics are logged and counted, too.
pub fn init(settings: &LogSettings) -> Result<Log, TelemetryError> {
    let shown: Targets = settings.log_level.parse().map_err(|error: ParseError| {
        TelemetryError::BadLevel { given: settings.log_level.clone(), reason: error.to_string() }
    })?;
    let log = Log(LogLines::start(stderr())?);
    // What goes wrong while logging would be printed by `eprintln!`, which panics where nothing can be logged.
    let lines = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(log.0.clone())
        .log_internal_errors(false);
    let started = match settings.log_format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .map_event_format(CallersFaults)
            .finish()
            .with(shown)
            .try_init(),
        LogFormat::Text => lines
            .with_target(false)
            .with_ansi(false)
            .map_event_format(CallersFaults)
            .finish()
            .with(shown)
            .try_init(),
    };
    started.map_err(|_| TelemetryError::Twice)?;
    threads::tell_of_panics();
    Ok(log)
}

/// Tells again, as a detail, what the HTTP library tells as an error: that a request could not be read, or that its sender went away. Anyone
/// can send such requests, and nobody shall fill the log of errors with them.
struct CallersFaults<F>(F);

impl<S, N, F> FormatEvent<S, N> for CallersFaults<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        line: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        if !tells_of_a_caller(event.metadata()) {
            return self.0.format_event(context, line, event);
        }
        let mut reason = Reason::default();
        event.record(&mut reason);
        tracing::debug!(reason = reason.0, "a request could not be read, or its sender went away");
        Ok(())
    }
}

fn tells_of_a_caller(about: &Metadata<'_>) -> bool {
    *about.level() == Level::ERROR && about.target().starts_with("actix_http::h1")
}

/// The text of an event.
#[derive(Default)]
struct Reason(String);

impl Visit for Reason {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

/// Registers a count of events, by labels: `requests_total{route,status}`.
#[expect(clippy::expect_used, reason = "a wrong name in the source fails the first test that runs")]
pub fn counter(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(IntCounterVec::new(Opts::new(name, help), labels).expect("a metric's name and labels"))
}

/// Registers a number that goes up and down, by labels: `database_queue{}`.
#[expect(clippy::expect_used, reason = "a wrong name in the source fails the first test that runs")]
pub fn gauge(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    registered(IntGaugeVec::new(Opts::new(name, help), labels).expect("a metric's name and labels"))
}

/// Registers a distribution of seconds, by labels, in buckets from 0.5 ms to a minute.
#[expect(clippy::expect_used, reason = "a wrong name in the source fails the first test that runs")]
pub fn histogram(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    const SECONDS: [f64; 16] =
        [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];
    let options = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
    registered(HistogramVec::new(options, labels).expect("a metric's name and labels"))
}

/// Every metric in Prometheus' text format, for `GET /metrics`.
pub fn render() -> String {
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&prometheus::gather(), &mut text) {
        tracing::error!(%error, "the metrics could not be written");
    }
    let mut text = String::from_utf8_lossy(&text).into_owned();
    let peak = memory::peak_rss_mb() << 20;
    text.push_str("# HELP process_peak_resident_memory_bytes The most physical memory ever held.\n");
    text.push_str("# TYPE process_peak_resident_memory_bytes gauge\n");
    text.push_str(&format!("process_peak_resident_memory_bytes {peak}\n"));
    text
}

/// A metric whose name is taken still counts, but is not shown: better than a server that will not start.
fn registered<M: Collector + Clone + 'static>(metric: M) -> M {
    if let Err(error) = prometheus::register(Box::new(metric.clone())) {
        tracing::error!(%error, "a metric could not be registered");
    }
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_rendered_in_the_format_of_prometheus() {
        let seen = counter("test_seen_total", "Things seen.", &["kind"]);
        seen.with_label_values(&["bird"]).inc_by(3);
        gauge("test_waiting", "Things waiting.", &[]).with_label_values::<&str>(&[]).set(-2);
        histogram("test_seconds", "Time taken.", &[]).with_label_values::<&str>(&[]).observe(0.003);
        let text = render();
        for line in [
            "test_seen_total{kind=\"bird\"} 3",
            "test_waiting -2",
            "test_seconds_bucket{le=\"0.002\"} 0",
            "test_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
        }
        assert!(text.contains("process_peak_resident_memory_bytes "));
    }

    #[test]
    fn a_level_that_cannot_be_read_is_refused_with_examples() {
        let settings = LogSettings { log_level: "loud=very".to_owned(), log_format: LogFormat::Json };
        let said = init(&settings).err().unwrap().to_string();
        assert!(said.starts_with("--log-level \"loud=very\" cannot be read"), "{said}");
    }
}
