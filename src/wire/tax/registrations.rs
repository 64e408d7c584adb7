//! Where is a tenant registered for tax? `{"country": "IE", "scheme": "oss", "number": "EU372000041", "valid_from": "2026-01-01"}`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TaxScheme;
use crate::domain::ids::{EntityId, TaxRegistrationId};
use crate::domain::tax::parties::Scheme;
use crate::domain::tax::registered as domain;
use crate::wire::patch::given;

/// A new registration for tax.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"country": "US", "state": "NY", "number": "12-3456789", "valid_from": "2026-01-01"}))]
pub struct NewTaxRegistration {
    /// Which of your legal entities is registered: needed when you have several.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where tax is by subdivision: its code of ISO 3166-2 without the country, such as NY.
    pub state: Option<String>,
    /// As the authority writes it.
    pub number: Option<String>,
    /// `standard` when left out.
    pub scheme: Option<TaxScheme>,
    /// The first day; left out: always.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

impl From<&NewTaxRegistration> for domain::NewRegistration {
    fn from(new: &NewTaxRegistration) -> domain::NewRegistration {
        domain::NewRegistration {
            country: new.country.clone(),
            state: new.state.clone(),
            number: new.number.clone(),
            scheme: new.scheme.map(Scheme::from).unwrap_or_default(),
            valid_from: new.valid_from,
            valid_to: new.valid_to,
        }
    }
}

/// What to change of a registration. What is left out stays; null takes a value away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"valid_to": "2027-01-01"}))]
pub struct TaxRegistrationPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub number: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>)]
    pub valid_from: Option<Option<NaiveDate>>,
    /// The first day on which it no longer holds.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>)]
    pub valid_to: Option<Option<NaiveDate>>,
}

/// A registration for tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxRegistration {
    #[schema(value_type = String, example = "taxreg_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: TaxRegistrationId,
    /// Who is registered.
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    #[schema(example = "US")]
    pub country: String,
    /// ISO 3166-2, where tax is by subdivision.
    #[schema(example = "US-NY")]
    pub jurisdiction: String,
    pub number: Option<String>,
    pub scheme: TaxScheme,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
}

impl From<domain::KeptRegistration> for TaxRegistration {
    fn from(kept: domain::KeptRegistration) -> TaxRegistration {
        let registration = kept.registration;
        TaxRegistration {
            id: kept.id,
            entity_id: kept.entity_id,
            jurisdiction: registration.region.unwrap_or_else(|| registration.country.clone()),
            country: registration.country,
            number: registration.number,
            scheme: registration.scheme.into(),
            valid_from: registration.valid_from,
            valid_to: registration.valid_to,
            created_at: kept.created_at,
        }
    }
}
