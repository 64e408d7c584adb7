//! How is a further currency wanted? `{"currency": "EUR", "rate": "0.92", "rounding": "ends_in_nines"}`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalog as domain;
use crate::domain::fields::{Faults, below};
use crate::domain::money::Currency;
use crate::wire::amounts::DecimalText;
use crate::wire::mirror::mirror;

/// A further currency in which each price gets one made of its `model`, once, when the version is published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDerivedCurrency {
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
    /// How much of it one unit of the plan's currency is; the exchange rate of today when left out.
    #[schema(value_type = Option<String>, example = "0.92")]
    pub rate: Option<DecimalText>,
    /// `minor_unit` when left out.
    pub rounding: Option<PriceRounding>,
}

mirror! {
    /// How a price is made neat in its new currency.
    pub enum PriceRounding = domain::Neatness {
        /// As fine as the price it is made of: to the minor unit, and by as many decimals finer as that is; prices of a unit have at least three
        /// significant digits. Half is rounded up.
        MinorUnit,
        /// Amounts of a unit and more: up to the next whole unit.
        NextUnit,
        /// Amounts of a unit and more: up to the next that ends in nines (0.99, 0.999 in currencies of three decimals); in currencies without decimals, of a
        /// hundred and more. So 12.34 and 12.99 are 12.99, and 13.00 is 13.99.
        EndsInNines,
    }
}

/// How the prices of a further currency came about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DerivedCurrency {
    #[schema(example = "EUR")]
    pub currency: String,
    /// What was computed with: how much of it one unit of the plan's currency was.
    #[schema(example = "0.92")]
    pub rate: String,
    /// The day of the exchange rate; null where the rate came with the plan.
    pub rate_date: Option<NaiveDate>,
    pub rounding: PriceRounding,
}

impl NewDerivedCurrency {
    /// The domain's reading of it.
    pub(super) fn read(&self, at: &str, faults: &mut Faults) -> Option<domain::Derivation> {
        let currency =
            faults.keep(&below(at, "currency"), "unknown_currency", Currency::parse(&self.currency));
        let rate = self.rate.as_ref().map(|text| text.read(&below(at, "rate"), faults));
        let neatness = self.rounding.map_or(domain::Neatness::MinorUnit, Into::into);
        Some(domain::Derivation { currency: currency?, rate: rate.flatten(), neatness })
    }
}

impl From<&domain::Derived> for DerivedCurrency {
    fn from(derived: &domain::Derived) -> DerivedCurrency {
        DerivedCurrency {
            currency: derived.currency.code().to_owned(),
            rate: derived.rate.normalize().to_string(),
            rate_date: derived.rate_date,
            rounding: derived.neatness.into(),
        }
    }
}
