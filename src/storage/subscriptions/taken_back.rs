//! Which changes are void, by which, and what did an end take away? An uncancel of 20 January marks the cancellation of the 10th,
//! and takes the mark off what that one had made void.

use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};

use super::change::Change;
use crate::domain::ids::{ChangeId, SubscriptionId, TenantId};
use crate::domain::subscriptions::undo::{TakesBack, Undo};
use crate::storage::customers::Held;
use crate::storage::schema::subscription_changes as changes;
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// What plans something; a charge beside the plan stays, whatever becomes of the plan.
const PLANNING: [&str; 4] = ["pause", "resume", "change", "phase"];

/// The change that set an end, and what that took away; of one recorded long ago, that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetEnd {
    pub change: ChangeId,
    pub undo: Option<Undo>,
}

/// The last change of a kind that set an end and is not taken back.
pub fn set_end(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subscription, kind): (SubscriptionId, &str),
) -> Result<Option<SetEnd>, StorageError> {
    let found: Option<(ChangeId, Option<Json<Undo>>)> = changes::table
        .filter(changes::tenant_id.eq(tenant_id))
        .filter(changes::subscription_id.eq(subscription))
        .filter(changes::kind.eq(kind).and(changes::taken_back_at.is_null()))
        .order((changes::requested_at.desc(), changes::id.desc()))
        .select((changes::id, changes::undo))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(change, undo)| SetEnd { change, undo: undo.map(|undo| undo.0) }))
}

/// Writes what a change makes void, and what the end it sets took away.
pub(super) fn save(
    tx: &mut Tx<'_>,
    held: &Held,
    change: &Change,
    takes_back: &TakesBack,
    undo: Option<&Undo>,
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let same_subscription =
        changes::tenant_id.eq(tenant_id).and(changes::subscription_id.eq(change.subscription_id));
    let void = (changes::taken_back_at.eq(change.requested_at), changes::taken_back_by.eq(change.id));
    if let Some(undo) = undo {
        let itself = changes::table.find((tenant_id, change.id));
        diesel::update(itself).set(changes::undo.eq(Json(undo))).execute(tx.conn)?;
    }
    if let Some(end) = takes_back.change {
        if takes_back.plans {
            diesel::update(changes::table)
                .filter(same_subscription.and(changes::taken_back_by.eq(end)))
                .set((
                    changes::taken_back_at.eq(None::<chrono::DateTime<chrono::Utc>>),
                    changes::taken_back_by.eq(None::<ChangeId>),
                ))
                .execute(tx.conn)?;
        }
        diesel::update(changes::table.find((tenant_id, end))).set(void).execute(tx.conn)?;
    }
    if let Some(after) = takes_back.after {
        let planning = if takes_back.breaks_only { &PLANNING[..2] } else { &PLANNING };
        diesel::update(changes::table)
            .filter(
                same_subscription.and(changes::kind.eq_any(planning)).and(changes::effective_at.gt(after)),
            )
            .filter(changes::taken_back_at.is_null().and(changes::id.ne(change.id)))
            .set(void)
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Lets what was planned before the end that is set be planned no longer, should that end be taken back.
pub fn forget_plans(tx: &mut Tx<'_>, held: &Held, subscription: SubscriptionId) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::sql_query(
        "UPDATE subscription_changes SET undo = jsonb_set(undo, ARRAY[$3], 'false') \
         WHERE tenant_id = $1 AND subscription_id = $2 AND undo IS NOT NULL AND taken_back_at IS NULL",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(subscription)
    .bind::<Text, _>("plans")
    .execute(tx.conn)?;
    Ok(())
}
