//! Does what runs in the background still run? Counted here, and shown at `/metrics`: when each job last ended well, how often it failed, what
//! panicked, and what could not be logged.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use prometheus::core::Collector;
use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry};

struct Vitals {
    registry: Registry,
    ended_well: Option<IntGaugeVec>,
    failures: Option<IntCounterVec>,
    restarts: Option<IntCounterVec>,
    panics: Option<IntCounter>,
    dropped: Option<IntCounter>,
}

static VITALS: LazyLock<Vitals> = LazyLock::new(|| {
    let registry = Registry::new();
    let labels = &["job"];
    let described =
        Opts::new("job_last_success_timestamp_seconds", "When each job last did all that was due.");
    let ended_well = IntGaugeVec::new(described, labels).ok();
    let described = Opts::new("job_failures_total", "Tenants and chores that a job could not be done for.");
    let failures = IntCounterVec::new(described, labels).ok();
    // As in every registry: counting must never stop what is counted.
    if let Some(gauge) = &ended_well {
        let _ = registry.register(Box::new(gauge.clone()));
    }
    if let Some(counter) = &failures {
        let _ = registry.register(Box::new(counter.clone()));
    }
    let described =
        Opts::new("thread_restarts_total", "Threads that panicked and were begun again, by name.");
    let restarts = IntCounterVec::new(described, &["thread"]).ok();
    if let Some(counter) = &restarts {
        let _ = registry.register(Box::new(counter.clone()));
    }
    let panics =
        IntCounter::new("panics_total", "Panics of this process, each of which ended what it was in alone.")
            .ok();
    let dropped =
        IntCounter::new("log_lines_dropped_total", "Lines of the log that could not be written.").ok();
    for counter in panics.iter().chain(&dropped) {
        let _ = registry.register(Box::new(counter.clone()));
    }
    Vitals { registry, ended_well, failures, restarts, panics, dropped }
});

/// A job did all that was due.
pub fn ended_well(job: &str, at: DateTime<Utc>) {
    if let Some(gauge) = &VITALS.ended_well {
        gauge.with_label_values(&[job]).set(at.timestamp());
    }
}

/// When each job of this process last ended well, by name.
pub fn jobs() -> Vec<(String, DateTime<Utc>)> {
    let families = VITALS.ended_well.iter().flat_map(Collector::collect);
    let metrics = families.flat_map(|family| family.get_metric().to_vec());
    let mut jobs: Vec<(String, DateTime<Utc>)> = metrics
        .filter_map(|metric| {
            let name = metric.get_label().first()?.value().to_owned();
            let seconds = format!("{:.0}", metric.get_gauge().get_value());
            Some((name, DateTime::from_timestamp(seconds.parse().ok()?, 0)?))
        })
        .collect();
    jobs.sort();
    jobs
}

/// A job could not be done for a tenant, or a chore of it could not.
pub fn failed(job: &str) {
    if let Some(counter) = &VITALS.failures {
        counter.with_label_values(&[job]).inc();
    }
}

/// A thread panicked and was begun again.
pub fn restarted(thread: &str) {
    if let Some(counter) = &VITALS.restarts {
        counter.with_label_values(&[thread]).inc();
    }
}

/// How often that happened to a thread.
pub fn restarts(thread: &str) -> u64 {
    VITALS.restarts.as_ref().map_or(0, |counter| counter.with_label_values(&[thread]).get())
}

/// Something panicked.
pub fn panicked() {
    if let Some(counter) = &VITALS.panics {
        counter.inc();
    }
}

/// So many lines could not be logged; gives how many it were in all.
pub fn log_lines_dropped(lines: u64) -> u64 {
    let Some(counter) = &VITALS.dropped else { return 0 };
    counter.inc_by(lines);
    counter.get()
}

/// As Prometheus gathers them.
pub fn gather() -> Vec<prometheus::proto::MetricFamily> {
    VITALS.registry.gather()
}
