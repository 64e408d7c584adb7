//! How does a test live through a subscription? A timeline that can be changed at any instant and billed at any other,
//! with a memory of every line: starting 5 seats, making them 8 on the 16th, billing on the 1st.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::billing::difference::{self, Missing};
use crate::domain::billing::expected::Cursor;
use crate::domain::billing::explain::{self, Known};
use crate::domain::billing::piece::{Key, Readings, Segment};
use crate::domain::billing::recorded::Recorded;
use crate::domain::billing::segments::{self, Window};
use crate::domain::billing::taken_back::TakenBack;
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::billing::{Grounds, Line};
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::catalog::{Billing, Metering, PriceKind, PriceModel, TaxTerms};
use crate::domain::ids::{ItemId, ItemVersionId, PriceId, SubscriptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::subscriptions::{Bounds, ItemVersion, PriceTerms, Timeline};

/// `2026-01-31` (midnight UTC) or `2026-01-31T12:00:00Z`.
pub fn at(text: &str) -> DateTime<Utc> {
    let whole = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    whole.parse().unwrap()
}

pub fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

pub fn flat(amount: &str) -> PriceModel {
    PriceModel::Flat { amount: d(amount) }
}

pub fn per_unit(amount: &str) -> PriceModel {
    PriceModel::PerUnit { unit_amount: d(amount) }
}

/// A price before it has a place in a plan.
#[derive(Debug, Clone)]
pub struct Offer {
    pub kind: PriceKind,
    pub billing: Billing,
    pub metering: Option<Metering>,
    pub model: PriceModel,
}

pub fn in_advance(model: PriceModel) -> Offer {
    Offer { kind: PriceKind::Recurring, billing: Billing::InAdvance, metering: None, model }
}

pub fn in_arrears(model: PriceModel) -> Offer {
    Offer { kind: PriceKind::Recurring, billing: Billing::InArrears, metering: None, model }
}

pub fn once(model: PriceModel) -> Offer {
    Offer { kind: PriceKind::OneTime, billing: Billing::InAdvance, metering: None, model }
}

/// A subscription, and all that was ever billed for it.
#[derive(Debug)]
pub struct History {
    pub timeline: Timeline,
    pub recorded: Vec<Recorded>,
    /// What meters say.
    pub readings: Readings,
    /// Whether usage of running periods is billed.
    pub usage_early: bool,
    /// Every line, with what had been billed under its key before.
    lines: Vec<(Line, Money)>,
    /// Every line written, as the database's UNIQUE constraint sees it.
    written: HashSet<(Key, i16)>,
    items: u16,
}

impl History {
    pub fn new(cycle: Cycle, currency: Currency) -> History {
        let subscription_id = SubscriptionId::from_uuid(Uuid::from_u128(1));
        let timeline =
            Timeline { subscription_id, currency, cycle, later_cycles: Vec::new(), versions: Vec::new() };
        History {
            timeline,
            recorded: Vec::new(),
            readings: Readings::new(),
            usage_early: false,
            lines: Vec::new(),
            written: HashSet::new(),
            items: 0,
        }
    }

    /// Monthly in USD and UTC, with an anchor day if one is given.
    pub fn monthly(start: &str, anchor_day: Option<u32>) -> History {
        let interval = Interval::new(Unit::Month, 1).unwrap();
        History::new(Cycle::starting(at(start), anchor_day, interval, Zone::UTC).unwrap(), usd())
    }

    /// Adds an item until further notice and gives its number.
    pub fn start(&mut self, offer: Offer, quantity: Decimal, from: DateTime<Utc>) -> u16 {
        let item = self.items;
        self.items += 1;
        let terms = Arc::new(PriceTerms {
            own_tax_terms: TaxTerms::default(),
            price_id: PriceId::from_uuid(Uuid::from_u128(u128::from(item))),
            code: format!("item_{item}").into(),
            description: format!("Item {item}").into(),
            position: i16::try_from(item).unwrap(),
            kind: offer.kind,
            billing: offer.billing,
            model: offer.model,
            metering: offer.metering.map(Arc::new),
        });
        self.add_version((item, terms), quantity, (from, None));
        item
    }

    fn add_version(
        &mut self,
        sold: (u16, Arc<PriceTerms>),
        quantity: Decimal,
        valid: (DateTime<Utc>, Option<DateTime<Utc>>),
    ) {
        let number = u128::try_from(self.timeline.versions.len()).unwrap();
        self.timeline.versions.push(ItemVersion {
            id: ItemVersionId::from_uuid(Uuid::from_u128(number)),
            item_id: ItemId::from_uuid(Uuid::from_u128(u128::from(sold.0))),
            quantity,
            terms: sold.1,
            price_override: None,
            valid_from: valid.0,
            valid_to: valid.1,
            bounds: Bounds::default(),
        });
    }

    /// The version in force at an instant.
    fn version_at(&mut self, item: u16, at: DateTime<Utc>) -> Option<&mut ItemVersion> {
        self.versions_of(item).find(|v| v.valid_from <= at && v.valid_to.is_none_or(|to| at < to))
    }

    fn versions_of(&mut self, item: u16) -> impl Iterator<Item = &mut ItemVersion> {
        let id = ItemId::from_uuid(Uuid::from_u128(u128::from(item)));
        self.timeline.versions.iter_mut().filter(move |v| v.item_id == id)
    }

    /// Another quantity from an instant on, until what came next: one version ends, the next begins.
    pub fn change_quantity(&mut self, item: u16, at: DateTime<Utc>, quantity: Decimal) {
        let Some(before) = self.version_at(item, at) else { return };
        let (terms, until) = (Arc::clone(&before.terms), before.valid_to);
        before.valid_to = Some(at);
        self.add_version((item, terms), quantity, (at, until));
    }

    /// The item ends; versions that would have come later never do.
    pub fn end(&mut self, item: u16, at: DateTime<Utc>) {
        for version in self.versions_of(item) {
            if version.valid_to.is_none_or(|to| at < to) {
                version.valid_to = Some(at.max(version.valid_from));
            }
        }
    }

    /// Takes an end back: the last version goes on.
    pub fn resume(&mut self, item: u16) {
        if let Some(last) = self.versions_of(item).max_by_key(|v| (v.valid_from, v.valid_to, v.id)) {
            last.valid_to = None;
        }
    }

    pub fn first_start(&self) -> DateTime<Utc> {
        self.timeline.versions.iter().map(|v| v.valid_from).min().unwrap()
    }

    /// Bills what is due by an instant, from the first day on, and remembers it. No line may have been written before.
    pub fn bill(&mut self, as_of: DateTime<Utc>) -> Vec<Missing> {
        let from = self.first_start();
        self.bill_from(from, as_of).0
    }

    /// As [`History::bill`], looking no further back than the cursor says.
    pub fn bill_from(&mut self, from: DateTime<Utc>, as_of: DateTime<Utc>) -> (Vec<Missing>, Cursor) {
        let known: Vec<Recorded> = self.recorded.iter().filter(|r| r.key.start >= from).cloned().collect();
        let window = self.window(from, as_of, &known);
        let expected = segments::due(&self.timeline, window).unwrap();
        let missing = difference::missing(self.timeline.subscription_id, &expected, &known, as_of).unwrap();
        let cursor = expected.cursor;
        for found in &missing {
            self.keep(&found.line);
            self.remember(found);
        }
        (missing, cursor)
    }

    fn window<'r>(
        &'r self,
        from: DateTime<Utc>,
        as_of: DateTime<Utc>,
        recorded: &'r [Recorded],
    ) -> Window<'r> {
        Window { from, as_of, recorded, readings: &self.readings, usage_early: self.usage_early }
    }

    fn remember(&mut self, Missing { line, .. }: &Missing) {
        let key = Key { version: line.item_version_id.unwrap(), start: line.period.start };
        assert!(
            self.written.insert((key, line.revision)),
            "{key:?} revision {} is billed twice",
            line.revision
        );
        match self.recorded.iter_mut().find(|r| r.key == key) {
            Some(billed) => {
                billed.amount = billed.amount.checked_add(line.amount).unwrap();
                billed.last_revision = line.revision;
                if let Some(part) = line.concerns {
                    billed.covered_to = if line.amount.is_negative() { part.start } else { part.end };
                }
                billed.metered = line.measured.map(|m| m.quantity).or(billed.metered);
            }
            None => self.recorded.push(Recorded {
                key,
                period_end: line.period.end,
                covered_to: line.period.end,
                amount: line.amount,
                taken_back: TakenBack::default(),
                last_revision: line.revision,
                deferred: line.deferred,
                description: Arc::clone(&line.description),
                metered: line.measured.map(|m| m.quantity),
                drafted: false,
            }),
        }
        let billed = self.recorded.iter_mut().find(|r| r.key == key);
        if let Some((counted, billed)) = counted(line).zip(billed) {
            let least = &mut billed.taken_back.counted_least;
            *least = Some(
                least.map_or(counted, |least| if counted.minor() < least.minor() { counted } else { least }),
            );
        }
    }

    /// Keeps a line with what had been billed under its key before.
    fn keep(&mut self, line: &Line) {
        let key = Key { version: line.item_version_id.unwrap(), start: line.period.start };
        let before = self.recorded.iter().find(|r| r.key == key).map(|r| r.amount);
        self.lines.push((line.clone(), before.unwrap_or(Money::zero(self.timeline.currency))));
    }

    /// Explains every line ever written from the timeline as it is now: each must come to its amount, whatever became of
    /// its item since.
    pub fn explain_all(&self) {
        for (line, before) in &self.lines {
            let id = line.item_version_id.unwrap();
            let version = self.timeline.versions.iter().find(|v| v.id == id).unwrap();
            let key = Key { version: id, start: line.period.start };
            let (timeline, before) = (&self.timeline, *before);
            let meter = self.readings.get(&key).map(|reading| &*reading.meter);
            // As they are kept.
            let kept = serde_json::to_value(line.grounds.as_deref().cloned().unwrap_or_default()).unwrap();
            let grounds = &serde_json::from_value::<Grounds>(kept).unwrap();
            let known = Known { timeline, version, meter, line, grounds, before };
            let explained = explain::item(known).unwrap();
            assert!(explained.recomputed, "{line:?} does not explain itself: {explained:?}");
            assert_eq!(explained.worth.checked_sub(before).unwrap(), line.amount);
        }
    }

    /// All that was ever billed, credits taken off.
    pub fn net(&self) -> Money {
        Money::sum(self.timeline.currency, self.recorded.iter().map(|r| r.amount)).unwrap()
    }

    /// What the timeline as it is now would be charged for by an instant, had nothing been billed.
    pub fn worth(&self, as_of: DateTime<Utc>) -> Vec<Segment<'_>> {
        self.try_worth(as_of).unwrap()
    }

    pub fn try_worth(&self, as_of: DateTime<Utc>) -> Result<Vec<Segment<'_>>, Unbillable> {
        Ok(segments::due(&self.timeline, self.window(self.first_start(), as_of, &[]))?.segments)
    }

    /// The segments due by an instant as a table: `2026-01-15 2026-02-01 17.00`.
    pub fn table(&self, as_of: &str) -> Vec<String> {
        let row = |s: Segment<'_>| {
            format!("{} {} {}", stamp(s.period.start), stamp(s.period.end), s.amount.to_major_string())
        };
        self.worth(at(as_of)).into_iter().map(row).collect()
    }
}

/// Of a commitment's line: what counted.
fn counted(line: &Line) -> Option<Money> {
    let grounds = line.grounds.as_ref()?;
    let before = grounds.counted_before.map_or(0, |before| before.counted);
    Some(Money::from_minor(grounds.counted?.checked_add(before)?, line.amount.currency()))
}

/// Lines as a table: `2026-01-15 2026-02-01 rev 0 17.00 Item 0`.
pub fn lines(missing: &[Missing]) -> Vec<String> {
    let row = |Missing { line, .. }: &Missing| {
        let (from, to) = (stamp(line.printed_period().start), stamp(line.printed_period().end));
        format!("{from} {to} rev {} {} {}", line.revision, line.amount.to_major_string(), line.description)
    };
    missing.iter().map(row).collect()
}

/// A date, with the time only where there is one.
fn stamp(instant: DateTime<Utc>) -> String {
    let midnight = instant.time() == chrono::NaiveTime::MIN;
    instant.format(if midnight { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%MZ" }).to_string()
}
