//! How are the steps from a price to the cent written? Parts that add up, a share such as `15/31`, and every rounding.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::billing::explain::{self as domain, Explanation};
use crate::domain::calendar::Zone;
use crate::domain::money::Money;
use crate::domain::proration::Share;
use crate::domain::rating::breakdown::{Part, PartKind};
use crate::wire::times::Period;

/// From the price to the cent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedSteps)]
pub struct Steps {
    /// What was sold; or measured, in earlier pieces of the same price and period too.
    #[schema(example = "4")]
    pub quantity: String,
    /// How what was measured becomes what is priced; null where it is priced as it is.
    pub conversion: Option<Conversion>,
    /// What is priced.
    #[schema(example = "4")]
    pub priced_quantity: String,
    /// Their amounts add up to `exact_amount`.
    pub parts: Vec<PricedPart>,
    /// What a whole period costs, or what was measured; not rounded.
    #[schema(example = "50")]
    pub exact_amount: String,
    /// Null for a whole period, for usage and for what is charged once.
    pub proration: Option<Proration>,
    /// Of a commitment: what it is, and what counted towards it.
    pub commitment: Option<Commitment>,
    /// Of usage whose period is cut: what the pieces of the same price before this one come to, which is taken off. A pause, a change or
    /// a new version cuts a period, and what goes on at the same price is rated once over all of it.
    pub earlier_pieces: Option<EarlierPieces>,
    /// Of usage whose price began within a period and counts by days: what of a period its included units, bounds, flat amounts and
    /// maximum are for.
    #[schema(example = "15/31")]
    pub terms_share: Option<String>,
    /// Half away from zero, to the currency's minor unit. Of a part of a period, or a piece of a cut one, the amount up to its end, then up to
    /// its start.
    pub roundings: Vec<RoundingStep>,
    /// Whether the item had been taken back, so that nothing of it is worth anything.
    pub withdrawn: bool,
    /// What the item is worth in the period: to this the line brings what was billed.
    #[schema(example = "25.81")]
    pub worth: String,
    /// Null unless something had been taken back of the charge before: what stays of its worth after that.
    pub staying: Option<Staying>,
    /// What earlier lines had billed of it.
    #[schema(example = "0.00")]
    pub billed_before: String,
    /// Whether these steps, computed again now, lead to the line's amount exactly.
    pub recomputed: bool,
}

/// What stays of a charge's worth after a void, credit notes, corrections or write-offs: `stays − (billed_before − taken_back)` is the
/// line's amount. Usage that was charged, taken back and voided counts towards its commitment as it was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedStaying)]
pub struct Staying {
    /// What was taken back of the charge, other than by lines.
    #[schema(example = "20.00")]
    pub taken_back: String,
    /// Of usage that takes the place of the shortfall of a commitment: what had been taken back of that, and stays taken back.
    #[schema(example = "7.00")]
    pub of_shortfall: Option<String>,
    /// What should stay charged.
    #[schema(example = "0.00")]
    pub stays: String,
}

/// Divided, rounded, and less what is included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedConversion)]
pub struct Conversion {
    pub divide_by: Option<String>,
    /// `up`, `down` or `nearest`, to whole units.
    pub round: Option<&'static str>,
    /// After both.
    #[schema(example = "135")]
    pub converted: String,
    /// Units that cost nothing.
    #[schema(example = "100")]
    pub included: String,
}

/// What is priced alike: `units × unit_amount + flat_amount` is its amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PricedPart {
    /// `flat`, `units`, `packages`, `tier`, `percentage`, `events`, `events_at_minimum`, `events_at_maximum`, `cell`, `priced_events`,
    /// `markup`, `above_maximum` or `below_zero`.
    #[schema(example = "tier")]
    #[serde(rename = "what")]
    pub kind: &'static str,
    #[schema(example = "900")]
    pub units: String,
    #[schema(example = "0.08")]
    pub unit_amount: String,
    #[schema(example = "0")]
    pub flat_amount: String,
    #[schema(example = "72")]
    pub amount: String,
    /// Of a tier: units above this lie in it, in the first tier 0 does, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<String>,
    /// Of a tier: up to and with this; left out for the last, which has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<String>,
    /// Of packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Of a cell: the values of the matrix's dimensions; left out for what has no cell and costs the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
    /// Of a cell: what was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
}

/// How a part was taken of a whole period: the price up to its end, rounded, less the price up to its start, rounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedProration)]
pub struct Proration {
    pub part: Period,
    pub whole: Period,
    /// Whose days are counted.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: &'static str,
    /// How time is counted where the part begins: `by_day`, `by_second`, `30_360`, `none` or `full_period`.
    #[schema(example = "by_day")]
    pub starts_by: &'static str,
    /// How it is counted where it ends.
    #[schema(example = "by_day")]
    pub ends_by: &'static str,
    /// What of the whole was used up where the part begins, in days or seconds; `0/1` or `1/1` where time is not counted.
    #[schema(example = "15/31")]
    pub from: String,
    /// And where it ends.
    #[schema(example = "31/31")]
    pub to: String,
}

/// The pieces of the same price before this one, in the same period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedEarlierPieces)]
pub struct EarlierPieces {
    /// What was measured in them.
    #[schema(example = "100")]
    pub quantity: String,
    pub events: i64,
    /// What that costs by the same steps, not rounded.
    #[schema(example = "0")]
    pub exact_amount: String,
    /// And rounded: taken off.
    #[schema(example = "0.00")]
    pub worth: String,
}

/// What the prices that count fall short of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedCommitment)]
pub struct Commitment {
    /// For the period, or the part of it.
    #[schema(example = "100.00")]
    pub committed: String,
    /// What the prices had come to when the line was written.
    #[schema(example = "62.00")]
    pub counted: String,
    /// Of a commitment that had begun earlier in the period: what was committed for the pieces before, and what counted. All pieces
    /// together are short of what all together committed.
    pub earlier_committed: Option<String>,
    pub earlier_counted: Option<String>,
}

/// A rounding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoundingStep {
    #[schema(example = "50")]
    pub amount: String,
    /// Of this share of the amount; null: of all of it.
    #[schema(example = "15/31")]
    pub share: Option<String>,
    /// The product, to 28 digits.
    #[schema(example = "24.193548387096774193548387097")]
    pub exact: String,
    #[schema(example = "24.19")]
    pub rounded: String,
}

pub(in crate::wire) fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

fn fraction(share: Share) -> String {
    format!("{}/{}", share.numerator, share.denominator)
}

impl Steps {
    /// What the engine says; days are counted in this zone.
    #[must_use]
    pub fn of(e: &Explanation, zone: Zone) -> Steps {
        Steps {
            quantity: plain(e.quantity),
            conversion: e.conversion.as_ref().map(Conversion::from),
            priced_quantity: plain(e.priced_quantity),
            parts: e.parts.iter().map(PricedPart::from).collect(),
            exact_amount: plain(e.exact),
            proration: e.prorated.map(|prorated| Proration::of(&prorated, zone)),
            commitment: e.commitment.map(|commitment| Commitment {
                committed: commitment.committed.to_major_string(),
                counted: commitment.counted.to_major_string(),
                earlier_committed: commitment.before.map(|before| before.committed.to_major_string()),
                earlier_counted: commitment.before.map(|before| before.counted.to_major_string()),
            }),
            earlier_pieces: e.before.map(|before| EarlierPieces {
                quantity: plain(before.quantity),
                events: before.events,
                exact_amount: plain(before.exact),
                worth: before.worth.to_major_string(),
            }),
            terms_share: e.terms_share.map(fraction),
            roundings: e.roundings.iter().map(RoundingStep::from).collect(),
            withdrawn: e.withdrawn,
            worth: e.worth.to_major_string(),
            staying: e.staying.map(|s| Staying {
                taken_back: Money::from_minor(s.taken_back, e.worth.currency()).to_major_string(),
                of_shortfall: s
                    .of_shortfall
                    .map(|less| Money::from_minor(less, e.worth.currency()).to_major_string()),
                stays: Money::from_minor(s.stays, e.worth.currency()).to_major_string(),
            }),
            billed_before: e.billed_before.to_major_string(),
            recomputed: e.recomputed,
        }
    }
}

impl From<&domain::Conversion> for Conversion {
    fn from(conversion: &domain::Conversion) -> Conversion {
        Conversion {
            divide_by: conversion.divide_by.map(plain),
            round: conversion.round.map(|round| round.into_str()),
            converted: plain(conversion.converted),
            included: plain(conversion.included),
        }
    }
}

impl Proration {
    fn of(prorated: &domain::Prorated, zone: Zone) -> Proration {
        Proration {
            part: Period { start: prorated.part.start, end: prorated.part.end },
            whole: Period { start: prorated.whole.start, end: prorated.whole.end },
            time_zone: zone.name(),
            starts_by: prorated.starts_by.into_str(),
            ends_by: prorated.ends_by.into_str(),
            from: fraction(prorated.cut.from),
            to: fraction(prorated.cut.to),
        }
    }
}

impl From<&domain::Rounded> for RoundingStep {
    fn from(step: &domain::Rounded) -> RoundingStep {
        RoundingStep {
            amount: plain(step.amount),
            share: step.share.map(fraction),
            exact: plain(step.share.map_or(step.amount, |share| share.of_amount(step.amount))),
            rounded: step.rounded.to_major_string(),
        }
    }
}

impl From<&Part> for PricedPart {
    fn from(part: &Part) -> PricedPart {
        let mut written = PricedPart {
            kind: "",
            units: plain(part.units),
            unit_amount: plain(part.unit_amount),
            flat_amount: plain(part.flat_amount),
            amount: plain(part.amount),
            above: None,
            up_to: None,
            size: None,
            values: None,
            measured: None,
        };
        written.kind = match &part.kind {
            PartKind::Flat => "flat",
            PartKind::Units => "units",
            PartKind::Packages(size) => {
                written.size = Some(plain(*size));
                "packages"
            }
            PartKind::Tier { above, up_to } => {
                written.above = Some(plain(*above));
                written.up_to = up_to.map(plain);
                "tier"
            }
            PartKind::Percentage => "percentage",
            PartKind::Events => "events",
            PartKind::EventsAtMinimum => "events_at_minimum",
            PartKind::EventsAtMaximum => "events_at_maximum",
            PartKind::Cell { values, measured } => {
                written.values.clone_from(values);
                written.measured = Some(plain(*measured));
                "cell"
            }
            PartKind::PricedEvents => "priced_events",
            PartKind::Markup => "markup",
            PartKind::AboveMaximum => "above_maximum",
            PartKind::BelowZero => "below_zero",
        };
        written
    }
}
