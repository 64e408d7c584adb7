//! What is charged or given back? A line: 4 seats at 12.50 for January are 50.00, less a discount, with tax.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::grounds::Grounds;
use super::metered::Metered;
use super::piece::Key;
use crate::domain::calendar::Period;
use crate::domain::catalog::TaxTerms;
use crate::domain::ids::{CustomerId, ItemId, ItemVersionId, LineId, PriceId, SubscriptionId};
use crate::domain::money::{Money, MoneyError};

/// One charge or credit.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// From 1.
    pub line_no: i32,
    pub subscription_id: Option<SubscriptionId>,
    pub item_version_id: Option<ItemVersionId>,
    /// Service period; empty for a one-time charge.
    pub period: Period,
    /// The part of the period that a correction is about, where it is not all of it: the unused days of a month.
    pub concerns: Option<Period>,
    /// 0 for the first charge of a period; each later difference counts on.
    pub revision: i16,
    /// Whether it is earned over its period instead of at once.
    pub deferred: bool,
    pub quantity: Decimal,
    pub unit_amount: Decimal,
    pub amount: Money,
    pub discount: Money,
    /// On top of the amount.
    pub tax: Money,
    /// Within the amount.
    pub tax_included: Money,
    /// How it is taxed, where no item says so: of a line by hand.
    pub tax_terms: TaxTerms,
    pub description: Arc<str>,
    /// What was measured, of a usage price's line.
    pub measured: Option<Metered>,
    /// What it rests on that may be another when it is looked at. Written with the line; read only to explain it.
    pub grounds: Option<Box<Grounds>>,
    /// Set when somebody added it; `None`: billing did.
    pub by_hand: Option<ByHand>,
}

/// What a line is of, by the names that callers know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineOrigin {
    /// Whose subscription it is of.
    pub customer_id: Option<CustomerId>,
    pub item_id: Option<ItemId>,
    pub price_id: Option<PriceId>,
    pub price_code: Option<String>,
    /// The line before it of the same item version and period, of which it is a difference.
    pub before: Option<LineId>,
}

/// Why somebody added a line to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByHand {
    /// A charge or credit of its own.
    Added,
    /// Takes back a line of the same invoice, in whole or in part: its number.
    Counters(i32),
}

impl Line {
    /// The period as it is printed.
    #[must_use]
    pub fn printed_period(&self) -> Period {
        self.concerns.unwrap_or(self.period)
    }
}

impl Line {
    /// Of what it changes the charge: of something billed before.
    #[must_use]
    pub fn changed_key(&self) -> Option<Key> {
        let changes = self.revision > 0;
        self.item_version_id.filter(|_| changes).map(|version| Key { version, start: self.period.start })
    }

    /// The pieces of its price before it that it gives back of, the last first.
    #[must_use]
    pub fn earlier_pieces(&self) -> Vec<Key> {
        let earlier = self.grounds.iter().flat_map(|grounds| grounds.earlier.iter().rev());
        earlier.map(super::grounds::About::key).collect()
    }

    /// What is earned by it: amount less discount, without any tax.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn earned(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.discount)?.checked_sub(self.tax_included)
    }

    /// Amount less discount, with tax.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.discount)?.checked_add(self.tax)
    }
}
