//! Does the cursor lose or repeat anything? Billing that looks back no further than its cursor finds, at each date, just
//! what billing from the first day finds; and before `next_bill_at` there is nothing to find.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::history::{History, at, flat, in_advance, in_arrears, once, per_unit};
use crate::domain::billing::expected::Cursor;
use crate::domain::billing::segments;
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::laws::tried;
use crate::domain::money::Currency;

fn subscriptions() -> impl Strategy<Value = History> {
    let units = proptest::sample::select(vec![(Unit::Week, 2), (Unit::Month, 1), (Unit::Quarter, 1)]);
    let zones = proptest::sample::select(vec!["UTC", "America/New_York", "Pacific/Apia", "Asia/Kolkata"]);
    let starts = prop::collection::vec((0..400_i64, 0..4_usize, 0..20_i64), 1..4);
    (units, zones, starts, prop::option::of(0..500_i64)).prop_map(|((unit, count), zone, starts, end)| {
        let first = at("2026-01-07T13:00:00Z");
        let interval = Interval::new(unit, count).unwrap();
        let cycle = Cycle::starting(first, None, interval, Zone::parse(zone).unwrap()).unwrap();
        let mut history = History::new(cycle, Currency::parse("EUR").unwrap());
        for (days, offer, quantity) in starts {
            let offers = [
                in_advance(flat("31.00")),
                in_arrears(per_unit("1.10")),
                in_arrears(flat("0")),
                once(flat("8.00")),
            ];
            let item =
                history.start(offers[offer].clone(), Decimal::from(quantity), first + TimeDelta::days(days));
            if let Some(end) = end {
                history.end(item, first + TimeDelta::days(days + end));
            }
        }
        history
    })
}

fn instant(days: i64) -> DateTime<Utc> {
    at("2026-01-01T04:00:00Z") + TimeDelta::days(days)
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn looking_back_to_the_cursor_finds_all_there_is(subscription in subscriptions(), mut days in prop::collection::vec(0..600_i64, 1..6)) {
        days.sort_unstable();
        let mut subscription = subscription;
        let mut cursor = segments::first_look(&subscription.timeline).unwrap();
        for day in days {
            cursor = subscription.bill_from(cursor.settled_to, instant(day)).1;
            let left = subscription.bill(instant(day));
            prop_assert!(left.is_empty(), "the cursor skipped {:?}", left);
        }
    }

    #[test]
    fn nothing_is_due_before_the_next_billing_and_something_is_then(subscription in subscriptions()) {
        let mut subscription = subscription;
        let mut cursor: Cursor = segments::first_look(&subscription.timeline).unwrap();
        for _ in 0..12 {
            let Some(next) = cursor.next_bill_at else { break };
            let early = subscription.bill_from(cursor.settled_to, next - TimeDelta::seconds(1)).0;
            prop_assert!(early.is_empty(), "due before {}: {:?}", next, early);
            let (found, after) = subscription.bill_from(cursor.settled_to, next);
            prop_assert!(!found.is_empty(), "nothing was due at {}", next);
            prop_assert!(after.next_bill_at.is_none_or(|later| later > next));
            cursor = after;
        }
    }
}
