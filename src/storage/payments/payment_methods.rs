//! Which payment methods does a customer have, and which is charged? Rows that are detached, never deleted: payments name them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{CustomerId, PaymentMethodId, TenantId};
use crate::domain::payments::{Kind, PaymentMethod};
use crate::storage::columns::{metadata_from, metadata_json};
use crate::storage::customers::Held;
use crate::storage::schema::{customers, payment_methods};
use crate::storage::{StorageError, Thing, Tx};

/// A payment method as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = payment_methods, treat_none_as_default_value = false)]
pub(in crate::storage) struct MethodRow {
    tenant_id: Uuid,
    pub(in crate::storage) id: Uuid,
    external_id: Option<String>,
    customer_id: Uuid,
    kind: String,
    gateway: String,
    token: String,
    brand: Option<String>,
    last4: Option<String>,
    metadata: serde_json::Value,
    created_at: DateTime<Utc>,
    detached_at: Option<DateTime<Utc>>,
}

impl TryFrom<MethodRow> for PaymentMethod {
    type Error = StorageError;

    fn try_from(row: MethodRow) -> Result<PaymentMethod, StorageError> {
        Ok(PaymentMethod {
            id: PaymentMethodId::from_uuid(row.id),
            external_id: row.external_id,
            customer_id: CustomerId::from_uuid(row.customer_id),
            kind: Kind::parse(&row.kind)
                .ok_or_else(|| StorageError::unreadable("payment method kind", &row.kind))?,
            gateway: Arc::from(row.gateway),
            token: row.token,
            brand: row.brand,
            last4: row.last4,
            metadata: metadata_from(row.metadata)?,
            created_at: row.created_at,
            detached_at: row.detached_at,
        })
    }
}

impl MethodRow {
    fn of(tenant_id: TenantId, method: &PaymentMethod) -> MethodRow {
        MethodRow {
            tenant_id: tenant_id.uuid(),
            id: method.id.uuid(),
            external_id: method.external_id.clone(),
            customer_id: method.customer_id.uuid(),
            kind: method.kind.as_str().to_owned(),
            gateway: method.gateway.to_string(),
            token: method.token.clone(),
            brand: method.brand.clone(),
            last4: method.last4.clone(),
            metadata: metadata_json(&method.metadata),
            created_at: method.created_at,
            detached_at: method.detached_at,
        }
    }
}

/// The payment method with this id.
pub fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: PaymentMethodId,
) -> Result<PaymentMethod, StorageError> {
    payment_methods::table
        .find((tenant_id.uuid(), id.uuid()))
        .select(MethodRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| StorageError::not_found(Thing::PaymentMethod, id))?
        .try_into()
}

/// Adds payment methods.
pub fn insert(tx: &mut Tx<'_>, held: &Held, added: &[PaymentMethod]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let rows: Vec<MethodRow> = added.iter().map(|method| MethodRow::of(tenant_id, method)).collect();
    match rows.as_slice() {
        [] => 0,
        [one] => diesel::insert_into(payment_methods::table).values(one).execute(tx.conn)?,
        _ => diesel::copy_from(payment_methods::table).from_insertable(&rows).execute(tx.conn)?,
    };
    Ok(())
}

/// Writes that it was detached.
pub fn detach(tx: &mut Tx<'_>, held: &Held, method: &PaymentMethod) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(payment_methods::table.find((tenant_id.uuid(), method.id.uuid())))
        .set(payment_methods::detached_at.eq(method.detached_at))
        .execute(tx.conn)?;
    Ok(())
}

/// The payment method of a customer that was attached last and is attached still.
pub fn newest_attached(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer_id: CustomerId,
) -> Result<Option<PaymentMethodId>, StorageError> {
    use payment_methods as p;
    let id: Option<Uuid> = p::table
        .filter(p::tenant_id.eq(tenant_id.uuid()).and(p::customer_id.eq(customer_id.uuid())))
        .filter(p::detached_at.is_null())
        .order((p::created_at.desc(), p::id.desc()))
        .select(p::id)
        .first(tx.conn)
        .optional()?;
    Ok(id.map(PaymentMethodId::from_uuid))
}

/// Sets what the customer is charged by. Its row is locked.
pub fn set_default(
    tx: &mut Tx<'_>,
    held: &Held,
    customer_id: CustomerId,
    method: Option<PaymentMethodId>,
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(customers::table.find((tenant_id.uuid(), customer_id.uuid())))
        .set(customers::default_payment_method_id.eq(method.map(PaymentMethodId::uuid)))
        .execute(tx.conn)?;
    Ok(())
}
