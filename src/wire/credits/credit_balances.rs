//! How does a customer's balance meet its open invoices? `{"currency": "USD"}` → `{"applied": [{"invoice_id": "inv_…", "amount": "335.00"}], …}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credit_notes::{BalanceInCurrency, CreditBalance};
use crate::domain::fields::Faults;
use crate::domain::ids::InvoiceId;
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;

/// Most invoices named in one call.
const MOST: usize = 100;

/// What the balance is to pay. Without anything: every open invoice.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"currency": "USD"}))]
pub struct ApplyBalance {
    /// ISO 4217; left out: each that the customer has a balance in.
    pub currency: Option<String>,
    /// At most 100, paid in this order; left out: every open one, the one that is due first, first.
    #[schema(value_type = Option<Vec<String>>)]
    pub invoice_ids: Option<Vec<InvoiceId>>,
}

impl ApplyBalance {
    /// The currency.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn currency(&self) -> Result<Option<Currency>, Invalid> {
        let mut faults = Faults::none();
        let code = self.currency.as_deref();
        let currency =
            code.and_then(|code| faults.keep("/currency", "unknown_currency", Currency::parse(code)));
        if self.invoice_ids.as_ref().is_some_and(|ids| ids.len() > MOST) {
            faults.add("/invoice_ids", "too_many", format_args!("name at most {MOST} invoices"));
        }
        faults.into_result()?;
        Ok(currency)
    }
}

/// What the balance paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppliedBalance {
    pub applied: Vec<PaidFromBalance>,
    /// Invoices left alone because an attempt to collect them is under way: apply again when it is over.
    #[schema(value_type = Vec<String>)]
    pub under_way: Vec<InvoiceId>,
    /// What is left, by currency.
    pub balances: Vec<BalanceInCurrency>,
}

/// So much of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaidFromBalance {
    #[schema(value_type = String, example = "inv_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub invoice_id: InvoiceId,
    #[schema(example = "335.00")]
    pub amount: String,
}

impl AppliedBalance {
    /// What was paid, what was left alone, and what is left of the balances.
    #[must_use]
    pub fn of(
        paid: Vec<(InvoiceId, Money)>,
        under_way: Vec<InvoiceId>,
        balances: BTreeMap<Currency, Money>,
    ) -> AppliedBalance {
        let one = |(invoice_id, amount): (InvoiceId, Money)| PaidFromBalance {
            invoice_id,
            amount: amount.to_major_string(),
        };
        AppliedBalance {
            applied: paid.into_iter().map(one).collect(),
            under_way,
            balances: CreditBalance::of(balances).data,
        }
    }
}
