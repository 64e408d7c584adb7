//! Do roll-ups always say what the events say? Any events, in any order, in any batches, some sent twice: what is measured in any period is
//! what a plain walk over the events gives.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Metering, summary};

const START: &str = "2026-01-05T00:00:00Z";
const AGGREGATIONS: [&str; 7] = ["sum", "count", "max", "latest", "unique_count", "weighted_sum", "average"];

/// Seconds after the start, value, dimension.
type Used = (i64, i64, u8);

fn at(seconds: i64) -> DateTime<Utc> {
    START.parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// What a meter measures of a group in a period, by a walk over all its events in order.
fn walk(aggregation: &str, events: &[(i64, i64)], (from, to): (i64, i64)) -> Decimal {
    let inside: Vec<i64> = events.iter().filter(|e| e.0 >= from && e.0 < to).map(|e| e.1).collect();
    let count = Decimal::from(inside.len());
    match aggregation {
        "sum" => inside.iter().sum::<i64>().into(),
        "count" => count,
        "max" => inside.iter().max().copied().unwrap_or(0).into(),
        "latest" => inside.last().copied().unwrap_or(0).into(),
        "unique_count" => inside.iter().collect::<BTreeSet<_>>().len().into(),
        "average" if inside.is_empty() => Decimal::ZERO,
        "average" => (Decimal::from(inside.iter().sum::<i64>()) / count).round_dp(9),
        _ => {
            let mut held = 0;
            for (n, event) in events.iter().enumerate() {
                let until = events.get(n + 1).map_or(to, |next| next.0).min(to);
                held += event.1 * (until - event.0.max(from)).max(0);
            }
            (Decimal::from(held) / Decimal::from(3_600)).round_dp(9)
        }
    }
}

/// Every instant is used once, so that which is the latest does not depend on a key.
fn usages() -> impl Strategy<Value = Vec<Used>> {
    prop::collection::btree_map(0_i64..300_000, (-50_i64..50, 0_u8..3), 1..40)
        .prop_map(|all| all.into_iter().map(|(at, (value, group))| (at, value, group)).collect::<Vec<_>>())
        .prop_shuffle()
}

fn event(n: usize, used: &Used) -> Value {
    json!({ "id": n.to_string(), "source": "api", "type": "llm.request", "subject": "acme", "time": at(used.0),
            "data": { "v": used.1, "model": format!("m{}", used.2) } })
}

/// One history of a meter.
#[derive(Debug, Clone)]
struct History {
    used: Vec<Used>,
    /// How many events each batch has.
    batches: Vec<usize>,
    /// Which periods are looked at.
    periods: Vec<(i64, i64)>,
}

fn histories() -> impl Strategy<Value = History> {
    let periods = prop::collection::vec((0_i64..300_000, 0_i64..300_000), 1..5);
    let drawn = (usages(), prop::collection::vec(1_usize..9, 1..10), periods);
    drawn.prop_map(|(used, batches, periods)| History { used, batches, periods })
}

/// What the server measures of each group, where it is not nothing.
fn counted(seller: &Metering, aggregation: &str, period: (i64, i64)) -> BTreeMap<String, Decimal> {
    let query = format!("from={}&to={}&group=model", rfc(period.0), rfc(period.1));
    let reply = seller.usage(aggregation, &query).is(200);
    let groups = reply.json["data"][0]["groups"].as_array().cloned().unwrap_or_default();
    let quantity = |group: &Value| -> Decimal { group["quantity"].as_str().unwrap().parse().unwrap() };
    let name = |group: &Value| group["dimensions"]["model"].as_str().unwrap().to_owned();
    let groups = groups.iter().map(|group| (name(group), quantity(group).round_dp(9).normalize()));
    groups.filter(|group| !group.1.is_zero()).collect()
}

fn measured_as_walked(history: History) -> Result<(), TestCaseError> {
    let History { used, batches, periods } = history;
    let seller = Metering::at("2026-02-01T00:00:00Z");
    for aggregation in AGGREGATIONS {
        let property = if aggregation == "count" { Value::Null } else { json!("v") };
        let meter =
            json!({ "aggregation": aggregation, "value_property": property, "dimensions": ["model"] });
        seller.meter(aggregation, meter);
    }
    let events: Vec<Value> = used.iter().enumerate().map(|(n, used)| event(n, used)).collect();
    let (mut rest, mut sizes) = (events.as_slice(), batches.iter().cycle());
    while !rest.is_empty() {
        let (batch, others) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        seller.send(Value::Array(batch.to_vec())).is(200);
        rest = others;
    }
    let again = summary(&seller.send(Value::Array(events.clone())));
    prop_assert_eq!(again, format!("0 accepted, {} duplicates, 0 kept, 0 rejected", events.len()));
    let mut groups: BTreeMap<u8, Vec<(i64, i64)>> = BTreeMap::new();
    for &(at, value, group) in &used {
        groups.entry(group).or_default().push((at, value));
    }
    groups.values_mut().for_each(|events| events.sort_unstable());
    for (from, to) in periods.iter().map(|p| (p.0.min(p.1), p.0.max(p.1))).chain([(0, 604_800)]) {
        for aggregation in AGGREGATIONS {
            let walked = |events: &Vec<_>| walk(aggregation, events, (from, to)).normalize();
            let expected = groups.iter().map(|(group, events)| (format!("m{group}"), walked(events)));
            let expected: BTreeMap<_, _> = expected.filter(|group| !group.1.is_zero()).collect();
            let counted = counted(&seller, aggregation, (from, to));
            prop_assert_eq!(counted, expected, "{} of {} to {}", aggregation, at(from), at(to));
        }
    }
    Ok(())
}

/// Each history takes a server a third of a second, so there are few, whatever `PROPTEST_CASES` says.
#[test]
fn what_is_measured_is_what_the_events_say() {
    let few = ProptestConfig {
        cases: 12,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(few).run(&histories(), measured_as_walked).unwrap();
}

fn rfc(seconds: i64) -> String {
    at(seconds).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
