//! How is it said where a buyer need not pay tax? `{"jurisdiction": "US-NY", "certificate": "RX-1234", "valid_to": "2027-01-01"}`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::customers as domain;
use crate::domain::fields::{Faults, below};
use crate::domain::tax::place::Place;
use crate::domain::tax::registered::check_dates;

/// That a buyer need not pay tax somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxExemption {
    /// ISO 3166-1 or 3166-2, such as US-NY.
    #[schema(example = "US-NY")]
    pub jurisdiction: String,
    /// The number of its certificate: invoices print it.
    #[schema(example = "RX-1234")]
    pub certificate: Option<String>,
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

/// Notes jurisdictions that do not exist, and dates that cannot be.
pub fn check_exemptions(exemptions: &[TaxExemption], at: &str, faults: &mut Faults) {
    for (n, exemption) in exemptions.iter().enumerate() {
        let at = below(at, &n.to_string());
        let (mut place, pointer) = (Faults::none(), below(&at, "jurisdiction"));
        Place::of_jurisdiction(&exemption.jurisdiction).check_jurisdiction(&pointer, &mut place);
        for fault in place.into_result().err().into_iter().flat_map(|invalid| invalid.errors) {
            faults.add(&pointer, &fault.code, fault.detail);
        }
        check_dates([exemption.valid_from, exemption.valid_to], &at, faults);
    }
}

impl From<TaxExemption> for domain::TaxExemption {
    fn from(exemption: TaxExemption) -> domain::TaxExemption {
        let TaxExemption { jurisdiction, certificate, valid_from, valid_to } = exemption;
        domain::TaxExemption { jurisdiction, certificate, valid_from, valid_to }
    }
}

impl From<domain::TaxExemption> for TaxExemption {
    fn from(exemption: domain::TaxExemption) -> TaxExemption {
        let domain::TaxExemption { jurisdiction, certificate, valid_from, valid_to } = exemption;
        TaxExemption { jurisdiction, certificate, valid_from, valid_to }
    }
}
