//! From where does a tenant sell, and how does it round? Nothing is taxed until it says from where.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::assess::Rounding;
use super::parties::{Registration, Seller, UnknownNumbers};
use super::place::Place;
use super::rates::Rates;
use crate::domain::fields::Faults;
use crate::domain::refusal::Invalid;

/// What a tenant has set for tax.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where it is established; `None`: nothing is taxed.
    pub place: Option<Place>,
    pub rounding: Rounding,
    pub unknown_numbers: UnknownNumbers,
}

impl Settings {
    /// Checks what is to be set.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        if let Some(place) = &self.place {
            place.check_seller("", &mut faults);
        }
        faults.into_result()
    }
}

/// All that a tenant's tax is decided by, but its buyers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regime {
    pub settings: Settings,
    pub registrations: Vec<Registration>,
    pub rates: Rates,
}

impl Regime {
    /// The tenant as a seller; `None`: it has not said where it is.
    #[must_use]
    pub fn seller(&self, sales_across_borders: Decimal) -> Option<Seller> {
        let territory = self.settings.place.as_ref()?.territory("", &mut Faults::none())?;
        let registrations = (!self.registrations.is_empty()).then(|| self.registrations.clone());
        let unknown_numbers = self.settings.unknown_numbers;
        Some(Seller { territory, registrations, sales_across_borders, unknown_numbers })
    }

    /// Whether the tenant is registered on a day in a state of the United States, or, with no registration at all, is established there.
    #[must_use]
    pub fn is_registered_in_state(&self, state: &str, date: NaiveDate) -> bool {
        let place = Place::of_jurisdiction(state).territory("", &mut Faults::none());
        let seller = self.seller(Decimal::ZERO);
        seller.zip(place).is_some_and(|(seller, place)| {
            let at_home = seller.registrations.is_none() && seller.territory == place;
            at_home || seller.registration(&place, date).is_some()
        })
    }
}
