//! What is a provider asked? Who sells to whom, on which day, and what is new on an invoice. The same question has the same answer while that
//! is fresh; whatever changes makes another question.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::customers::{Address, Buyer, Standing, TaxExemption};
use crate::domain::ids::{CustomerId, TaxProviderId};
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

/// A number by which a tax authority knows the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedTaxId {
    #[serde(rename = "type")]
    pub type_: String,
    pub value: String,
}

impl AskedTaxId {
    /// Those of a buyer that no authority denied.
    #[must_use]
    pub fn all_of(buyer: &Buyer) -> Vec<AskedTaxId> {
        let stand = buyer.tax_ids.iter().filter(|id| id.status != Standing::Invalid);
        stand.map(|id| AskedTaxId { type_: id.type_.clone(), value: id.value.clone() }).collect()
    }
}

/// A certificate of exemption.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedExemption {
    /// `US-TX`, or `US` of all of it.
    pub jurisdiction: String,
    pub certificate: Option<String>,
}

impl AskedExemption {
    /// Those of a buyer that hold on a day where it is: one of Texas says nothing of what is sold to Ohio.
    #[must_use]
    pub fn all_of(buyer: &Buyer, (date, to): (NaiveDate, &AskedPlace)) -> Vec<AskedExemption> {
        let holds = |exemption: &&TaxExemption| {
            exemption.valid_from.is_none_or(|from| from <= date)
                && exemption.valid_to.is_none_or(|until| date < until)
        };
        let is_there = |exemption: &&TaxExemption| match exemption.jurisdiction.split_once('-') {
            Some((country, state)) => country == to.country && Some(state) == to.state.as_deref(),
            None => exemption.jurisdiction == to.country,
        };
        let certificates = buyer.tax_exemptions.iter().filter(holds).filter(is_there);
        let certificate = |it: &TaxExemption| AskedExemption {
            jurisdiction: it.jurisdiction.clone(),
            certificate: it.certificate.clone(),
        };
        certificates.map(certificate).collect()
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
    pub tax_ids: Vec<AskedTaxId>,
    pub exemptions: Vec<AskedExemption>,
    pub lines: Vec<AskedLine>,
}
