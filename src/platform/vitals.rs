//! Does what runs in the background still run? Counted here, and shown at `/metrics`: when each job last ended well, how often it failed.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry};

struct Vitals {
    registry: Registry,
    ended_well: Option<IntGaugeVec>,
    failures: Option<IntCounterVec>,
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
    Vitals { registry, ended_well, failures }
});

/// A job did all that was due.
pub fn ended_well(job: &str, at: DateTime<Utc>) {
    if let Some(gauge) = &VITALS.ended_well {
        gauge.with_label_values(&[job]).set(at.timestamp());
    }
}

/// A job could not be done for a tenant, or a chore of it could not.
pub fn failed(job: &str) {
    if let Some(counter) = &VITALS.failures {
        counter.with_label_values(&[job]).inc();
    }
}

/// As Prometheus gathers them.
pub fn gather() -> Vec<prometheus::proto::MetricFamily> {
    VITALS.registry.gather()
}
