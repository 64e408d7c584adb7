//! Why is a line's amount what it is? Every step from the price to the cent, computed again from what the line rests on:
//! 7 seats × 12.50 = 87.50 a month, 15 of 31 days used → 42.34, 87.50 billed before → a credit of 45.16.
//!
//! A line brings what was billed of its item version and period to what that is worth; so worth − billed before = amount.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::grounds::Staying;
use super::piece::Counted;
use super::unbillable::Unbillable;
use super::worth::{self, Worth};
use super::{ByHand, Grounds, Line, Metered, commitments};
use crate::domain::calendar::Period;
use crate::domain::catalog::{PriceKind, PriceModel, Rounding};
use crate::domain::money::{Money, round_to_minor};
use crate::domain::proration::{Basis, Cut, Share};
use crate::domain::rating::breakdown::{self, Part};
use crate::domain::rating::part::UsageTerms;
use crate::domain::rating::summary::Summary;
use crate::domain::subscriptions::{ItemVersion, Timeline};
use crate::domain::usage::Meter;

/// The steps to a line's amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What was sold; or measured, in earlier pieces of the same price and period too.
    pub quantity: Decimal,
    /// What of it is priced.
    pub priced_quantity: Decimal,
    /// How what was measured becomes that.
    pub conversion: Option<Conversion>,
    /// Their amounts add up to the exact amount.
    pub parts: Vec<Part>,
    /// What a whole period costs, not rounded; of usage, what was measured.
    pub exact: Decimal,
    /// Of a part of a period.
    pub prorated: Option<Prorated>,
    pub commitment: Option<Commitment>,
    /// Of usage whose price had begun earlier in the period: what the pieces before come to, which is taken off.
    pub before: Option<Earlier>,
    /// Of usage: what of a whole period the price's terms are for, when not all.
    pub terms_share: Option<Share>,
    /// In order; nowhere else is anything rounded.
    pub roundings: Vec<Rounded>,
    /// Whether the item had been taken back, so that nothing of it is worth anything.
    pub withdrawn: bool,
    /// To this the line brings what was billed.
    pub worth: Money,
    /// What stays of that, where something had been taken back of the charge.
    pub staying: Option<Staying>,
    /// What earlier lines had billed of the same item version and period.
    pub billed_before: Money,
    /// Whether the steps lead to the line's amount exactly.
    pub recomputed: bool,
}

/// How what was measured becomes what is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    pub divide_by: Option<Decimal>,
    pub round: Option<Rounding>,
    /// Divided, then rounded.
    pub converted: Decimal,
    pub included: Decimal,
}

/// The pieces of the same price before one, in the same period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// What was measured in them.
    pub quantity: Decimal,
    pub events: i64,
    /// What that costs, not rounded.
    pub exact: Decimal,
    /// And rounded.
    pub worth: Money,
}

/// How a part was taken of a whole period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prorated {
    pub part: Period,
    pub whole: Period,
    pub starts_by: Basis,
    pub ends_by: Basis,
    pub cut: Cut,
}

/// What was committed, and what counted towards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// For the period, or its part.
    pub committed: Money,
    pub counted: Money,
    /// Of one that had begun earlier in the period: the same of its pieces before.
    pub before: Option<Counted>,
}

/// A rounding: 87.50 × 15/31 = 42.338709… → 42.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounded {
    pub amount: Decimal,
    /// Of this share of the amount, when it is not the whole.
    pub share: Option<Share>,
    pub rounded: Money,
}

/// What is known of an item's line.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub timeline: &'a Timeline,
    pub version: &'a ItemVersion,
    /// Of a usage price.
    pub meter: Option<&'a Meter>,
    pub line: &'a Line,
    pub grounds: &'a Grounds,
    /// What earlier lines had billed of the same item version and period.
    pub before: Money,
}

impl Known<'_> {
    /// Where the charge ended when the line was written.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        match self.grounds.until {
            _ if self.grounds.withdrawn => self.line.period.start,
            Some(until) => until,
            None => self.line.period.end,
        }
    }

    /// What was measured then up to its end, in earlier pieces of the same price too, as far as the price uses it.
    fn summary(&self) -> Option<Summary> {
        let Metered { mut quantity, mut events, .. } = self.line.measured?;
        if let Some(before) = &self.grounds.before {
            quantity = quantity.checked_add(before.quantity)?;
            events += before.events;
        }
        Some(Summary { quantity, events, detail: self.grounds.detail.clone() })
    }
}

/// Explains a line of a subscription's item.
///
/// # Errors
/// [`Unbillable`] when numbers or dates do not fit, or the meter of a usage price is missing.
pub fn item(known: Known<'_>) -> Result<Explanation, Unbillable> {
    if known.grounds.withdrawn {
        return withdrawn(known);
    }
    match known.version.terms.kind {
        PriceKind::OneTime => {
            let worth = worth::once(known.timeline, known.version)?;
            explained(known, sold(known, worth, None)?)
        }
        PriceKind::Recurring => recurring(known),
        PriceKind::Usage => used(known),
    }
}

/// A line that somebody wrote, or that sells something else: its quantity times its unit amount, rounded.
///
/// # Errors
/// Numbers that do not fit.
pub fn by_hand(line: &Line) -> Result<Explanation, Unbillable> {
    let part = breakdown::of_quantity(&PriceModel::PerUnit { unit_amount: line.unit_amount }, line.quantity)?;
    let exact = part.iter().map(|part| part.amount).sum();
    let worth = round_to_minor(exact, line.amount.currency())?;
    Ok(Explanation {
        quantity: line.quantity,
        priced_quantity: line.quantity,
        conversion: None,
        parts: part,
        exact,
        prorated: None,
        commitment: None,
        before: None,
        terms_share: None,
        roundings: vec![Rounded { amount: exact, share: None, rounded: worth }],
        withdrawn: false,
        worth,
        staying: None,
        billed_before: Money::zero(worth.currency()),
        recomputed: worth == line.amount,
    })
}

/// The number of the line of its invoice that a line takes back.
#[must_use]
pub fn countered(line: &Line) -> Option<i32> {
    match line.by_hand {
        Some(ByHand::Counters(line_no)) => Some(line_no),
        _ => None,
    }
}

/// An explanation up to what the period is worth.
type Steps = Explanation;

/// Compares it with the line.
fn explained(known: Known<'_>, steps: Steps) -> Result<Explanation, Unbillable> {
    let reached = known.before.checked_add(known.line.amount)?;
    let Some(staying) = known.grounds.taken_back else {
        return Ok(Explanation { recomputed: steps.worth == reached, ..steps });
    };
    let taken_back = Money::from_minor(staying.taken_back, reached.currency());
    let stays = reached.checked_sub(taken_back)?.minor();
    let recomputed = steps.worth.minor() == staying.worth && stays == staying.stays;
    Ok(Explanation { recomputed, staying: Some(staying), ..steps })
}

fn withdrawn(known: Known<'_>) -> Result<Explanation, Unbillable> {
    let nothing = Money::zero(known.timeline.currency);
    let steps = Explanation {
        quantity: Decimal::ZERO,
        priced_quantity: Decimal::ZERO,
        conversion: None,
        parts: Vec::new(),
        exact: Decimal::ZERO,
        prorated: None,
        commitment: None,
        before: None,
        terms_share: None,
        roundings: Vec::new(),
        withdrawn: true,
        worth: nothing,
        staying: None,
        billed_before: known.before,
        recomputed: false,
    };
    explained(known, steps)
}

/// What was sold at its price, for a whole period or a part of it.
fn sold(known: Known<'_>, worth: Worth, prorated: Option<Prorated>) -> Result<Steps, Unbillable> {
    let version = known.version;
    let exact = worth.rated.amount;
    let whole = || Rounded { amount: exact, share: None, rounded: worth.amount };
    let roundings = match worth.cut {
        None => vec![whole()],
        Some(Cut { from, to, until_start, until_end }) => {
            let end = Rounded { amount: exact, share: Some(to), rounded: until_end };
            let start = Rounded { amount: exact, share: Some(from), rounded: until_start };
            vec![end, start]
        }
    };
    Ok(Explanation {
        quantity: version.quantity,
        priced_quantity: version.quantity,
        conversion: None,
        parts: breakdown::of_quantity(version.model(), version.quantity)?,
        exact,
        prorated,
        commitment: None,
        before: None,
        terms_share: None,
        roundings,
        withdrawn: false,
        worth: worth.amount,
        staying: None,
        billed_before: known.before,
        recomputed: false,
    })
}

fn recurring(known: Known<'_>) -> Result<Explanation, Unbillable> {
    let (timeline, version) = (known.timeline, known.version);
    // As it ended when the line was written: it may have been cut again since.
    let (starts_by, ends_by) = (version.bounds.starts_by, known.grounds.ends_by.unwrap_or_default());
    let start = known.line.period.start;
    let (_, whole) = timeline.period_at(version, start)?;
    let part = Period::new(start, known.until())?;
    let worth = match known.grounds.moved {
        Some(moved) => worth::moved(timeline, version, moved.as_paid()?, ends_by)?,
        None => worth::part(timeline, version, (part, whole), ends_by)?,
    };
    let (part, whole) = worth.paid.map_or((part, whole), |paid| (paid.part, paid.whole));
    let prorated = worth.cut.map(|cut| Prorated { part, whole, starts_by, ends_by, cut });
    let mut steps = sold(known, worth, prorated)?;
    if matches!(version.model(), PriceModel::Commitment { .. }) {
        let counted = known.grounds.counted.unwrap_or_default();
        let money = |minor| Money::from_minor(minor, known.timeline.currency);
        let own = Counted { committed: worth.amount, counted: money(counted) };
        let before = known
            .grounds
            .counted_before
            .map(|before| Counted { committed: money(before.committed), counted: money(before.counted) });
        steps.worth = commitments::falls_short(own, before)?;
        steps.commitment = Some(Commitment { committed: own.committed, counted: own.counted, before });
    }
    explained(known, steps)
}

fn used(known: Known<'_>) -> Result<Explanation, Unbillable> {
    let terms = &known.version.terms;
    let (Some(metering), Some(meter), Some(summary)) =
        (terms.metering.as_deref(), known.meter, known.summary())
    else {
        return Err(Unbillable::NotMeasured);
    };
    let terms = UsageTerms::of(known.version.model(), metering, known.grounds.share)?;
    let price = terms.price(meter, known.timeline.currency);
    let before = known.grounds.before.as_ref();
    let worth = worth::used(&price, (before, &summary))?;
    let mut roundings = vec![Rounded {
        amount: worth.rated.amount,
        share: None,
        rounded: worth.before.map_or(Ok(worth.amount), |before| before.amount.checked_add(worth.amount))?,
    }];
    let earlier = worth.before.zip(before).map(|(rated, before)| Earlier {
        quantity: before.quantity,
        events: before.events,
        exact: rated.rated.amount,
        worth: rated.amount,
    });
    roundings.extend(earlier.map(|one| Rounded { amount: one.exact, share: None, rounded: one.worth }));
    let converts = price.model.has_included_units();
    let conversion = Conversion {
        divide_by: metering.divide_by,
        round: metering.round,
        converted: price.convert(summary.quantity)?,
        included: price.metering.included,
    };
    let payable = if converts { price.payable(summary.quantity)? } else { summary.quantity };
    let steps = Explanation {
        quantity: summary.quantity,
        priced_quantity: payable,
        conversion: converts.then_some(conversion),
        parts: breakdown::of_usage(&price, &summary)?,
        before: earlier,
        terms_share: known.grounds.share,
        roundings,
        ..sold(known, worth, None)?
    };
    explained(known, steps)
}
