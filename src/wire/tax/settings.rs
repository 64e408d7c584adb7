//! From where does a tenant sell? `{"country": "FR", "rounding": "document", "unknown_tax_ids": "charge"}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TaxRounding, UnknownTaxIds};
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
}

impl From<domain::Settings> for TaxSettings {
    fn from(settings: domain::Settings) -> TaxSettings {
        let place = settings.place;
        TaxSettings {
            country: place.as_ref().map(|place| place.country.clone()),
            state: place.as_ref().and_then(|place| place.state.clone()),
            postal_code: place.and_then(|place| place.postal_code),
            rounding: settings.rounding.into(),
            unknown_tax_ids: settings.unknown_numbers.into(),
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
