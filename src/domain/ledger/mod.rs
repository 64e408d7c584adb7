//! Where did the money go? Double entry by construction: each transfer moves an amount from one account to another.
//!
//! A finalized invoice of 31.00 for next month: debit accounts_receivable, credit deferred_revenue, 31.00.
//!
//! **Owns**: Accounts and the transfers between them.
//!
//! **Not its own**: The facts that are posted: each shelf before it has its own.
//!
//! **Laws**: Every transfer has two sides, in its currency and in that of its entity's books. A source is posted once. Balances are sums of
//! transfers, and nothing else. What is relieved to nothing in the one currency is nothing in the other.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod accounts;
pub mod corrections;
pub mod credit_notes;
pub mod credits;
pub mod disputes;
pub mod functional;
pub mod invoices;
pub mod origins;
pub mod payouts;
pub mod posting;
pub mod receipts;
pub mod reporting;
pub mod revaluation;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

pub use accounts::Account;
pub use functional::Functional;

use super::ids::{CustomerId, EntityId, InvoiceId};
use super::money::Money;

/// What a transfer was made for; with the source's id it is the transfer's key, so nothing is posted twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum SourceKind {
    /// An invoice was finalized.
    InvoiceFinalized,
    /// An invoice was voided.
    InvoiceVoided,
    /// An invoice was given up as uncollectible.
    InvoiceWrittenOff,
    /// A written-off invoice was paid after all.
    WriteOffRecovered,
    /// A payment arrived.
    PaymentReceived,
    /// It was paid in cash, and there were no coins for the rest.
    CashRounded,
    /// An invoice sold prepaid credits.
    CreditsSold,
    /// Prepaid credits or the credit balance paid of an invoice.
    CreditsApplied,
    /// A grant's time is over.
    CreditsExpired,
    /// A grant was taken back.
    CreditsVoided,
    /// What an invoice drew went back to a grant.
    CreditsReturned,
    /// A credit note was issued.
    CreditNoteIssued,
    /// Money went back.
    RefundPaid,
    /// Money could not go back.
    RefundFailed,
    /// A credit balance was paid out.
    BalancePaidOut,
    /// A dispute was opened, won or lost.
    DisputeMoved,
    /// What was deferred of an invoice is earned.
    RevenueRecognized,
    /// A part of a payout has come to the bank.
    PayoutSettled,
    /// A payout has come back from the bank.
    PayoutFailed,
    /// What a contract allocates an invoice moves from another.
    RevenueAllocated,
}

/// Whose is what belongs to no customer, such as a gateway's monthly fee.
pub const NOBODY: CustomerId = CustomerId::from_uuid(Uuid::nil());

/// An amount moved from one account to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    pub source_kind: SourceKind,
    /// The invoice, payment, grant, note, refund, pay-out or contract.
    pub source_id: Uuid,
    /// 0, 1, 2 … within the source.
    pub leg: i16,
    pub debit: Account,
    pub credit: Account,
    /// Always positive.
    pub amount: Money,
    /// [`NOBODY`] of what belongs to no customer.
    pub customer_id: CustomerId,
    /// In whose books; `None` before it is posted: in those of the entity from which the customer buys.
    pub entity_id: Option<EntityId>,
    /// The invoice it is about, where that is not its source.
    pub invoice_id: Option<InvoiceId>,
    /// The invoice whose deferred revenue, revenue or tax it moves, where that is another: what gives back moves those of the charge.
    pub origin_id: Option<InvoiceId>,
    /// The date in the tenant's zone on which it counts.
    pub effective_on: NaiveDate,
    /// The day whose rate it is valued at, where that is another: what takes the place of an invoice has its day.
    pub rated_on: Option<NaiveDate>,
    /// On which it would count, had that day's period not been closed when it was posted.
    pub original_on: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
    /// In the currency of its entity's books; `None`: it waits for a rate, or is not posted yet.
    pub functional: Option<Functional>,
}
