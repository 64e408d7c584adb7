//! What is left on a balance, in both currencies? 100.00 USD at 90.00 EUR, less 33.00 USD: 67.00 USD at 60.30 EUR; less 67.00: nothing at nothing.

use crate::domain::ids::{CustomerId, EntityId, InvoiceId};
use crate::domain::ledger::Account;
use crate::domain::money::Currency;
use crate::domain::money::rounding::share_half_away;

/// Whose balance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// What one invoice made receivable, deferred, revenue and tax.
    Invoice(InvoiceId),
    /// A customer's cash and balances in an entity's books, each as one.
    Customer(CustomerId, Option<EntityId>),
}

/// A balance that is carried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub carrier: Carrier,
    pub account: Account,
    pub currency: Currency,
}

/// What is on a balance, in minor units; debits are above zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carried {
    pub amount: i128,
    pub functional: i128,
}

/// What a movement takes off a balance, and what of it is new on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relief {
    /// What the relieved part was carried at.
    pub(super) relieved: i128,
    /// The part that relieves nothing.
    pub(super) new: i128,
    /// Whether nothing is left.
    pub(super) clears: bool,
}

impl Carried {
    /// What a movement relieves; debits are above zero. `None` where 128 bits do not hold it.
    pub(super) fn relieve(self, movement: i128) -> Option<Relief> {
        if self.amount.signum() * movement.signum() >= 0 {
            return Some(Relief { relieved: 0, new: movement.abs(), clears: false });
        }
        let (whole, moved) = (self.amount.abs(), movement.abs());
        let part = moved.min(whole);
        // What is debited is taken off what was credited, and the other way round.
        let worth = -self.functional * movement.signum();
        let relieved = if part == whole { worth } else { share_half_away(worth, (part, whole))? };
        Some(Relief { relieved, new: moved - part, clears: part == whole })
    }

    /// With a movement more.
    #[must_use]
    pub fn moved(self, amount: i128, functional: i128) -> Carried {
        Carried { amount: self.amount + amount, functional: self.functional + functional }
    }
}
