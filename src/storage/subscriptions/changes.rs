//! What was changed, by whom, and what has it become? The change itself, the versions it ended and began, and a new phase.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use super::change::Change;
use super::item_versions::{VersionRow, stored};
use crate::domain::billing::expected::Cursor;
use crate::domain::ids::{ApiKeyId, ChangeId, SubscriptionId, TenantId};
use crate::domain::subscriptions::phase::Phase;
use crate::domain::subscriptions::undo::{TakesBack, Undo};
use crate::domain::subscriptions::{ItemVersion, Subscription, Timeline};
use crate::storage::billing::save_cursors;
use crate::storage::customers::Held;
use crate::storage::customers::accounts;
use crate::storage::schema::{item_versions, subscription_changes, subscriptions};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// A subscription before and after a change.
#[derive(Debug)]
pub struct Saved<'a> {
    pub change: &'a Change,
    pub subscription: &'a Subscription,
    pub before: &'a Timeline,
    pub after: &'a Timeline,
    pub phase: Option<Phase>,
    /// Phases that would have begun later than this are taken back.
    pub replaces_after: DateTime<Utc>,
    pub takes_back: &'a TakesBack,
    /// What the end it sets took away.
    pub undo: Option<&'a Undo>,
    pub cursor: Cursor,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subscription_changes)]
#[diesel(treat_none_as_default_value = false)]
pub(in crate::storage) struct ChangeRow {
    tenant_id: TenantId,
    id: ChangeId,
    subscription_id: SubscriptionId,
    kind: String,
    effective_at: DateTime<Utc>,
    requested_at: DateTime<Utc>,
    api_key_id: Option<ApiKeyId>,
    request: Value,
    taken_back_at: Option<DateTime<Utc>>,
    taken_back_by: Option<ChangeId>,
}

impl ChangeRow {
    fn of(tenant_id: TenantId, change: &Change) -> ChangeRow {
        ChangeRow {
            tenant_id,
            id: change.id,
            subscription_id: change.subscription_id,
            kind: change.kind.clone(),
            effective_at: change.effective_at,
            requested_at: change.requested_at,
            api_key_id: change.api_key_id,
            request: change.request.clone(),
            taken_back_at: change.taken_back.map(|(at, _)| at),
            taken_back_by: change.taken_back.map(|(_, by)| by),
        }
    }

    /// The row's id, for pages.
    pub(in crate::storage) fn into_change(self) -> Change {
        Change {
            id: self.id,
            subscription_id: self.subscription_id,
            kind: self.kind,
            effective_at: self.effective_at,
            requested_at: self.requested_at,
            api_key_id: self.api_key_id,
            request: self.request,
            taken_back: self.taken_back_at.zip(self.taken_back_by),
        }
    }
}

/// Writes a change: what it made of the timeline, and where billing has to look again. The customer is locked.
pub fn save(tx: &mut Tx<'_>, held: &Held, saved: &Saved<'_>) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let Saved { change, subscription, before, after, phase, replaces_after, cursor, takes_back, undo } =
        saved;
    diesel::insert_into(subscription_changes::table)
        .values(ChangeRow::of(tenant_id, change))
        .execute(tx.conn)?;
    for version in &after.versions {
        match before.versions.iter().find(|v| v.id == version.id) {
            None => {
                let (subscription_id, at, by) =
                    (change.subscription_id, change.requested_at, Some(change.id));
                let row = VersionRow::of(tenant_id, subscription_id, at, by, version);
                diesel::insert_into(item_versions::table).values(row).execute(tx.conn)?;
            }
            Some(was) if was != version => update_version(tx, tenant_id, change, was, version)?,
            Some(_) => {}
        }
    }
    super::taken_back::save(tx, held, change, takes_back, *undo)?;
    super::phases::restore(tx, held, (subscription.id, &takes_back.phases))?;
    super::phases::replace_after(tx, held, (subscription.id, *replaces_after))?;
    if let Some(phase) = phase {
        super::phases::insert(tx, held, (change, *phase))?;
    }
    diesel::update(subscriptions::table.find((tenant_id, subscription.id)))
        .set((
            subscriptions::end_at.eq(subscription.end_at),
            subscriptions::agreed_end_at.eq(subscription.agreed_end_at),
            subscriptions::canceled_at.eq(subscription.canceled_at),
            subscriptions::step_at.eq(subscription.step_at),
            subscriptions::terms.eq(subscription.terms.map(Json)),
            subscriptions::pause_from.eq(subscription.pause.map(|pause| pause.from)),
            subscriptions::pause_until.eq(subscription.pause.and_then(|pause| pause.until)),
            subscriptions::pause_mode.eq(subscription.pause.map(|pause| pause.mode)),
            subscriptions::pause_moves_end.eq(subscription.pause.is_none_or(|pause| pause.moves_end)),
        ))
        .execute(tx.conn)?;
    // Billing keeps its place under whoever pays; both are locked.
    let payer = accounts::payer_of(tx, tenant_id, subscription.customer_id)?;
    save_cursors(tx, held, &[(payer, subscription.id, *cursor)])
}

fn update_version(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    change: &Change,
    was: &ItemVersion,
    version: &ItemVersion,
) -> Result<(), StorageError> {
    let bounds = version.bounds;
    let row = item_versions::table.find((tenant_id, change.subscription_id, version.id));
    diesel::update(row)
        .set((
            item_versions::valid_to.eq(version.valid_to),
            item_versions::ends_by.eq(stored(bounds.ends_by)),
            item_versions::held.eq(bounds.held),
            item_versions::due_from.eq(bounds.due_from),
            item_versions::end_due_from.eq(bounds.end_due_from),
        ))
        .execute(tx.conn)?;
    if was.valid_to != version.valid_to {
        diesel::update(row).set(item_versions::ended_by.eq(change.id)).execute(tx.conn)?;
    }
    Ok(())
}
