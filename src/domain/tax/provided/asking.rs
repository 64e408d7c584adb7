//! Who is asked about one buyer's invoices, and what is known already? The question is made of the buyer as it is now.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::answer::Known;
use super::question::{AskedExemption, AskedLine, AskedPlace, AskedTaxId, Question};
use crate::domain::customers::{Address, Buyer};
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
        let to = AskedPlace::from(self.to);
        Question {
            provider_id: self.provider_id,
            customer_id: self.customer_id,
            date,
            currency: currency.code().to_owned(),
            from: self.from.into(),
            tax_ids: AskedTaxId::all_of(self.buyer),
            exemptions: AskedExemption::all_of(self.buyer, (date, &to)),
            to,
            lines,
        }
    }
}
