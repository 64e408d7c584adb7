//! What is one charge that a timeline is worth? A piece of a period, with its price, its amount, and what that rests on.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::Metered;
use super::worth::{AsPaid, Worth};
use crate::domain::calendar::Period;
use crate::domain::ids::ItemVersionId;
use crate::domain::money::Money;
use crate::domain::proration::{Basis, Share};
use crate::domain::rating::Rated;
use crate::domain::rating::summary::{Detail, Summary};
use crate::domain::rating::usage::Measured;
use crate::domain::subscriptions::ItemVersion;
use crate::domain::usage::Meter;

/// What tells one charge from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub version: ItemVersionId,
    pub start: DateTime<Utc>,
}

/// One charge that the timeline is worth.
#[derive(Debug, Clone)]
pub struct Segment<'a> {
    pub version: &'a ItemVersion,
    /// The part of the cycle's period in which the version is valid; empty for a one-time charge.
    pub period: Period,
    pub due_at: DateTime<Utc>,
    /// How time is counted where its version ends with it.
    pub ends_by: Option<Basis>,
    /// As printed: its product with the unit amount is what a whole period costs.
    pub quantity: Decimal,
    pub unit_amount: Decimal,
    /// Rounded, once.
    pub amount: Money,
    /// Whether it is earned over its period, which lies ahead when it falls due.
    pub deferred: bool,
    /// What was measured, of a usage price.
    pub metered: Option<Metered>,
    /// What else of it decides the amount.
    pub detail: Option<Detail>,
    /// Of a commitment: what its prices came to.
    pub counted: Option<Money>,
    /// Of what counts towards a commitment: so much of it was taken back with the shortfall whose place it takes.
    pub less: Option<Money>,
    /// Of a piece of a period that goes on after a break.
    pub paid: Option<Box<AsPaid>>,
    /// Of a piece of a price that had begun earlier in the period.
    pub chained: Option<Box<Chained>>,
}

/// What a piece rests on that is not its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chained {
    /// The pieces of the same price before it.
    pub earlier: Vec<Key>,
    /// What was measured in those.
    pub summary: Option<Summary>,
    /// What of a whole period the price's terms are for.
    pub share: Option<Share>,
    /// Of a commitment: what was committed for those pieces, and what counted.
    pub counted: Option<Counted>,
}

/// What was committed, and what the prices that count had come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub committed: Money,
    pub counted: Money,
}

/// What a meter says of one segment.
#[derive(Debug, Clone)]
pub struct Reading {
    pub meter: Arc<Meter>,
    /// In this piece and in those of the same price before it in the period.
    pub measured: Measured,
    /// In those before it; `None` where there are none.
    pub before: Option<Measured>,
    /// Everything recorded by then is in it.
    pub recorded_to: DateTime<Utc>,
}

/// The readings of the usage segments that [`usage_periods`](super::segments::usage_periods) asks for.
pub type Readings = HashMap<Key, Reading>;

impl<'a> Segment<'a> {
    /// What is worth so much in a period.
    pub(in crate::domain) fn of(
        version: &'a ItemVersion,
        (period, due_at): (Period, DateTime<Utc>),
        worth: Worth,
    ) -> Segment<'a> {
        let (Rated { quantity, unit_amount, .. }, amount) = (worth.printed(), worth.amount);
        let ends_by = Some(version.bounds.ends_by).filter(|_| version.valid_to == Some(period.end));
        let (deferred, metered, detail, counted, less, chained) = (false, None, None, None, None, None);
        Segment {
            version,
            period,
            due_at,
            ends_by,
            quantity,
            unit_amount,
            amount,
            deferred,
            metered,
            detail,
            counted,
            less,
            paid: worth.paid.map(Box::new),
            chained,
        }
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key { version: self.version.id, start: self.period.start }
    }

    /// What its line says. A line whose quantity is not the one sold, such as 13 packages, says that, too: `Calls (1250 units)`.
    pub fn description(&self) -> Arc<str> {
        let own_description = &self.version.terms.description;
        let sold = self.metered.map_or(self.version.quantity, |metered| metered.quantity);
        if sold == self.quantity || !self.version.model().counts_units() {
            return Arc::clone(own_description);
        }
        let unit = if sold == Decimal::ONE { "unit" } else { "units" };
        format!("{own_description} ({} {unit})", sold.normalize()).into()
    }
}
