//! Where does a tenant sell from, where is it registered, and which rates has it set? A row each.
//!
//! What is on this shelf, what is not, and its laws: [`domain::tax`](crate::domain::tax).

mod across_borders;
mod buyers;
mod charged;
pub mod entries;
pub mod figures;
mod line_taxes;
mod nexus_marks;
pub mod providers;
mod rates;
mod registrations;
mod settings;
mod sold_in_states;
pub mod views;

pub use across_borders::sold_across_borders;
pub use buyers::{buyers, tax_terms};
pub use charged::{charged, stand_in};
pub use line_taxes::{
    NoteTax, delete_line_taxes, insert_line_taxes, insert_note_taxes, line_taxes, taken_by_notes, tax_draft,
};
pub use nexus_marks::{look_at_nexus, record_mark};
pub use rates::{delete_rate, insert_rate, own_rates};
pub use registrations::{find_registration, insert_registration, update_registration};
pub use settings::{keep_settings, lock_settings, save_settings};

use diesel::prelude::*;

use crate::domain::ids::{EntityId, TenantId};
use crate::domain::tax::rates::Rates;
use crate::domain::tax::settings::Regime;
use crate::storage::schema::invoice_line_taxes;
use crate::storage::{StorageError, Tx};

/// Whether the tenant says from where it sells, or has once: before that nothing is taxed, and no tax goes back.
pub fn has_taxed(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<bool, StorageError> {
    if settings::is_anywhere(tx, tenant_id)? {
        return Ok(true);
    }
    let taxes = invoice_line_taxes::table.filter(invoice_line_taxes::tenant_id.eq(tenant_id));
    Ok(diesel::select(diesel::dsl::exists(taxes)).get_result(tx.conn)?)
}

/// All that the tax of what an entity sells is decided by, but its buyers.
pub fn regime(tx: &mut Tx<'_>, (tenant_id, entity_id): (TenantId, EntityId)) -> Result<Regime, StorageError> {
    let registrations = registrations::all(tx, (tenant_id, entity_id))?;
    let own = rates::own_rates(tx, tenant_id)?;
    Ok(Regime {
        settings: settings::find_settings(tx, tenant_id, Some(entity_id))?,
        registrations: registrations.into_iter().map(|kept| kept.registration).collect(),
        rates: Rates { own: own.into_iter().map(|kept| kept.rate).collect() },
    })
}
