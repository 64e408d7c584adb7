//! Who is asked about one buyer's invoices, and what is known already? The question is made of the buyer as it is now.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::answer::Known;
use super::question::{AskedLine, Question};
use crate::domain::customers::{Address, Buyer, TaxExemption};
use crate::domain::ids::{CustomerId, TaxProviderId};
use crate::domain::money::Currency;
use crate::domain::tax::place::Place;

/// Who is asked about one buyer's invoices, and what is known already.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub provider_id: TaxProviderId,
    pub customer_id: CustomerId,
    pub from: &'a Place,
    pub buyer: &'a Buyer,
    pub to: &'a Address,
    pub known: &'a HashMap<Question, Known>,
}

impl Asking<'_> {
    /// The question about these lines.
    #[must_use]
    pub fn question(&self, (currency, date): (Currency, NaiveDate), lines: Vec<AskedLine>) -> Question {
        let holds = |exemption: &&TaxExemption| {
            exemption.valid_from.is_none_or(|from| from <= date)
                && exemption.valid_to.is_none_or(|to| date < to)
        };
        let exemptions = self.buyer.tax_exemptions.iter().filter(holds);
        Question {
            provider_id: self.provider_id,
            customer_id: self.customer_id,
            date,
            currency: currency.code().to_owned(),
            from: self.from.into(),
            to: self.to.into(),
            tax_ids: self.buyer.tax_ids.iter().map(|id| id.value.clone()).collect(),
            exemptions: exemptions
                .map(|it| format!("{} {}", it.jurisdiction, it.certificate.as_deref().unwrap_or("-")))
                .collect(),
            lines,
        }
    }
}
