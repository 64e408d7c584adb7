//! What does a customer get to see of what is owed? An invoice: lines of charges, totals as visible steps, a gapless number.
//!
//! draft → open → paid | void | uncollectible (→ paid). Only a draft can change; after that corrections are other documents.
//!
//! **Owns**: The document: its states, lines changed by hand while it is a draft, totals as visible steps, its number and its issue.
//!
//! **Not its own**: What is owed ([`billing`](super::billing)); credit notes and what pays besides money
//! ([`credits`](super::credits)).
//!
//! **Laws**: Only a draft changes. Numbers have no gaps. Total is the sum of the lines, in steps that are all shown.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod assemble;
pub mod discounted;
pub mod drafts;
pub mod finalize;
pub mod late;
pub mod state;
pub mod status;
pub mod totals;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use strum::{EnumString, IntoStaticStr};

pub use state::Status;
pub use status::Refused;
pub use totals::Totals;

use super::entities::series;
use super::ids::{BillRunId, CustomerId, EntityId, InvoiceId, SubscriptionId};
use super::money::{Currency, Money, MoneyError};
use super::subscriptions::Collection;

/// An invoice without its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    pub id: InvoiceId,
    pub customer_id: CustomerId,
    /// Who issues it, for good.
    pub entity_id: EntityId,
    /// Set when the subscription is to be invoiced alone.
    pub subscription_id: Option<SubscriptionId>,
    pub bill_run_id: Option<BillRunId>,
    /// `None` while it is a draft.
    pub number: Option<Number>,
    pub status: Status,
    pub collection: Collection,
    pub currency: Currency,
    /// The date its charges fell due, in the zone of the subscription.
    pub billing_date: NaiveDate,
    /// The versions of buyer and seller details it was issued with.
    pub buyer_version: Option<i32>,
    pub seller_version: Option<i32>,
    pub totals: Totals,
    pub amount_paid: Money,
    pub applied: Applied,
    pub created_at: DateTime<Utc>,
    pub issued_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    /// When it was paid, voided or given up.
    pub closed_at: Option<DateTime<Utc>>,
    /// When collection tries next; `None`: there is nothing to try.
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub attempt_count: i16,
    /// When a draft is finalized by itself; `None`: by somebody, or it is no draft.
    pub finalizes_at: Option<DateTime<Utc>>,
    /// Why a draft is not finalized by itself before it is looked at again then.
    pub waits_for: Option<WaitsFor>,
}

/// What a draft waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum WaitsFor {
    /// That somebody knows whether the buyer's tax number is valid.
    TaxId,
    /// That an earlier draft is issued, of whose charges it gives back: with the tax they have then.
    EarlierDraft,
    /// That a provider says what it is taxed with.
    TaxProvider,
}

/// A draft that waits is looked at so often even when nothing is heard of what it waits for.
const LOOKS_AGAIN: TimeDelta = TimeDelta::days(1);

impl Invoice {
    /// The draft waits from now on, or on.
    pub fn wait(&mut self, reason: WaitsFor, now: DateTime<Utc>) {
        (self.waits_for, self.finalizes_at) = (Some(reason), Some(now + LOOKS_AGAIN));
    }

    /// What it charges in all, or below zero puts on the credit balance: its total, and what its usage lines below zero gave back
    /// elsewhere.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn charged(&self) -> Result<Money, MoneyError> {
        self.totals.total.checked_add(self.applied.given_back)
    }

    /// What is still to be paid; nothing on a draft's credit side, nothing once closed.
    pub fn amount_due(&self) -> Result<Money, MoneyError> {
        match self.status {
            Status::Void | Status::Paid => Ok(Money::zero(self.currency)),
            _ if self.charged()?.is_negative() => Ok(Money::zero(self.currency)),
            _ => self.charged()?.checked_sub(self.amount_paid)?.checked_sub(self.applied.sum()?),
        }
    }
}

/// What was put against an invoice besides payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Prepaid credits, drawn when it was issued.
    pub credits: Money,
    /// From the customer's credit balance, when it was issued.
    pub balance: Money,
    /// Credit notes, while it was due.
    pub credited: Money,
    /// The other way: what its usage lines below zero gave back to grants and to earlier invoices, when it was issued.
    pub given_back: Money,
}

impl Applied {
    /// Nothing yet.
    #[must_use]
    pub const fn nothing(currency: Currency) -> Applied {
        let zero = Money::zero(currency);
        Applied { credits: zero, balance: zero, credited: zero, given_back: zero }
    }

    /// All that was put against it.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn sum(&self) -> Result<Money, MoneyError> {
        self.credits.checked_add(self.balance)?.checked_add(self.credited)
    }
}

/// The number printed on an invoice: `INV-000042`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number {
    pub series: Arc<str>,
    /// From 1, without gaps.
    pub number: i64,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&series::printed(&self.series, self.number))
    }
}

impl Invoice {
    /// What an event carries of it.
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "invoice",
            "id": self.id,
            "number": self.number.as_ref().map(Number::to_string),
            "status": self.status.into_str(),
            "customer_id": self.customer_id,
            "entity_id": self.entity_id,
            "currency": self.currency.code(),
            "billing_date": self.billing_date,
            "total": self.totals.total.to_major_string(),
            "amount_paid": self.amount_paid.to_major_string(),
            "finalizes_at": self.finalizes_at,
            "waits_for": self.waits_for.map(|reason| reason.into_str()),
            "credits_applied": self.applied.credits.to_major_string(),
            "balance_applied": self.applied.balance.to_major_string(),
            "amount_credited": self.applied.credited.to_major_string(),
            "given_back": self.applied.given_back.to_major_string(),
        })
    }
}

#[cfg(test)]
mod tests;
