//! Where need a buyer pay no tax, and until when? A certificate of exemption: New York, RX-1234, up to 1 January 2027.
//!
//! One that is over already is refused: on 2027-01-01 it exempts nothing any more.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::fields::{Faults, below};

/// Most certificates one customer may have.
const EXEMPTIONS: usize = 100;

/// That a buyer need not pay tax somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxExemption {
    /// ISO 3166-1 or 3166-2: `US-NY`.
    pub jurisdiction: String,
    /// The number of the certificate, which invoices print.
    pub certificate: Option<String>,
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

/// Notes what is wrong with certificates, of which `known` were there before.
pub(super) fn check(
    exemptions: &[TaxExemption],
    (known, today): (&[TaxExemption], NaiveDate),
    faults: &mut Faults,
) {
    if exemptions.len() > EXEMPTIONS {
        let detail = format_args!("a customer has at most {EXEMPTIONS} exemptions");
        faults.add("/tax_exemptions", "too_many", detail);
    }
    for (n, exemption) in exemptions.iter().enumerate().filter(|(_, one)| !known.contains(one)) {
        let at = below("/tax_exemptions", &n.to_string());
        faults.check_optional(&below(&at, "certificate"), exemption.certificate.as_deref(), 64);
        if let Some(over) = exemption.valid_to.filter(|valid_to| *valid_to <= today) {
            let detail = format_args!(
                "this certificate is over since {over}: leave it out, or give the dates of the one that renews it"
            );
            faults.add(below(&at, "valid_to"), "expired_exemption", detail);
        }
    }
}
