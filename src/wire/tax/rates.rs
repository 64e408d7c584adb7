//! Which rates are there? `{"jurisdiction": "DE", "kind": "standard", "rate": "19", "valid_from": "2021-01-01", "valid_to": null, …}`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::fields::Faults;
use crate::domain::ids::TaxRateId;
use crate::domain::refusal::Invalid;
use crate::domain::tax::codes::TaxCode;
use crate::domain::tax::place::Place;
use crate::domain::tax::rates::{self as domain, Rate};
use crate::domain::tax::registered::OwnRate;
use crate::wire::amounts::DecimalText;

/// A rate of your own, which goes before the program's.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"country": "DE", "kind": "standard", "rate": "19", "valid_from": "2021-01-01", "source": "UStG § 12"}))]
pub struct NewTaxRate {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The subdivision, by its code of ISO 3166-2 without the country.
    pub state: Option<String>,
    /// `standard`, `reduced`, `zero`, `gst`, `hst`, `pst`, `qst`, `sales`, ….
    pub kind: String,
    /// In percent.
    #[schema(value_type = String, example = "19")]
    pub rate: DecimalText,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// The law or authority that says so.
    pub source: String,
}

impl NewTaxRate {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<Rate, Invalid> {
        let mut faults = Faults::none();
        let place = Place { country: self.country.clone(), state: self.state.clone(), postal_code: None };
        let region = place.region("", &mut faults);
        let rate = self.rate.read("/rate", &mut faults);
        faults.into_result()?;
        Ok(Rate {
            jurisdiction: region.unwrap_or_else(|| self.country.clone()),
            kind: self.kind.clone(),
            rate: rate.unwrap_or_default(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            source: self.source.clone(),
        })
    }
}

/// A rate of tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxRate {
    /// Of a rate of your own; null: it is the program's.
    #[schema(value_type = Option<String>, example = "taxrate_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: Option<TaxRateId>,
    /// ISO 3166-1 or 3166-2.
    #[schema(example = "DE")]
    pub jurisdiction: String,
    #[schema(example = "standard")]
    pub kind: String,
    /// In percent.
    #[schema(example = "19")]
    pub rate: String,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// The law or authority that says so.
    pub source: String,
    /// Null of the program's.
    pub created_at: Option<DateTime<Utc>>,
}

impl From<&Rate> for TaxRate {
    fn from(rate: &Rate) -> TaxRate {
        TaxRate {
            id: None,
            jurisdiction: rate.jurisdiction.clone(),
            kind: rate.kind.clone(),
            rate: rate.rate.normalize().to_string(),
            valid_from: rate.valid_from,
            valid_to: rate.valid_to,
            source: rate.source.clone(),
            created_at: None,
        }
    }
}

impl From<OwnRate> for TaxRate {
    fn from(own: OwnRate) -> TaxRate {
        TaxRate { id: Some(own.id), created_at: Some(own.created_at), ..TaxRate::from(&own.rate) }
    }
}

/// Which rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaxRatesQuery {
    /// Those of this country and its subdivisions: ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Those of this subdivision and its country, by its code of ISO 3166-2 without the country.
    pub state: Option<String>,
    /// Those that hold on this day; left out: all that ever held.
    pub date: Option<NaiveDate>,
    /// Those of this kind.
    pub kind: Option<String>,
}

impl TaxRatesQuery {
    /// Checks what is wanted.
    ///
    /// # Errors
    /// [`Invalid`]: a country or state that there is not; a state of no country.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        match (&self.country, &self.state) {
            (Some(country), state) => {
                let place = Place { country: country.clone(), state: state.clone(), postal_code: None };
                place.check_jurisdiction("/query", &mut faults);
            }
            (None, Some(state)) => {
                let detail = format_args!("say of which country it is, such as ?country=US&state={state}");
                faults.add("/query/country", "country_required", detail);
            }
            (None, None) => {}
        }
        faults.into_result()
    }

    /// Whether a rate is among them.
    #[must_use]
    pub fn admits(&self, rate: &Rate) -> bool {
        let country = rate.jurisdiction.split('-').next().unwrap_or_default();
        let of_state = |state: &String| {
            rate.jurisdiction == country
                || rate
                    .jurisdiction
                    .split_once('-')
                    .is_some_and(|(_, region)| region.eq_ignore_ascii_case(state))
        };
        self.country.as_ref().is_none_or(|wanted| wanted == country)
            && self.state.as_ref().is_none_or(of_state)
            && self.date.is_none_or(|date| rate.holds_on(date))
            && self.kind.as_ref().is_none_or(|kind| *kind == rate.kind)
    }
}

/// The rates that hold, a tenant's own first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxRates {
    pub data: Vec<TaxRate>,
}

impl TaxRates {
    /// Those that are wanted, of a tenant's own and of the program's.
    #[must_use]
    pub fn of(query: &TaxRatesQuery, own: Vec<OwnRate>) -> TaxRates {
        let own = own.into_iter().filter(|own| query.admits(&own.rate)).map(TaxRate::from);
        let known = domain::known().iter().filter(|rate| query.admits(rate)).map(TaxRate::from);
        TaxRates { data: own.chain(known).collect() }
    }
}

/// What a product is for tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProductTaxCode {
    #[schema(example = "saas")]
    pub code: &'static str,
    #[schema(example = "Software used over the internet")]
    pub description: &'static str,
}

/// The tax codes there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProductTaxCodes {
    pub data: Vec<ProductTaxCode>,
}

impl ProductTaxCodes {
    /// All of them.
    #[must_use]
    pub fn all() -> ProductTaxCodes {
        let each = |code: TaxCode| ProductTaxCode { code: code.into_str(), description: code.description() };
        ProductTaxCodes { data: TaxCode::all().map(each).collect() }
    }
}
