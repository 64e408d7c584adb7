//! How does a tenant take events now?

use crate::domain::ids::TenantId;
use crate::domain::usage::Settings;
use crate::storage::{Tx, usage};
use crate::workflows::Error;

/// What the tenant has set, or the defaults.
pub fn run(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Settings, Error> {
    Ok(usage::find_settings(tx, tenant_id)?)
}
