//! How does a grant begin and end? Given or sold; expired, voided, or given back what an invoice drew.
//!
//! 100.00 sold for 90.00, 50.00 of it drawn, then expired: 50.00 are closed and 45.00 of the price are breakage.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{AppliesTo, Grant, Metadata, Source, Status};
use crate::domain::customers::metadata;
use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::{CreditGrantId, CustomerId};
use crate::domain::invoicing;
use crate::domain::money::{Money, MoneyError};
use crate::domain::refusal::{Invalid, Refusal, RefusalKind};

/// What a caller says of a new grant.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantDraft {
    pub customer_id: CustomerId,
    pub source: Source,
    pub name: Option<String>,
    pub amount: Money,
    /// `None`: its amount when it is bought, nothing when it is given.
    pub price: Option<Money>,
    /// From 0, drawn first, to 100; `None`: [`PRIORITY`].
    pub priority: Option<i16>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it can be used before it is paid for.
    pub at_once: bool,
    pub applies_to: AppliesTo,
    pub metadata: Metadata,
    pub top_up: bool,
}

/// Priority of a grant that names none.
pub const PRIORITY: i16 = 50;

impl GrantDraft {
    /// The grant; what is bought is not in force and names no invoice yet.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(self, id: CreditGrantId, now: DateTime<Utc>) -> Result<Grant, Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/name", self.name.as_deref(), NAME_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        if !self.amount.is_positive() {
            faults.add("/amount", "amount_out_of_range", "a grant is of an amount above zero");
        }
        if self.price.is_some_and(Money::is_negative) {
            faults.add("/price", "amount_out_of_range", "a price is zero or more");
        }
        if self.price.is_some() && self.source == Source::Promotional {
            let detail = "what is given has no price: leave it out, or make the source purchased";
            faults.add("/price", "price_of_a_gift", detail);
        }
        let priority = self.priority.unwrap_or(PRIORITY);
        if !(0..=100).contains(&priority) {
            faults.add("/priority", "priority_out_of_range", "a priority is from 0, drawn first, to 100");
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            faults.add("/expires_at", "in_the_past", format_args!("it would be over already: it is {now}"));
        }
        faults.into_result()?;
        let zero = Money::zero(self.amount.currency());
        let bought = self.source == Source::Purchased;
        let status = if bought && !self.at_once { Status::Pending } else { Status::Active };
        Ok(Grant {
            id,
            customer_id: self.customer_id,
            source: self.source,
            name: self.name.unwrap_or_else(|| "Prepaid credits".to_owned()),
            amount: self.amount,
            price: if bought { self.price.unwrap_or(self.amount) } else { zero },
            remaining: self.amount,
            closed_amount: zero,
            closed_price: zero,
            priority,
            expires_at: self.expires_at,
            status,
            invoice_id: None,
            top_up: self.top_up,
            applies_to: self.applies_to,
            same_prices: BTreeSet::new(),
            metadata: self.metadata,
            created_at: now,
        })
    }
}

/// Why a grant cannot take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It has ended.
    #[error("this grant is {}; only one that is pending or active can be voided", .status.into_str())]
    Ended {
        /// Where it stands.
        status: Status,
    },
    /// Used before it was paid for.
    #[error(
        "{used} of these credits are used and their invoice is not paid; void the grant, which leaves what is used owed, or, if the invoice is given up, have it paid first"
    )]
    UsedUnpaid {
        /// What is used.
        used: Money,
    },
    /// A document of a sale of credits is corrected by voiding the grant.
    #[error("this invoice sells prepaid credits; void the grant {grant_id} instead")]
    SellsCredits {
        /// The grant.
        grant_id: CreditGrantId,
    },
    /// Credits came back by it, or by a later invoice that takes usage of it back.
    #[error(
        "usage was taken back and credits came back between this invoice and another; mark it uncollectible instead"
    )]
    UsageTakenBack,
    /// Sums that do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The invoice says no.
    #[error(transparent)]
    Invoice(#[from] invoicing::Refused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Ended { .. } => "credit_grant_status",
            Refused::UsedUnpaid { .. } => "credits_used",
            Refused::SellsCredits { .. } => "invoice_sells_credits",
            Refused::UsageTakenBack => "usage_taken_back",
            Refused::Money(_) => "amount_out_of_range",
            Refused::Invoice(error) => error.code(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::Money(_) => RefusalKind::Rule,
            _ => RefusalKind::State,
        }
    }
}

impl Grant {
    /// Paid for: it can be used.
    #[must_use]
    pub fn activated(mut self) -> Grant {
        if self.status == Status::Pending {
            self.status = Status::Active;
        }
        self
    }

    /// Ends it, expired or void: the grant, and the part of its price that nobody has used.
    ///
    /// # Errors
    /// It has ended; sums that do not fit.
    pub fn close(mut self, status: Status) -> Result<(Grant, Money), Refused> {
        if matches!(self.status, Status::Expired | Status::Void) {
            return Err(Refused::Ended { status: self.status });
        }
        let unearned = self.unearned()?;
        self.closed_amount = self.closed_amount.checked_add(self.remaining)?;
        self.closed_price = self.closed_price.checked_add(unearned)?;
        self.remaining = Money::zero(self.amount.currency());
        self.status = status;
        Ok((self, unearned))
    }

    /// Gives back what an invoice drew: the grant, and the part of its price that is owed in usage again. One that has
    /// ended is active again with it; when its time is over, it expires once more.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn given_back(mut self, amount: Money) -> Result<(Grant, Money), MoneyError> {
        let before = self.earned()?;
        self.remaining = self.remaining.checked_add(amount)?;
        if self.status != Status::Pending {
            self.status = Status::Active;
        }
        let owed = before.checked_sub(self.earned()?)?;
        Ok((self, owed))
    }
}
