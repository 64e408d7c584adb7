//! What does a tenant read of its tax? Settings, registrations in pages, its own rates.

use diesel::prelude::*;

use super::registrations::RegistrationRow;
use crate::domain::ids::TenantId;
use crate::domain::tax::registered::KeptRegistration;
use crate::domain::tax::settings::Settings;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::tax_registrations;
use crate::storage::{StorageError, Tx};

pub use super::providers::{Differing, differences, find_provider, list_providers, providers};
pub use super::rates::own_rates;
pub use super::registrations::find_registration;
pub use super::sold_in_states::sold_in_states;
pub use super::{entries, figures, regime};

/// What the tenant has set, with where its default entity is.
pub fn settings(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Settings, StorageError> {
    super::settings::find_settings(tx, tenant_id, None)
}

/// A page of registrations.
pub fn list_registrations(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keyset: &Keyset,
) -> Result<Slice<KeptRegistration>, StorageError> {
    let query = tax_registrations::table
        .filter(tax_registrations::tenant_id.eq(tenant_id))
        .select(RegistrationRow::as_select())
        .into_boxed();
    let rows: Vec<RegistrationRow> = keyset_query!(query, tax_registrations::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(KeptRegistration::from))
}
