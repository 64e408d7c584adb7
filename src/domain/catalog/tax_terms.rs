//! How is what is sold taxed? By its code, on top of its price or within it.
//!
//! 119.00 of software in Germany, inclusive: 100.00 and 19.00 of tax are 119.00. Exclusive: 22.61 more, 141.61.

use strum::{EnumString, IntoStaticStr};

use super::TaxCode;

/// Where the tax of a price is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum TaxBehavior {
    /// It comes on top.
    #[default]
    Exclusive,
    /// The price contains it, whatever it is: all of the price is the seller's where there is none.
    Inclusive,
}

/// What is sold, and where its tax is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TaxTerms {
    pub code: TaxCode,
    pub behavior: TaxBehavior,
}

impl TaxTerms {
    /// Those that all have; software as a service, on top, where they differ or there are none.
    #[must_use]
    pub fn shared(all: impl IntoIterator<Item = TaxTerms>) -> TaxTerms {
        let mut all = all.into_iter();
        let first = all.next().unwrap_or_default();
        if all.all(|terms| terms == first) { first } else { TaxTerms::default() }
    }
}
