//! What does `/metrics` tell? Requests by route and status, how long they took, how many wait for the database, what due work is parked, and
//! how the jobs fare.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use super::lanes::Lanes;
use crate::platform::clock::{self, Stopwatch};
use crate::platform::vitals;
use crate::storage::parked_work::views::stuck::OfAll;

/// Upper bounds in seconds: from half a millisecond, what one SELECT takes, to a minute, what a long command may take.
const BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];

/// How old what is said of stuck work may be.
const RECENT: Duration = Duration::from_secs(5);

/// A request that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// Such as `GET`.
    pub method: &'a str,
    /// The route that matched, such as `/v1/customers/{id}`.
    pub route: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// From its first byte to its answer.
    pub took: Duration,
}

/// Counters of one server.
pub struct Metrics {
    registry: Registry,
    requests: Option<IntCounterVec>,
    seconds: Option<HistogramVec>,
    queue: Option<IntGauge>,
    parked: Option<IntGaugeVec>,
    long_work: Option<IntGaugeVec>,
    unfinished: Option<IntGaugeVec>,
    oldest_event: Option<IntGauge>,
    stuck: Mutex<Option<(Stopwatch, OfAll)>>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Metrics {
        let registry = Registry::new();
        let labels = &["method", "route", "status"];
        let requests = IntCounterVec::new(
            Opts::new("http_requests_total", "Requests answered, by route and status."),
            labels,
        )
        .ok();
        let described = HistogramOpts::new("http_request_seconds", "How long requests took, by route.");
        let seconds = HistogramVec::new(described.buckets(BUCKETS.to_vec()), &["method", "route"]).ok();
        let queue = IntGauge::new("db_queue_length", "Requests waiting for a database thread.").ok();
        // A counter that cannot be made or registered is left out: counting must never stop the server.
        if let Some(counter) = &requests {
            let _ = registry.register(Box::new(counter.clone()));
        }
        if let Some(histogram) = &seconds {
            let _ = registry.register(Box::new(histogram.clone()));
        }
        let described = Opts::new("parked_work", "Due work that is put off, by kind, of all tenants.");
        let parked = IntGaugeVec::new(described, &["work"]).ok();
        if let Some(gauge) = &queue {
            let _ = registry.register(Box::new(gauge.clone()));
        }
        if let Some(gauge) = &parked {
            let _ = registry.register(Box::new(gauge.clone()));
        }
        let lanes = Opts::new("long_work", "Long commands under way, and waiting for a place, by lane.");
        let long_work = IntGaugeVec::new(lanes, &["lane", "state"]).ok();
        if let Some(gauge) = &long_work {
            let _ = registry.register(Box::new(gauge.clone()));
        }
        let described = Opts::new(
            "unfinished_work",
            "Long work that was begun and is not through, by kind, of all tenants.",
        );
        let unfinished = IntGaugeVec::new(described, &["kind"]).ok();
        if let Some(gauge) = &unfinished {
            let _ = registry.register(Box::new(gauge.clone()));
        }
        let described =
            "Since how many seconds the oldest event of a live tenant waits for its place in the feed.";
        let oldest_event = IntGauge::new("outbox_oldest_seconds", described).ok();
        if let Some(gauge) = &oldest_event {
            let _ = registry.register(Box::new(gauge.clone()));
        }
        let stuck = Mutex::default();
        Metrics { registry, requests, seconds, queue, parked, long_work, unfinished, oldest_event, stuck }
    }

    /// Counts one request.
    pub fn count(&self, Counted { method, route, status, took }: Counted<'_>) {
        if let Some(requests) = &self.requests {
            requests.with_label_values(&[method, route, &status.to_string()]).inc();
        }
        if let Some(seconds) = &self.seconds {
            seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
        }
    }

    /// What was found stuck a moment ago: however often the counters are asked for, the database is looked at every five seconds.
    pub fn stuck(&self) -> Option<OfAll> {
        let known = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(watch, _)| watch.elapsed() < RECENT).map(|(_, stuck)| stuck.clone())
    }

    /// Keeps what was found stuck.
    pub fn keep(&self, stuck: OfAll) {
        *self.stuck.lock().unwrap_or_else(PoisonError::into_inner) = Some((Stopwatch::start(), stuck));
    }

    /// All counters as Prometheus reads them.
    pub fn text(&self, (queue_length, lanes): (usize, &Lanes), stuck: &OfAll) -> String {
        if let Some(gauge) = &self.long_work {
            for (lane, (under_way, waiting)) in lanes.counts() {
                for (state, count) in [("under_way", under_way), ("waiting", waiting)] {
                    gauge.with_label_values(&[lane, state]).set(count.try_into().unwrap_or(i64::MAX)); // a gauge
                }
            }
        }
        if let Some(queue) = &self.queue {
            queue.set(queue_length.try_into().unwrap_or(i64::MAX)); // a gauge
        }
        if let Some(gauge) = &self.parked {
            gauge.reset();
            for (work, count) in &stuck.parked {
                gauge.with_label_values(&[work]).set(*count);
            }
        }
        if let Some(gauge) = &self.unfinished {
            for one in &stuck.unfinished {
                gauge.with_label_values(&[&one.kind]).set(one.count);
            }
        }
        if let Some(gauge) = &self.oldest_event {
            let waits = stuck.oldest_event_at.map_or(0, |at| (clock::now() - at).num_seconds());
            gauge.set(waits.max(0));
        }
        let families = [self.registry.gather(), vitals::gather()].concat();
        let mut text = Vec::new();
        match TextEncoder::new().encode(&families, &mut text) {
            Ok(()) => String::from_utf8(text).unwrap_or_default(),
            Err(error) => format!("# the counters cannot be gathered: {error}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::places::{LONG_WORK, Places};

    #[test]
    fn a_request_is_counted_by_its_route_and_status() {
        let metrics = Metrics::new();
        let (method, route) = ("GET", "/v1/customers/{id}");
        metrics.count(Counted { method, route, status: 404, took: Duration::from_millis(3) });
        let stuck = OfAll { parked: vec![("billing".to_owned(), 2)], ..OfAll::default() };
        let text = metrics.text((7, &Lanes::beside(&Places::new(LONG_WORK))), &stuck);
        assert!(
            text.contains(r#"http_requests_total{method="GET",route="/v1/customers/{id}",status="404"} 1"#),
            "{text}"
        );
        assert!(text.contains(
            r#"http_request_seconds_bucket{method="GET",route="/v1/customers/{id}",le="0.005"} 1"#
        ));
        assert!(text.contains("db_queue_length 7"));
        assert!(text.contains(r#"parked_work{work="billing"} 2"#), "{text}");
    }
}
