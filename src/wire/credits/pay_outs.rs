//! What is paid out of a balance? `{"amount": "300.00", "currency": "USD", "to": "outside", "reference": "SEPA 2026-117"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credit_notes::Refund;
use crate::domain::credits::notes;
use crate::domain::credits::pay_out::{self as domain, To};
use crate::domain::fields::{Faults, TEXT_LENGTH};
use crate::domain::ids::{CustomerId, PayOutId};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;

/// What to pay out of the balance, and which way.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": "300.00", "currency": "USD", "to": "outside", "reference": "SEPA 2026-117"}))]
pub struct PayOutBalance {
    /// Left out: all of it.
    #[schema(example = "300.00")]
    pub amount: Option<String>,
    /// ISO 4217; may be left out where the customer has something in one currency only.
    pub currency: Option<String>,
    pub to: PaidOutTo,
    /// With `outside` only, and needed there: what the bank statement says, up to 1000 characters.
    pub reference: Option<String>,
}

/// Which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidOutTo {
    /// As refunds of what was paid through a gateway, the newest payment first.
    PaymentMethods,
    /// You have paid it yourself; it is recorded.
    Outside,
}

impl PayOutBalance {
    /// The currency.
    ///
    /// # Errors
    /// [`Invalid`] when there is no such currency.
    pub fn currency(&self) -> Result<Option<Currency>, Invalid> {
        let mut faults = Faults::none();
        let code = self.currency.as_deref();
        let currency =
            code.and_then(|code| faults.keep("/currency", "unknown_currency", Currency::parse(code)));
        faults.into_result()?;
        Ok(currency)
    }

    /// The amount, and which way it goes.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be.
    pub fn parse(&self, currency: Currency) -> Result<(Option<Money>, To), Invalid> {
        let mut faults = Faults::none();
        let amount = self
            .amount
            .as_ref()
            .and_then(|a| faults.keep("/amount", "bad_amount", Money::parse_major(a, currency)));
        if let Some(reference) = &self.reference {
            faults.check_text("/reference", reference, TEXT_LENGTH);
        }
        let to = match (self.to, &self.reference) {
            (PaidOutTo::PaymentMethods, None) => To::PaymentMethods,
            (PaidOutTo::Outside, Some(reference)) => To::Outside { reference: reference.clone() },
            (PaidOutTo::PaymentMethods, Some(_)) => {
                let detail = "each refund has a reference of its gateway; leave this out";
                faults.add("/reference", "reference_of_refund", detail);
                To::PaymentMethods
            }
            (PaidOutTo::Outside, None) => {
                let detail = "say how the payment is called, as the bank statement does";
                faults.add("/reference", "reference_missing", detail);
                To::PaymentMethods
            }
        };
        faults.into_result()?;
        Ok((amount, to))
    }
}

/// Money of a balance given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayOut {
    #[schema(value_type = String, example = "po_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: PayOutId,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(example = "300.00")]
    pub amount: String,
    pub currency: &'static str,
    pub to: PaidOutTo,
    pub reference: Option<String>,
    /// What goes back through gateways. One that fails is on the balance again.
    pub refunds: Vec<Refund>,
    pub created_at: DateTime<Utc>,
}

impl PayOut {
    /// A pay-out with its refunds.
    #[must_use]
    pub fn of((pay_out, refunds): (domain::PayOut, Vec<notes::Refund>)) -> PayOut {
        let to = match pay_out.to {
            To::PaymentMethods => PaidOutTo::PaymentMethods,
            To::Outside { .. } => PaidOutTo::Outside,
        };
        PayOut {
            id: pay_out.id,
            customer_id: pay_out.customer_id,
            amount: pay_out.amount.to_major_string(),
            currency: pay_out.amount.currency().code(),
            to,
            reference: pay_out.to.reference().map(str::to_owned),
            refunds: refunds.into_iter().map(Refund::from).collect(),
            created_at: pay_out.created_at,
        }
    }
}
