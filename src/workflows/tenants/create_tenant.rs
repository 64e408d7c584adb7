//! How does a business begin? With a tenant, the entity through which it sells, and its first API key, shown once.

use chrono::{DateTime, Utc};

use super::create_api_key::{make, named};
use crate::domain::calendar::Zone;
use crate::domain::entities::series::Malformed;
use crate::domain::entities::{Entity, Founding, Numbering};
use crate::domain::ids::{ApiKeyId, EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::platform::secrets::Secret;
use crate::platform::{clock, random};
use crate::storage::tenants::{BillingSettings, Mode, Tenant, api_keys};
use crate::storage::{Tx, entities, tenants};
use crate::workflows::Error;

/// Days from issue to due of customers that have no terms of their own, until the tenant says otherwise.
const PAYMENT_TERMS_DAYS: i32 = 30;
/// How its documents are numbered, until the tenant says otherwise.
const NUMBERING: [&str; 2] = ["INV-{seq:6}", "CN-{seq:6}"];

/// What to create.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// 1 to 200 characters.
    pub name: String,
    /// Of customers that name none.
    pub zone: Zone,
    /// Of customers that name none.
    pub currency: Currency,
    /// Test or live.
    pub mode: Mode,
    /// Where a test tenant's clock starts; the wall clock's now when left out.
    pub test_clock: Option<DateTime<Utc>>,
}

/// A tenant just created.
#[derive(Debug, Clone)]
pub struct CreatedTenant {
    /// Its id.
    pub tenant_id: TenantId,
    /// Its first key: kept nowhere.
    pub api_key: Secret,
}

/// Creates the tenant.
pub fn run(tx: &mut Tx<'_>, new: &NewTenant) -> Result<CreatedTenant, Error> {
    let name = named(&new.name)?;
    let wall = clock::now();
    let test_clock = match (new.mode, new.test_clock) {
        (Mode::Test, given) => Some(clock::to_stored_precision(given.unwrap_or(wall))),
        (Mode::Live, None) => None,
        (Mode::Live, Some(_)) => {
            return Err(Invalid::one(
                "/test_clock",
                "live_has_no_clock",
                "only a test tenant has a clock of its own",
            )
            .into());
        }
    };
    let tenant_id = TenantId::from_uuid(random::mint(wall));
    let tenant = Tenant {
        id: tenant_id,
        name: name.to_owned(),
        zone: new.zone,
        currency: new.currency,
        mode: new.mode,
        test_clock,
        payment_terms_days: PAYMENT_TERMS_DAYS,
        settings: BillingSettings::default(),
    };
    tenants::insert(tx, &tenant, wall)?;
    let at = test_clock.unwrap_or(wall);
    found_entity(tx, &tenant, at)?;
    let (key, api_key, hash) = make(ApiKeyId::from_uuid(random::mint(at)), "first key", new.mode, at);
    api_keys::insert(tx, tenant_id, &key, &hash)?;
    Ok(CreatedTenant { tenant_id, api_key })
}

/// The entity through which the tenant sells, until it makes others.
fn found_entity(tx: &mut Tx<'_>, tenant: &Tenant, at: DateTime<Utc>) -> Result<(), Error> {
    let pattern = |text: &str| {
        text.parse().map_err(|malformed: Malformed| Invalid::one("/numbering", "malformed_series", malformed))
    };
    let [invoice, credit_note] = NUMBERING;
    let numbering = Numbering { invoice: pattern(invoice)?, credit_note: pattern(credit_note)? };
    let id = EntityId::first_of(tenant.id);
    let founding = Founding { id, currency: tenant.currency, seller_version: 1, at };
    let entity = Entity::first(tenant.id, &tenant.name, numbering, founding);
    entities::insert(tx, tenant.id, &entity)?;
    entities::keep_series(tx, tenant.id, &entity, at)?;
    Ok(entities::keep_printed(tx, tenant.id, &entity, at)?)
}
