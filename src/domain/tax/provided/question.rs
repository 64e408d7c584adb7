//! What is a provider asked? Who sells to whom, on which day, and what is new on an invoice. The same question has the same answer while that
//! is fresh; whatever changes makes another question.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use super::answer::Known;
use crate::domain::customers::{Address, Buyer, TaxExemption};
use crate::domain::ids::{CustomerId, TaxProviderId};
use crate::domain::money::Currency;
use crate::domain::tax::place::Place;

/// Where a party is, as far as a provider looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedPlace {
    pub country: String,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
}

impl From<&Place> for AskedPlace {
    fn from(place: &Place) -> AskedPlace {
        let Place { country, state, postal_code } = place.clone();
        AskedPlace { country, state, postal_code, ..AskedPlace::default() }
    }
}

impl From<&Address> for AskedPlace {
    fn from(address: &Address) -> AskedPlace {
        let Address { line1, line2, city, postal_code, state, country } = address.clone();
        AskedPlace { country, state, postal_code, city, line1, line2 }
    }
}

/// A line of a question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedLine {
    /// From 1: its place in the question.
    pub no: usize,
    /// After discounts, in minor units; with its tax where that is within.
    pub amount: i64,
    /// One of `/v1/tax/codes`.
    pub tax_code: String,
    pub inclusive: bool,
}

/// What a provider is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    pub provider_id: TaxProviderId,
    pub customer_id: CustomerId,
    /// The day of issue.
    pub date: NaiveDate,
    pub currency: String,
    pub from: AskedPlace,
    pub to: AskedPlace,
    pub tax_ids: Vec<String>,
    /// Numbers of certificates of exemption that hold on that day, with where: `US-TX 4711`.
    pub exemptions: Vec<String>,
    pub lines: Vec<AskedLine>,
}

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
