//! Where is a seller registered, and from when to when? What a tenant keeps of it, and what is wrong with what it sends.
//!
//! France, number FR40303265045, the one-stop shop, from 1 January 2026.

use chrono::{DateTime, NaiveDate, Utc};

use super::parties::{Registration, Scheme};
use super::place::Place;
use super::rates::Rate;
use super::territory::Area;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{TaxRateId, TaxRegistrationId};
use crate::domain::refusal::Invalid;

/// Longest number of a registration.
const NUMBER_LENGTH: usize = 64;
/// Longest name of a kind of rate, and of its source.
const KIND_LENGTH: usize = 32;
const SOURCE_LENGTH: usize = 500;

/// A registration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRegistration {
    pub id: TaxRegistrationId,
    pub registration: Registration,
    pub created_at: DateTime<Utc>,
}

/// What a caller says of a new registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegistration {
    pub country: String,
    pub state: Option<String>,
    pub number: Option<String>,
    pub scheme: Scheme,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

impl NewRegistration {
    /// The registration.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault, with pointers below `at`.
    pub fn registration(self, at: &str) -> Result<Registration, Invalid> {
        let mut faults = Faults::none();
        let place = Place { country: self.country, state: self.state, postal_code: None };
        place.check_country(at, &mut faults);
        let region = place.state.as_ref().and_then(|_| place.region(at, &mut faults));
        let registration = Registration {
            country: place.country,
            region,
            number: self.number,
            scheme: self.scheme,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        };
        if faults.is_empty() {
            registration.note_faults(at, &mut faults);
        }
        faults.into_result().map(|()| registration)
    }
}

impl Registration {
    /// Checks a registration that is to be kept.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        self.note_faults("", &mut faults);
        faults.into_result()
    }

    fn note_faults(&self, at: &str, faults: &mut Faults) {
        faults.check_optional(&below(at, "number"), self.number.as_deref(), NUMBER_LENGTH);
        check_dates(self.valid_from, self.valid_to, at, faults);
        if self.country == "US" && self.region.is_none() {
            let detail = "the United States have no tax of the whole: register by state, such as NY";
            faults.add(below(at, "state"), "state_required", detail);
        }
        if self.scheme == Scheme::Oss && Area::of(&self.country) != Area::EuVat {
            let detail = "the one-stop shop is of a member state of the European Union, such as IE";
            faults.add(below(at, "scheme"), "no_one_stop_shop", detail);
        }
    }
}

impl KeptRegistration {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        let registration = &self.registration;
        serde_json::json!({
            "object": "tax_registration",
            "id": self.id,
            "country": registration.country,
            "region": registration.region,
            "number": registration.number,
            "scheme": registration.scheme.into_str(),
            "valid_from": registration.valid_from,
            "valid_to": registration.valid_to,
        })
    }
}

/// A rate that a tenant has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRate {
    pub id: TaxRateId,
    pub rate: Rate,
    pub created_at: DateTime<Utc>,
}

/// Most rates of its own that a tenant may have, and most registrations: all of them are read whenever something is taxed.
pub const MOST: usize = 1_000;

/// Refuses one more than a tenant may have.
///
/// # Errors
/// [`Invalid`]: it has as many as it may.
pub fn check_count(count: usize) -> Result<(), Invalid> {
    if count < MOST {
        return Ok(());
    }
    Err(Invalid::one(
        "",
        "too_many",
        format_args!("there are {MOST} already: remove or change one that is there"),
    ))
}

impl OwnRate {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        let rate = &self.rate;
        serde_json::json!({
            "object": "tax_rate",
            "id": self.id,
            "jurisdiction": rate.jurisdiction,
            "kind": rate.kind,
            "rate": rate.rate.normalize(),
            "valid_from": rate.valid_from,
            "valid_to": rate.valid_to,
            "source": rate.source,
        })
    }

    /// Checks a new rate against itself and those that are there.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self, others: &[Rate]) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        let rate = &self.rate;
        Place::of_jurisdiction(&rate.jurisdiction).check_jurisdiction("", &mut faults);
        faults.check_text("/kind", &rate.kind, KIND_LENGTH);
        faults.check_text("/source", &rate.source, SOURCE_LENGTH);
        if rate.rate.is_sign_negative()
            || rate.rate > rust_decimal::Decimal::ONE_HUNDRED
            || rate.rate.scale() > 6
        {
            let detail = "a rate is a percentage from 0 to 100 with at most 6 decimals, such as 19 or 25.5";
            faults.add("/rate", "out_of_range", detail);
        }
        check_dates(Some(rate.valid_from), rate.valid_to, "", &mut faults);
        if let Some(other) = others.iter().find(|other| other.overlaps(rate)) {
            let detail = format_args!(
                "a rate of this kind is there from {} on: end that one first, or choose other dates",
                other.valid_from
            );
            faults.add("/valid_from", "overlapping_rates", detail);
        }
        faults.into_result()
    }
}

fn check_dates(from: Option<NaiveDate>, to: Option<NaiveDate>, at: &str, faults: &mut Faults) {
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        faults.add(
            below(at, "valid_to"),
            "empty_period",
            "valid_to is the first day after it: later than valid_from",
        );
    }
}
