//! What does a usage line bring to its invoice, and where does it stand?

use crate::domain::billing::piece::Key;
use crate::domain::ids::{MeterId, PriceId};
use crate::domain::money::{Money, MoneyError};

/// A usage line of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub price_id: PriceId,
    pub meter_id: Option<MeterId>,
    /// Amount less discount, with tax.
    pub net: Money,
    /// Where it stands; `None`: it takes back nothing of an earlier line.
    pub at: Option<At>,
}

/// Which line it is, and the key it is billed under: lines of the same key are about the same usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    pub line_no: i32,
    pub key: Key,
}

pub(super) fn smaller(a: Money, b: Money) -> Result<Money, MoneyError> {
    Ok(if a.checked_sub(b)?.is_negative() { a } else { b })
}
