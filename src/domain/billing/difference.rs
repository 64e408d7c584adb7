//! What is still to be billed? Expected minus recorded: 31.00 expected, 31.00 recorded → nothing; 15.00 expected, 31.00
//! recorded → a credit of 16.00; 31.00 expected, nothing recorded → a charge of 31.00.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::Line;
use super::expected::Expected;
use super::grounds::{Grounds, Staying};
use super::piece::{Key, Segment};
use super::recorded::Recorded;
use super::unbillable::Unbillable;
use crate::domain::calendar::Period;
use crate::domain::catalog::TaxTerms;
use crate::domain::ids::SubscriptionId;
use crate::domain::money::{Money, MoneyError};

/// A line that must be written, and the instant it fell due.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    pub due_at: DateTime<Utc>,
    pub line: Line,
}

/// The lines that make the recorded equal to the expected. Rerun on its own result, it gives nothing.
pub fn missing(
    subscription: SubscriptionId,
    expected: &Expected<'_>,
    recorded: &[Recorded],
    as_of: DateTime<Utc>,
) -> Result<Vec<Missing>, Unbillable> {
    let mut known: HashMap<Key, &Recorded> = recorded.iter().map(|r| (r.key, r)).collect();
    for held in &expected.held {
        known.remove(held);
    }
    let mut lines = Vec::with_capacity(expected.segments.len());
    for segment in expected.segments.iter().filter(|segment| !expected.held.contains(&segment.key())) {
        match known.remove(&segment.key()) {
            None => {
                lines.push(Missing { due_at: segment.due_at, line: first_charge(subscription, segment)? })
            }
            Some(billed) => {
                let stays = segment.stays(Some(billed))?;
                let difference = stays.checked_sub(billed.amount)?;
                if difference.is_zero() {
                    continue;
                }
                let until = segment.period.end;
                let mut line = adjustment(subscription, billed, (difference, until))?;
                let taken_back = billed.staying((segment.amount, stays), segment.less)?;
                line.grounds = Some(Box::new(Grounds { taken_back, ..Grounds::of_difference(segment) }));
                if let Some(metered) = segment.metered {
                    line.description = recorded_late(segment, billed.metered.unwrap_or_default());
                    line.measured = Some(metered);
                }
                lines.push(Missing { due_at: as_of, line });
            }
        }
    }
    // Billed, and no longer part of the timeline: given back whole, in the order it was billed.
    let mut gone: Vec<&Recorded> = known.into_values().filter(|r| !r.amount.is_zero()).collect();
    gone.sort_by_key(|r| (r.key.start, r.key.version));
    for billed in gone {
        let nothing = Money::zero(billed.amount.currency());
        let stays = billed.taken_back.stays(nothing)?;
        let difference = stays.checked_sub(billed.amount)?;
        if difference.is_zero() {
            continue;
        }
        let mut line = adjustment(subscription, billed, (difference, billed.key.start))?;
        let taken_back = billed.staying((nothing, stays), None)?;
        line.grounds = Some(Box::new(Grounds { taken_back, ..Grounds::of_withdrawal() }));
        lines.push(Missing { due_at: as_of, line });
    }
    Ok(lines)
}

fn first_charge(subscription: SubscriptionId, segment: &Segment<'_>) -> Result<Line, MoneyError> {
    let zero = Money::zero(segment.amount.currency());
    let line = Line {
        line_no: 0,
        subscription_id: Some(subscription),
        item_version_id: Some(segment.version.id),
        period: segment.period,
        concerns: None,
        revision: 0,
        deferred: segment.deferred,
        quantity: segment.quantity,
        unit_amount: segment.unit_amount,
        amount: segment.amount,
        discount: zero,
        tax: zero,
        tax_included: zero,
        tax_terms: TaxTerms::default(),
        description: segment.description(),
        measured: segment.metered,
        grounds: Grounds::of_first(segment),
        by_hand: None,
    };
    let Some(less) = segment.less else { return Ok(line) };
    let stays = segment.stays(None)?;
    let staying = Staying {
        worth: segment.amount.minor(),
        taken_back: 0,
        of_shortfall: Some(less.minor()),
        stays: stays.minor(),
    };
    let grounds = line.grounds.as_deref().cloned().unwrap_or_default();
    let grounds = Some(Box::new(Grounds { taken_back: Some(staying), ..grounds }));
    Ok(Line { quantity: Decimal::ONE, unit_amount: stays.to_decimal(), amount: stays, grounds, ..line })
}

/// What a difference of usage says: `Calls (10 units since last billed, 1010 in all)`.
fn recorded_late(segment: &Segment<'_>, before: Decimal) -> Arc<str> {
    let item_description = &segment.version.terms.description;
    let now = segment.metered.map_or(before, |metered| metered.quantity);
    match now.checked_sub(before) {
        Some(more) if !more.is_zero() => format!(
            "{item_description} ({} units since last billed, {} in all)",
            more.normalize(),
            now.normalize()
        )
        .into(),
        _ => format!("Adjustment: {item_description}").into(),
    }
}

/// A correction of what was billed, which is right until `until` only: the days given back, or those that came on top.
fn adjustment(
    subscription: SubscriptionId,
    billed: &Recorded,
    (difference, until): (Money, DateTime<Utc>),
) -> Result<Line, Unbillable> {
    let zero = Money::zero(difference.currency());
    let (start, covered_to) = (billed.key.start, billed.covered_to);
    let (label, concerns) = match until.cmp(&covered_to) {
        Ordering::Less if difference.is_negative() => ("Unused time", Some(Period::new(until, covered_to)?)),
        Ordering::Greater if !difference.is_negative() => {
            ("Remaining time", Some(Period::new(covered_to, until)?))
        }
        _ => ("Adjustment", None),
    };
    Ok(Line {
        line_no: 0,
        subscription_id: Some(subscription),
        item_version_id: Some(billed.key.version),
        period: Period::new(start, billed.period_end)?,
        concerns,
        revision: billed.last_revision.checked_add(1).ok_or(MoneyError::Overflow)?,
        deferred: billed.deferred,
        quantity: Decimal::ONE,
        unit_amount: difference.to_decimal(),
        amount: difference,
        discount: zero,
        tax: zero,
        tax_included: zero,
        tax_terms: TaxTerms::default(),
        description: format!("{label}: {}", billed.description).into(),
        measured: None,
        grounds: None,
        by_hand: None,
    })
}
