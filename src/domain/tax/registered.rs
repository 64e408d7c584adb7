//! Where is a seller registered, and from when to when? What a tenant keeps of it, and what is wrong with what it sends.
//!
//! France, number FR40303265045, the one-stop shop, from 1 January 2026.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::parties::{Registration, Scheme};
use super::place::{Place, state_required};
use super::rates::{self, Rate};
use super::territory::{self, Area};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{EntityId, TaxRateId, TaxRegistrationId};
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
    /// Who is registered.
    pub entity_id: EntityId,
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
        let region = place.region(at, &mut faults);
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

    /// Checks a registration against the others: nobody is registered twice at once in one place, nor in two one-stop shops.
    ///
    /// # Errors
    /// [`Invalid`]: `overlapping_registrations`, with a pointer below `at`.
    pub fn check_beside(&self, others: &[Registration], at: &str) -> Result<(), Invalid> {
        let begins_before_end = |a: &Registration, b: &Registration| match (a.valid_from, b.valid_to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        let is_same = |other: &Registration| {
            let in_one_place = other.country == self.country && other.region == self.region;
            other.scheme == self.scheme && (in_one_place || self.scheme == Scheme::Oss)
        };
        let overlaps = |other: &&Registration| {
            is_same(other) && begins_before_end(self, other) && begins_before_end(other, self)
        };
        let Some(other) = others.iter().find(overlaps) else { return Ok(()) };
        let place = other.region.as_ref().unwrap_or(&other.country);
        let detail = match self.scheme {
            Scheme::Oss => format!(
                "you are in the one-stop shop of {place} then: end that registration first, or choose other dates"
            ),
            _ => format!(
                "you are registered in {place} then: end that registration first, or choose other dates"
            ),
        };
        Err(Invalid::one(below(at, "valid_from"), "overlapping_registrations", detail))
    }

    fn note_faults(&self, at: &str, faults: &mut Faults) {
        faults.check_optional(&below(at, "number"), self.number.as_deref(), NUMBER_LENGTH);
        check_dates([self.valid_from, self.valid_to], at, faults);
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
            "entity_id": self.entity_id,
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
        if faults.is_empty() {
            check_kind(rate, &mut faults);
        }
        check_dates([Some(rate.valid_from), rate.valid_to], "", &mut faults);
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

/// Notes a place without a tax of its own, and a kind of rate that nothing there is taxed at.
fn check_kind(rate: &Rate, faults: &mut Faults) {
    let (country, state) = rate.jurisdiction.split_once('-').unwrap_or((&rate.jurisdiction, ""));
    let (law, _) = territory::special(country, "", None);
    if law != country {
        faults.add(
            "/country",
            "no_tax_of_its_own",
            format_args!("{country} is taxed as {law}: add the rate there"),
        );
        return;
    }
    let by_state = matches!(Area::of(country), Area::UnitedStates | Area::Canada);
    if !state.is_empty() && !by_state && !territory::is_part(&rate.jurisdiction) {
        faults.add(
            "/state",
            "no_tax_of_its_own",
            format_args!("{country} has one tax for the whole of it: leave the state out"),
        );
        return;
    }
    let kinds = rates::kinds(&rate.jurisdiction);
    if kinds.is_empty() {
        faults.add("/state", "state_required", state_required(country));
    } else if !kinds.contains(&rate.kind.as_str()) {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let detail = format_args!(
            "nothing in {} is taxed at a rate of this kind: write {}",
            rate.jurisdiction,
            kinds.join(", ")
        );
        faults.add("/kind", "unknown_kind", detail);
    }
}

/// The years in which dates of tax law lie: 27-01-01 is a slip of the pen for 2027-01-01, not the year 27.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// Notes a day outside the years of tax law.
pub fn check_day(day: Option<NaiveDate>, pointer: &str, faults: &mut Faults) {
    if day.is_some_and(|day| !YEARS.contains(&day.year())) {
        let detail = "a date is written YYYY-MM-DD, in the years 1900 to 2200, such as 2027-01-01";
        faults.add(pointer, "date_out_of_range", detail);
    }
}

/// Notes what is wrong with the first day and the first day after.
pub fn check_dates([from, to]: [Option<NaiveDate>; 2], at: &str, faults: &mut Faults) {
    check_day(from, &below(at, "valid_from"), faults);
    check_day(to, &below(at, "valid_to"), faults);
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
