//! What is a provider asked? Who sells to whom, on which day, and what is new on an invoice. The same question has the same answer while that
//! is fresh; whatever changes makes another question.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::customers::Address;
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
