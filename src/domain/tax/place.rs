//! Where is a place in the eyes of tax law? The country whose tax it belongs to, and the part of it that taxes in its own way.
//!
//! Monaco is taxed as France; 35001 Las Palmas lies in Spain but outside the VAT of the European Union, with an IGIC of 7 %.

use super::territory::{self, Area};
use crate::domain::fields::{Faults, below};

/// An address as far as tax looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The subdivision's code of ISO 3166-2, without its country: `NY`, `ON`.
    pub state: Option<String>,
    pub postal_code: Option<String>,
}

/// A place as tax law sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Territory {
    /// Whose tax law applies: ISO 3166-1 alpha-2.
    pub country: String,
    /// The part of it with rates or rules of its own: `US-NY`, `PT-20`, `ES-CN`.
    pub region: Option<String>,
    pub area: Area,
}

impl Territory {
    /// The jurisdictions whose rates apply, the nearest first.
    #[must_use]
    pub fn jurisdictions(&self) -> Vec<&str> {
        self.region.iter().map(String::as_str).chain([self.country.as_str()]).collect()
    }

    /// The nearest jurisdiction.
    #[must_use]
    pub fn jurisdiction(&self) -> &str {
        self.region.as_deref().unwrap_or(&self.country)
    }

    /// Whether tax is by subdivision there, and the subdivision is not known.
    #[must_use]
    pub fn lacks_subdivision(&self) -> bool {
        self.region.is_none() && self.area.taxes_by_subdivision()
    }

    /// Whether it is Northern Ireland, which is in the Union for goods and outside it for services.
    #[must_use]
    pub fn is_northern_irish(&self) -> bool {
        self.region.as_deref() == Some(territory::NORTHERN_IRELAND)
    }

    /// Whether both lie under one country's tax law.
    #[must_use]
    pub fn same_country(&self, other: &Territory) -> bool {
        let same_part = self.area != Area::Elsewhere || self.region == other.region;
        self.country == other.country && self.area == other.area && same_part
    }
}

impl Place {
    /// The place of a seller as tax law sees it.
    ///
    /// # Errors
    /// Noted in `faults` with pointers below `at`: an unknown country, a subdivision that is not one of its country, none where tax is by
    /// subdivision.
    pub fn territory(&self, at: &str, faults: &mut Faults) -> Option<Territory> {
        let territory = self.territory_of_buyer(at, faults)?;
        if !territory.lacks_subdivision() {
            return Some(territory);
        }
        if self.given_state().is_none() {
            faults.add(below(at, "state"), "state_required", state_required(&territory.country));
        }
        None
    }

    /// The same of a buyer, whose country may be all that is known: its state matters only to a seller that charges tax there.
    ///
    /// # Errors
    /// Noted in `faults` with pointers below `at`: an unknown country, for which there is no place; a subdivision that is not one of its country,
    /// which counts as unknown.
    pub fn territory_of_buyer(&self, at: &str, faults: &mut Faults) -> Option<Territory> {
        if !self.check_country(at, faults) {
            return None;
        }
        let postal_code = self.postal_code.as_deref().map(plain).unwrap_or_default();
        let (country, special) =
            territory::special(&self.country, &postal_code, self.plain_state().as_deref());
        let area = match special {
            Some(_) if territory::is_apart(special) => Area::Elsewhere,
            _ => Area::of(&country),
        };
        let region = match special {
            Some(region) => Some(region.to_owned()),
            None if area.taxes_by_subdivision() => self.subdivision(&country, at, faults),
            None => None,
        };
        Some(Territory { country, region, area })
    }

    /// A place in a jurisdiction: `US-NY`.
    #[must_use]
    pub fn of_jurisdiction(jurisdiction: &str) -> Place {
        let (country, state) = match jurisdiction.split_once('-') {
            Some((country, state)) => (country, Some(state.to_owned())),
            None => (jurisdiction, None),
        };
        Place { country: country.to_owned(), state, postal_code: None }
    }

    /// The jurisdiction its state is, by the code of ISO 3166-2 or of a part with a tax law apart; `None`: there is no state, or it is at fault.
    pub fn region(&self, at: &str, faults: &mut Faults) -> Option<String> {
        if !self.check_country(at, faults) {
            return None;
        }
        if self.state.is_some() && self.given_state().is_none() {
            faults.add(
                below(at, "state"),
                "blank",
                "this state is blank: leave it out, or write its code of ISO 3166-2",
            );
            return None;
        }
        self.given_state().and_then(|_| self.subdivision(&self.country, at, faults))
    }

    /// Notes a country that there is not.
    pub fn check_country(&self, at: &str, faults: &mut Faults) -> bool {
        let is_known = self.country.len() == 2 && rust_iso3166::from_alpha2(&self.country).is_some();
        if !is_known {
            let detail = "a country is its ISO 3166-1 code of two upper-case letters, such as DE";
            faults.add(below(at, "country"), "unknown_country", detail);
        }
        is_known
    }

    /// The place of a seller, whose state is one of its country even where tax is not by subdivision.
    ///
    /// # Errors
    /// As of [`Place::territory`].
    pub fn check_seller(&self, at: &str, faults: &mut Faults) -> Option<Territory> {
        let territory = self.territory(at, faults)?;
        if self.state.is_some() && !territory.area.taxes_by_subdivision() {
            self.check_jurisdiction(at, faults);
        }
        Some(territory)
    }

    /// Notes a country or a state that there is not.
    pub fn check_jurisdiction(&self, at: &str, faults: &mut Faults) {
        let _noted = self.region(at, faults);
    }

    /// Its state without the country before it, in capitals: `GB-NIR` is `NIR`.
    fn plain_state(&self) -> Option<String> {
        let state = self.given_state()?.to_ascii_uppercase();
        let within = state.strip_prefix(&self.country).and_then(|rest| rest.strip_prefix('-'));
        Some(within.map_or(state.clone(), str::to_owned))
    }

    fn given_state(&self) -> Option<&str> {
        self.state.as_deref().map(str::trim).filter(|state| !state.is_empty())
    }

    /// The subdivision in which a country taxes: by its code, its code with the country, or, in Canada, its postal code.
    fn subdivision(&self, country: &str, at: &str, faults: &mut Faults) -> Option<String> {
        let by_post = || match country {
            "CA" => self.postal_code.as_deref().and_then(territory::province_of_postal_code),
            _ => None,
        };
        let state = self.given_state().or_else(by_post)?;
        let state = state.to_ascii_uppercase();
        let code = match state.split_once('-') {
            Some((whose, _)) if whose == country => state,
            _ => format!("{country}-{state}"),
        };
        if rust_iso3166::iso3166_2::from_code(&code).is_none() && !territory::is_part(&code) {
            let detail = match example(country) {
                Some(example) => format!(
                    "{country} has no subdivision {code}: write its code of ISO 3166-2, such as {example}"
                ),
                None => format!("{country} has no subdivisions: leave the state out"),
            };
            faults.add(below(at, "state"), "unknown_subdivision", detail);
            return None;
        }
        Some(code)
    }
}

/// A postal code without blanks and dashes, in capitals, and without the country before it: `FI-22100` is `22100`.
fn plain(code: &str) -> String {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    code.to_ascii_uppercase()
}

/// What to do where the state is needed and not given.
pub(super) fn state_required(country: &str) -> String {
    format!(
        "tax in {country} is by its subdivisions: give the state, such as {}",
        example(country).unwrap_or_default()
    )
}

/// A subdivision of a country, without its country.
fn example(country: &str) -> Option<&'static str> {
    let known = match country {
        "US" => "NY",
        "CA" => "ON",
        "IN" => "KA",
        _ => {
            let country = rust_iso3166::from_alpha2(country)?;
            country.subdivisions()?.first()?.code.split_once('-')?.1
        }
    };
    Some(known)
}
