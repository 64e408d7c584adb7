//! Where does a tenant hear of its events? A row an endpoint, its secrets sealed; a new one hears of what the feed gets from now on.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{TenantId, WebhookEndpointId};
use crate::domain::webhooks::{Disabled, Endpoint, PayloadForm, Signature, Why};
use crate::storage::schema::{event_counters, tenants, webhook_deliveries, webhook_endpoints as table};
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
pub(super) struct EndpointRow {
    tenant_id: TenantId,
    id: WebhookEndpointId,
    url: String,
    description: Option<String>,
    event_types: Option<Json<BTreeSet<String>>>,
    payload: PayloadForm,
    signature: Signature,
    secret: String,
    public_key: Option<String>,
    old_secret: Option<String>,
    old_secret_until: Option<DateTime<Utc>>,
    failing_since: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
    disabled_reason: Option<Why>,
    created_at: DateTime<Utc>,
}

/// An endpoint with its secrets as they are kept: sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub endpoint: Endpoint,
    pub secret: String,
    /// The one before, while it signs, too.
    pub old_secret: Option<String>,
}

impl From<EndpointRow> for Sealed {
    fn from(row: EndpointRow) -> Sealed {
        let disabled = row.disabled_at.zip(row.disabled_reason).map(|(since, why)| Disabled { since, why });
        let endpoint = Endpoint {
            id: row.id,
            url: row.url,
            description: row.description,
            event_types: row.event_types.map(|types| types.0),
            payload: row.payload,
            signature: row.signature,
            public_key: row.public_key,
            old_secret_until: row.old_secret_until,
            disabled,
            failing_since: row.failing_since,
            created_at: row.created_at,
        };
        Sealed { endpoint, secret: row.secret, old_secret: row.old_secret }
    }
}

fn row(tenant_id: TenantId, sealed: &Sealed) -> EndpointRow {
    let Sealed { endpoint, secret, old_secret } = sealed.clone();
    EndpointRow {
        tenant_id,
        id: endpoint.id,
        url: endpoint.url,
        description: endpoint.description,
        event_types: endpoint.event_types.map(Json),
        payload: endpoint.payload,
        signature: endpoint.signature,
        secret,
        public_key: endpoint.public_key,
        old_secret,
        old_secret_until: endpoint.old_secret_until,
        failing_since: endpoint.failing_since,
        disabled_at: endpoint.disabled.map(|disabled| disabled.since),
        disabled_reason: endpoint.disabled.map(|disabled| disabled.why),
        created_at: endpoint.created_at,
    }
}

/// Lets one transaction at a time add endpoints of a tenant: their number is bounded.
pub fn lock_endpoints(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    let row = tenants::table.find(tenant_id).select(tenants::id);
    row.for_no_key_update().first::<TenantId>(tx.conn).found(Thing::Tenant, tenant_id)?;
    Ok(())
}

/// How many a tenant has.
pub fn count_endpoints(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<i64, StorageError> {
    Ok(table::table.filter(table::tenant_id.eq(tenant_id)).count().get_result(tx.conn)?)
}

/// One of a tenant.
pub fn find_endpoint(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: WebhookEndpointId,
) -> Result<Endpoint, StorageError> {
    let row: EndpointRow = table::table
        .find((tenant_id, id))
        .select(EndpointRow::as_select())
        .first(tx.conn)
        .found(Thing::WebhookEndpoint, id)?;
    Ok(Sealed::from(row).endpoint)
}

/// The same under a lock, with its secrets: nobody else changes it or takes of its deliveries meanwhile.
pub fn lock_endpoint(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: WebhookEndpointId,
) -> Result<Sealed, StorageError> {
    let row: EndpointRow = table::table
        .find((tenant_id, id))
        .select(EndpointRow::as_select())
        .for_update()
        .first(tx.conn)
        .found(Thing::WebhookEndpoint, id)?;
    Ok(row.into())
}

/// Adds one, which hears of what the feed gets from now on.
pub fn insert_endpoint(tx: &mut Tx<'_>, tenant_id: TenantId, sealed: &Sealed) -> Result<(), StorageError> {
    let last: Option<i64> = event_counters::table
        .find(tenant_id)
        .select(event_counters::last_sequence)
        .first(tx.conn)
        .optional()?;
    let row = row(tenant_id, sealed);
    diesel::insert_into(table::table)
        .values((row, table::seen_sequence.eq(last.unwrap_or(0))))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes what may change of one.
pub fn update_endpoint(tx: &mut Tx<'_>, tenant_id: TenantId, sealed: &Sealed) -> Result<(), StorageError> {
    let row = row(tenant_id, sealed);
    diesel::update(table::table.find((tenant_id, row.id))).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Removes one that is locked, with its deliveries.
pub fn delete_endpoint(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: WebhookEndpointId,
) -> Result<(), StorageError> {
    let of_it = webhook_deliveries::tenant_id.eq(tenant_id).and(webhook_deliveries::endpoint_id.eq(id));
    diesel::delete(webhook_deliveries::table.filter(of_it)).execute(tx.conn)?;
    diesel::delete(table::table.find((tenant_id, id))).execute(tx.conn)?;
    Ok(())
}

/// What a batch of attempts says of its endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bearing {
    /// Something was taken.
    pub is_well: bool,
    /// Something was not.
    pub has_failed: bool,
    /// It wants nothing before.
    pub resumes_at: Option<DateTime<Utc>>,
}

/// Records it under the endpoint's lock, and gives since when nothing was taken; `None`: it was deleted meanwhile.
pub fn bear(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (bearing, now): (Bearing, DateTime<Utc>),
) -> Result<Option<Option<DateTime<Utc>>>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        failing_since: Option<DateTime<Utc>>,
    }
    let row: Option<Row> = diesel::sql_query(
        "UPDATE webhook_endpoints SET resumes_at = $6, \
             failing_since = CASE WHEN $3 THEN NULL WHEN $4 THEN coalesce(failing_since, $5) ELSE failing_since END \
         WHERE tenant_id = $1 AND id = $2 RETURNING failing_since",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(id)
    .bind::<Bool, _>(bearing.is_well)
    .bind::<Bool, _>(bearing.has_failed)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Timestamptz>, _>(bearing.resumes_at)
    .get_result(tx.conn)
    .optional()?;
    Ok(row.map(|row| row.failing_since))
}
