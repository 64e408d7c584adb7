//! How is tax written? Rates as percentages in decimal strings, `"25.5"`; jurisdictions by ISO 3166, `US-NY`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::tax`](crate::domain::tax).

pub mod calculations;
pub mod nexus;
pub mod providers;
pub mod rates;
pub mod registrations;
pub mod returns;
pub mod settings;

use crate::domain::tax::assess;
use crate::domain::tax::parties;
pub use crate::wire::customers::TaxIdStatus;
use crate::wire::mirror::mirror;

mirror! {
    /// Where is tax rounded?
    pub enum TaxRounding = assess::Rounding {
        /// Once for each tax, category and rate of a document, and spread to its lines.
        Document,
        /// On each line.
        Line,
        /// Once for all the tax of a document.
        Total,
    }
}

mirror! {
    /// How is the seller registered?
    pub enum TaxScheme = parties::Scheme {
        /// As those who are established there.
        Standard,
        /// The one-stop shop of the European Union, for consumers in every member state.
        Oss,
        /// The simplified registration for sellers from abroad, for consumers only.
        Simplified,
    }
}

mirror! {
    /// What is done about a buyer's number of which nobody knows whether it is valid?
    pub enum UnknownTaxIds = parties::UnknownNumbers {
        /// Tax is charged as to a consumer.
        Charge,
        /// It is taken for valid, and each tax says so in its `warning`.
        ReverseCharge,
        /// What would be issued by itself stays a draft with `waits_for` until it is known. What you issue by hand is charged as to a consumer.
        Wait,
    }
}
