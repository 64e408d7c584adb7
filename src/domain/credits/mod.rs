//! What can a customer pay with besides money? Prepaid credits, which pay for usage, and the credit balance, which pays for
//! anything.
//!
//! # The rule, on one page
//!
//! **Prepaid credits** are grants of an amount, bought or given, that usage draws down when an invoice with usage is issued: after
//! discounts and tax, before the credit balance. At most what the invoice's usage lines come to, and at most its
//! total. Of several grants the one with the lowest priority number is drawn first; then the one that expires soonest; then one that was
//! given before one that was bought; then the oldest. A grant for some prices or meters pays for those
//! only, and for what a price is in other versions of its plan.
//!
//! 30.00 given until 31 March and 100.00 bought, and 45.00 of usage on 1 February: 30.00 + 15.00 are drawn, 0.00 are due, 85.00
//! are left.
//!
//! **A purchase is an invoice**: its price is owed, collected, reversed like any other. It is no revenue yet: it stands in
//! `prepaid_credits` until it is drawn (then the usage it paid for is revenue) or expires (then it is `breakage`). A grant sold
//! below its amount turns its price into revenue in proportion: of 100.00 sold for 90.00, a draw of 50.00 takes 45.00 from
//! `prepaid_credits` and 5.00 from `promotional_credits`, as all of a given grant does. It can be used once its invoice is
//! paid, unless the sale says at once.
//!
//! **Usage that is taken back** by a later invoice (a voided event, a closed backfill) comes back as what paid it: what is still due of the
//! earlier invoice is lowered first; then credits come back, what was drawn last first; then it is money. What was drawn from a
//! grant that has ended meanwhile ends with it: expired, it is breakage as far as it was sold, and nothing as far as it was given; void, what was paid
//! for it goes to the credit balance. [`take_back`] decides it.
//!
//! **A grant ends** by expiring, or by being voided: what is left of a bought one's price then goes to the credit balance.
//! What an invoice drew goes back when that invoice is voided or credited.
//!
//! **Top-up**: when a draw leaves less than a threshold, an event is emitted, and a purchase is made if one is agreed, unless what
//! is bought and not paid for yet already makes up for it.
//!
//! **The credit balance** is money of the customer in one currency: paid beyond what was due, owed back by a change
//! or a credit note. The next invoice issued in that currency takes from it what it needs. Told to, or by itself where [`ApplyBalance`]
//! says so, it pays what is open already, the invoice that is due first, first. It can be paid out: [`pay_out`].
//!
//! **Owns**: What pays besides money: prepaid credits, the credit balance; and the credit notes that take something back.
//!
//! **Not its own**: Money itself, coming or going back ([`payments`](super::payments)).
//!
//! **Laws**: A grant is what it was less what was drawn, expired and voided. A note never takes back more than is left. The balance
//! is what the books say.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod applied;
pub mod draw;
pub mod drawn;
pub mod drew;
pub mod gone;
pub mod grant;
pub mod left;
pub mod note;
pub mod notes;
pub mod pay_out;
pub mod purchase;
pub mod take_back;
pub mod taken;
#[cfg(test)]
mod tests;
pub mod usage;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

pub use super::customers::Metadata;

use super::ids::{CreditGrantId, CustomerId, InvoiceId, MeterId, PriceId};
use super::money::{Currency, Money, MoneyError, Total};

/// When the balance pays what is open already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ApplyBalance {
    /// When a call applies it.
    #[default]
    Manual,
    /// As soon as there is both.
    OldestFirst,
}

/// An amount of usage paid for ahead, or given.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub id: CreditGrantId,
    pub customer_id: CustomerId,
    pub source: Source,
    pub name: String,
    pub amount: Money,
    /// What it was sold for.
    pub price: Money,
    /// What can still be drawn.
    pub remaining: Money,
    /// What expired or was voided.
    pub closed_amount: Money,
    /// The part of the price that went with it.
    pub closed_price: Money,
    /// 0 to 100, the lower the sooner.
    pub priority: i16,
    pub expires_at: Option<DateTime<Utc>>,
    pub status: Status,
    /// The invoice it was sold by.
    pub invoice_id: Option<InvoiceId>,
    /// Whether a top-up made it.
    pub top_up: bool,
    pub applies_to: AppliesTo,
    /// What the prices it names are in other versions of their plans; read where it can be drawn.
    pub same_prices: BTreeSet<PriceId>,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
}

/// Where a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Source {
    /// Given. Drawn before what was bought.
    Promotional,
    /// Bought, by an invoice.
    Purchased,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// Bought, and not paid for.
    Pending,
    /// Can be drawn.
    Active,
    /// Its time is over.
    Expired,
    /// Taken back.
    Void,
}

/// Which usage a grant pays for: what is in every list that is not empty. Both empty: any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliesTo {
    #[serde(default)]
    pub price_ids: BTreeSet<PriceId>,
    #[serde(default)]
    pub meter_ids: BTreeSet<MeterId>,
}

/// When a customer is notified that credits run low, and what is bought then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUp {
    pub customer_id: CustomerId,
    /// Below it, something happens. Its currency is the rule's.
    pub threshold: Money,
    /// What is bought, if anything.
    pub buys: Option<Buys>,
}

/// What a top-up buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buys {
    pub amount: Money,
    pub price: Money,
    /// Days until it expires.
    pub expires_after_days: Option<i32>,
}

impl Buys {
    /// Credits at a price; `None`: at their amount.
    #[must_use]
    pub fn new(amount: Money, price: Option<Money>, expires_after_days: Option<i32>) -> Buys {
        Buys { amount, price: price.unwrap_or(amount), expires_after_days }
    }
}

/// What a customer can pay with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Funds {
    /// Active and pending grants.
    pub grants: Vec<Grant>,
    pub balances: BTreeMap<Currency, Money>,
    pub top_ups: Vec<TopUp>,
    /// Invoices whose usage may be taken back and that drew on grants, the newest first. Their grants are among the grants, ended or not.
    pub drew: Vec<drew::Drew>,
}

/// What grants of one currency hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// What can be drawn.
    pub balance: Total,
    /// What was bought and is not paid yet.
    pub pending: Total,
    /// What of the balance expires when.
    pub expiring: BTreeMap<DateTime<Utc>, Total>,
}

impl Funds {
    /// What the grants hold at an instant, by currency.
    #[must_use]
    pub fn hold(&self, now: DateTime<Utc>) -> BTreeMap<Currency, Holds> {
        let mut all: BTreeMap<Currency, Holds> = BTreeMap::new();
        for grant in &self.grants {
            let zero = Total::zero(grant.amount.currency());
            let nothing = Holds { balance: zero, pending: zero, expiring: BTreeMap::new() };
            let holds = all.entry(zero.currency()).or_insert(nothing);
            if grant.status == Status::Pending {
                holds.pending = holds.pending.plus(grant.remaining);
            }
            if grant.can_be_drawn(now) {
                holds.balance = holds.balance.plus(grant.remaining);
                let expiring = grant.expires_at.map(|at| holds.expiring.entry(at).or_insert(zero));
                if let Some(sum) = expiring {
                    *sum = sum.plus(grant.remaining);
                }
            }
        }
        all
    }
}

impl Grant {
    /// What has been drawn of it and not come back.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn used(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.remaining)?.checked_sub(self.closed_amount)
    }

    /// The part of its price that what has been used turned into revenue.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn earned(&self) -> Result<Money, MoneyError> {
        self.price.share((self.used()?, self.amount))
    }

    /// The part of its price that is still owed to the customer in usage.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn unearned(&self) -> Result<Money, MoneyError> {
        self.price.checked_sub(self.earned()?)?.checked_sub(self.closed_price)
    }

    /// Whether an invoice issued now can draw on it.
    #[must_use]
    pub fn can_be_drawn(&self, now: DateTime<Utc>) -> bool {
        self.status == Status::Active
            && self.remaining.is_positive()
            && self.expires_at.is_none_or(|end| now < end)
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "credit_grant",
            "id": self.id,
            "customer_id": self.customer_id,
            "source": self.source.into_str(),
            "status": self.status.into_str(),
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
            "remaining": self.remaining.to_major_string(),
            "expires_at": self.expires_at,
            "invoice_id": self.invoice_id,
        })
    }
}
