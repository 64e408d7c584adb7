//! From where does a tenant sell? `{"country": "FR", "rounding": "document", "unknown_tax_ids": "charge"}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TaxRounding, UnknownTaxIds};
use crate::domain::tax::parties::UnknownNumbers;
use crate::domain::tax::settings as domain;
use crate::wire::patch::{given, present};

/// What your tax is decided by, beside registrations and rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxSettings {
    /// Where you are established: ISO 3166-1 alpha-2. Null: nothing is taxed.
    #[schema(example = "FR")]
    pub country: Option<String>,
    /// The subdivision, by its code of ISO 3166-2 without the country.
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub rounding: TaxRounding,
    pub unknown_tax_ids: UnknownTaxIds,
    /// Who is asked whether numbers are valid: `vies`, or the `simulator` of test tenants. Null: nobody, for the server was started without `--vies`.
    #[schema(value_type = Option<String>, example = "vies")]
    pub register: Option<&'static str>,
    /// What will not go as these settings say: with `wait` and no `register`, an invoice waits until you give the number a `status`.
    pub warning: Option<&'static str>,
}

/// What is said of settings that wait for an answer that nobody will give.
const NOBODY_ANSWERS: &str = "this server asks no register whether numbers are valid: an invoice that waits for that does so until you give the \
    number a status, or have the server started with --vies";

impl TaxSettings {
    /// The settings, on a server that asks this register.
    #[must_use]
    pub fn of(settings: domain::Settings, register: Option<&'static str>) -> TaxSettings {
        let waits_in_vain = settings.unknown_numbers == UnknownNumbers::Wait && register.is_none();
        let place = settings.place;
        TaxSettings {
            country: place.as_ref().map(|place| place.country.clone()),
            state: place.as_ref().and_then(|place| place.state.clone()),
            postal_code: place.and_then(|place| place.postal_code),
            rounding: settings.rounding.into(),
            unknown_tax_ids: settings.unknown_numbers.into(),
            register,
            warning: waits_in_vain.then_some(NOBODY_ANSWERS),
        }
    }
}

/// What to change of it. What is left out stays; null takes a value away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"country": "FR"}))]
pub struct TaxSettingsPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub country: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub state: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub postal_code: Option<Option<String>>,
    /// `document` unless changed.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub rounding: Option<TaxRounding>,
    /// `charge` unless changed.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub unknown_tax_ids: Option<UnknownTaxIds>,
}
