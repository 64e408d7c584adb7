//! How is a credit balance paid out? As refunds of the payments that the customer's methods made, the newest first, or outside any gateway.
//!
//! 30.00 on the balance, and 20.00 and 31.00 were paid by card, the 20.00 last: refunds of 20.00 and 10.00.

use chrono::{DateTime, Utc};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

use crate::domain::ids::{CustomerId, PayOutId};
use crate::domain::money::{Money, MoneyError};
use crate::domain::refusal::Refusal;

/// Money of a balance given back.
#[derive(Debug, Clone, PartialEq)]
pub struct PayOut {
    pub id: PayOutId,
    pub customer_id: CustomerId,
    pub amount: Money,
    pub to: To,
    pub created_at: DateTime<Utc>,
}

/// Which way it goes.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr, EnumDiscriminants)]
#[strum(serialize_all = "snake_case", const_into_str)]
#[strum_discriminants(name(Way), doc = "A way by its name alone.")]
#[strum_discriminants(derive(EnumString, IntoStaticStr), strum(serialize_all = "snake_case", const_into_str))]
pub enum To {
    /// By refunds of payments, through their gateways.
    PaymentMethods,
    /// The business pays it itself.
    Outside {
        /// What the bank statement says.
        reference: String,
    },
}

impl To {
    /// What the bank statement says of it.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match self {
            To::PaymentMethods => None,
            To::Outside { reference } => Some(reference),
        }
    }
}

/// Why a balance is not paid out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing is on it.
    #[error(
        "there is nothing on the credit balance to pay out; promotional and other prepaid credits are no part of it"
    )]
    NothingThere,
    /// Less than a unit.
    #[error("pay out more than zero, or leave the amount out to pay out all of it")]
    NotPositive,
    /// Less is on it.
    #[error("{wanted} is more than the {balance} on the credit balance; pay out at most that")]
    MoreThanBalance { wanted: Money, balance: Money },
    /// Payments have less left.
    #[error(
        "of {wanted}, {refundable} can go back by the payments that came through a gateway; pay out at most that, and the rest with \"to\": \"outside\""
    )]
    MoreThanRefundable { wanted: Money, refundable: Money },
    /// Sums that do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NothingThere => "nothing_on_balance",
            Refused::NotPositive | Refused::Money(_) => "amount_out_of_range",
            Refused::MoreThanBalance { .. } => "more_than_balance",
            Refused::MoreThanRefundable { .. } => "more_than_refundable",
        }
    }

    fn pointer(&self) -> Option<String> {
        Some("/amount".to_owned())
    }
}

/// How much of a balance is paid out: what is wanted, or all of it.
///
/// # Errors
/// Nothing is there; less is there than is wanted.
pub fn amount(wanted: Option<Money>, balance: Money) -> Result<Money, Refused> {
    if !balance.is_positive() {
        return Err(Refused::NothingThere);
    }
    let Some(wanted) = wanted else { return Ok(balance) };
    if !wanted.is_positive() {
        return Err(Refused::NotPositive);
    }
    match balance.checked_sub(wanted)?.is_negative() {
        true => Err(Refused::MoreThanBalance { wanted, balance }),
        false => Ok(wanted),
    }
}

impl PayOut {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "pay_out",
            "id": self.id,
            "customer_id": self.customer_id,
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
            "to": self.to.into_str(),
            "reference": self.to.reference(),
        })
    }
}
