//! How is it said what a line is taxed as? `{"tax_code": "ebook", "tax_behavior": "inclusive"}`.

use super::products::read_tax_code;
use crate::domain::catalog as domain;
use crate::domain::fields::{Faults, below};
use crate::wire::mirror::mirror;

mirror! {
    /// Where the tax of a price is.
    #[derive(Default)]
    pub enum TaxBehavior = domain::TaxBehavior {
        /// It comes on top.
        #[default]
        Exclusive,
        /// The price contains it, whatever it is: where there is none, all of the price is yours.
        Inclusive,
    }
}

/// The terms of a line by hand or of a charge; what is left out is software as a service, on top.
pub(in crate::wire) fn read_tax_terms(
    code: Option<&str>,
    behavior: Option<TaxBehavior>,
    at: &str,
    faults: &mut Faults,
) -> domain::TaxTerms {
    let code = read_tax_code(code, &below(at, "tax_code"), faults).unwrap_or_default();
    domain::TaxTerms { code, behavior: behavior.unwrap_or_default().into() }
}
