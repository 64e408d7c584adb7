//! Which months of events are kept? Those ahead are made before the first event comes; those that every tenant's retention has passed, and
//! that were billed in full, are dropped. What they add up to is kept for ever.

use chrono::TimeDelta;

use crate::domain::ids::TenantId;
use crate::platform::clock;
use crate::storage::usage::{self, Month};
use crate::storage::{Session, StorageError, Tx, tenants};
use crate::workflows::{Error, Scope};

/// Makes and drops months; gives those dropped.
pub fn run(session: &mut Session) -> Result<Vec<Month>, Error> {
    let now = clock::now();
    session.transaction("make_usage_months", |tx| usage::make_ahead(tx, now).map_err(Error::from))?;
    // A month is locked to look into it: only where some tenant drops events at all.
    let bounded = session.read(|tx| {
        let mut bounded = false;
        for tenant in tenants::all(tx)? {
            bounded |= usage::find_settings(tx, tenant.id)?.retention_days.is_some();
        }
        Ok::<bool, StorageError>(bounded)
    })?;
    let (mut dropped, mut failed) = (Vec::new(), None);
    if bounded {
        let months = session.read(usage::months)?.into_iter();
        for month in months.filter(|month| usage::end_of(*month) < now - TimeDelta::days(31)) {
            match session.transaction("drop_usage_month", |tx| drop_month(tx, month)) {
                Ok(true) => {
                    tracing::info!(%month, "dropped the events of a month");
                    dropped.push(month);
                }
                Ok(false) => {}
                // One month's trouble keeps no other from being dropped.
                Err(error) if !error.is_broken() => {
                    tracing::error!(%month, %error, "the events of a month could not be dropped");
                    failed = failed.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
    }
    failed.map_or(Ok(dropped), Err)
}

/// Drops a month when every tenant with events in it is done with them.
fn drop_month(tx: &mut Tx<'_>, month: Month) -> Result<bool, Error> {
    let tenants = usage::tenants_of(tx, month)?;
    for &(tenant_id, unbilled) in &tenants {
        if unbilled || !has_passed(tx, tenant_id, month)? {
            return Ok(false);
        }
    }
    if tenants.is_empty() {
        return Ok(false);
    }
    for (tenant_id, _) in tenants {
        let mut settings = usage::find_settings(tx, tenant_id)?;
        settings.dropped_before = settings.dropped_before.max(Some(usage::end_of(month)));
        usage::save_settings(tx, tenant_id, &settings)?;
    }
    usage::drop_month(tx, month)?;
    Ok(true)
}

fn has_passed(tx: &mut Tx<'_>, tenant_id: TenantId, month: Month) -> Result<bool, Error> {
    let Some(days) = usage::find_settings(tx, tenant_id)?.retention_days else { return Ok(false) };
    let now = Scope::load(tx, tenant_id)?.now;
    Ok(usage::end_of(month) + TimeDelta::days(i64::from(days)) <= now)
}
