//! Which payment methods does a customer have, and which is charged? Rows that are detached, never deleted: payments name them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};

use crate::domain::customers::Metadata;
use crate::domain::ids::{CustomerId, GatewayAccountId, PaymentMethodId, TenantId};
use crate::domain::payments::mandates::State;
use crate::domain::payments::{Kind, PaymentMethod};
use crate::storage::customers::Held;
use crate::storage::schema::{customers, payment_methods};
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

/// A payment method as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = payment_methods, treat_none_as_default_value = false)]
pub(in crate::storage) struct MethodRow {
    tenant_id: TenantId,
    pub(in crate::storage) id: PaymentMethodId,
    external_id: Option<String>,
    customer_id: CustomerId,
    kind: Kind,
    gateway: String,
    gateway_account_id: Option<GatewayAccountId>,
    token: String,
    brand: Option<String>,
    last4: Option<String>,
    metadata: Json<Metadata>,
    created_at: DateTime<Utc>,
    detached_at: Option<DateTime<Utc>>,
    fingerprint: Option<String>,
    disputed: bool,
    mandate: Option<State>,
}

impl From<MethodRow> for PaymentMethod {
    fn from(row: MethodRow) -> PaymentMethod {
        PaymentMethod {
            id: row.id,
            external_id: row.external_id,
            customer_id: row.customer_id,
            kind: row.kind,
            gateway: Arc::from(row.gateway),
            gateway_account_id: row.gateway_account_id,
            token: row.token,
            brand: row.brand,
            last4: row.last4,
            metadata: row.metadata.0,
            created_at: row.created_at,
            detached_at: row.detached_at,
            fingerprint: row.fingerprint,
            is_disputed: row.disputed,
            mandate: row.mandate,
        }
    }
}

impl MethodRow {
    fn of(tenant_id: TenantId, method: &PaymentMethod) -> MethodRow {
        MethodRow {
            tenant_id,
            id: method.id,
            external_id: method.external_id.clone(),
            customer_id: method.customer_id,
            kind: method.kind,
            gateway: method.gateway.to_string(),
            gateway_account_id: method.gateway_account_id,
            token: method.token.clone(),
            brand: method.brand.clone(),
            last4: method.last4.clone(),
            metadata: Json(method.metadata.clone()),
            created_at: method.created_at,
            detached_at: method.detached_at,
            fingerprint: method.fingerprint.clone(),
            disputed: method.is_disputed,
            mandate: method.mandate,
        }
    }
}

/// The payment method with this id.
pub fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: PaymentMethodId,
) -> Result<PaymentMethod, StorageError> {
    let row: MethodRow = payment_methods::table
        .find((tenant_id, id))
        .select(MethodRow::as_select())
        .first(tx.conn)
        .found(Thing::PaymentMethod, id)?;
    Ok(row.into())
}

/// These payment methods.
pub fn find_all(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[PaymentMethodId],
) -> Result<Vec<PaymentMethod>, StorageError> {
    let rows: Vec<MethodRow> = payment_methods::table
        .filter(payment_methods::tenant_id.eq(tenant_id).and(payment_methods::id.eq_any(ids)))
        .select(MethodRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(PaymentMethod::from).collect())
}

/// What may be charged of these customers, which are held: of each first its default, then the others, the newest first.
pub fn chargeable(
    tx: &mut Tx<'_>,
    held: &Held,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Vec<PaymentMethod>>, StorageError> {
    use payment_methods as p;
    let rows: Vec<MethodRow> = p::table
        .filter(p::tenant_id.eq(held.tenant_id()).and(p::customer_id.eq_any(customers)))
        .filter(p::detached_at.is_null())
        .order((p::created_at.desc(), p::id.desc()))
        .select(MethodRow::as_select())
        .load(tx.conn)?;
    let mut methods: HashMap<CustomerId, Vec<PaymentMethod>> = HashMap::new();
    for method in rows.into_iter().map(PaymentMethod::from) {
        methods.entry(method.customer_id).or_default().push(method);
    }
    for (customer_id, attached) in &mut methods {
        let default = held.default_method(*customer_id);
        attached.sort_by_key(|method| Some(method.id) != default);
    }
    Ok(methods)
}

/// What the gateways of these call them, detached ones included.
pub fn tokens(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[PaymentMethodId],
) -> Result<HashMap<PaymentMethodId, String>, StorageError> {
    let of_these = payment_methods::table
        .filter(payment_methods::tenant_id.eq(tenant_id).and(payment_methods::id.eq_any(ids)))
        .select((payment_methods::id, payment_methods::token));
    let rows: Vec<(PaymentMethodId, String)> = of_these.load(tx.conn)?;
    Ok(rows.into_iter().collect())
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

/// Adds payment methods by COPY, each the default of its customer, which is new.
pub fn insert_defaults(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    added: &[PaymentMethod],
) -> Result<(), StorageError> {
    let rows: Vec<MethodRow> = added.iter().map(|method| MethodRow::of(tenant_id, method)).collect();
    diesel::copy_from(payment_methods::table).from_insertable(&rows).execute(tx.conn)?;
    diesel::sql_query(
        "UPDATE customers c SET default_payment_method_id = m.id \
         FROM unnest($2::uuid[], $3::uuid[]) AS m (id, customer_id) WHERE c.tenant_id = $1 AND c.id = m.customer_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(added.iter().map(|method| method.id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(added.iter().map(|method| method.customer_id).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}

/// The payment methods that an account of a gateway calls so and that are attached.
pub fn of_token(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (account_id, token): (GatewayAccountId, &str),
) -> Result<Vec<PaymentMethod>, StorageError> {
    use payment_methods as p;
    let rows: Vec<MethodRow> = p::table
        .filter(p::tenant_id.eq(tenant_id).and(p::gateway_account_id.eq(account_id)))
        .filter(p::token.eq(token).and(p::detached_at.is_null()))
        .order(p::id)
        .select(MethodRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(PaymentMethod::from).collect())
}

/// Writes how its mandate stands.
pub fn set_mandate(
    tx: &mut Tx<'_>,
    held: &Held,
    (id, state): (PaymentMethodId, State),
) -> Result<(), StorageError> {
    diesel::update(payment_methods::table.find((held.tenant_id(), id)))
        .set(payment_methods::mandate.eq(state))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes that it was detached.
pub fn detach(tx: &mut Tx<'_>, held: &Held, method: &PaymentMethod) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(payment_methods::table.find((tenant_id, method.id)))
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
    Ok(p::table
        .filter(p::tenant_id.eq(tenant_id).and(p::customer_id.eq(customer_id)))
        .filter(p::detached_at.is_null())
        .order((p::created_at.desc(), p::id.desc()))
        .select(p::id)
        .first(tx.conn)
        .optional()?)
}

/// Sets what the customer is charged by. Its row is locked.
pub fn set_default(
    tx: &mut Tx<'_>,
    held: &Held,
    customer_id: CustomerId,
    method: Option<PaymentMethodId>,
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(customers::table.find((tenant_id, customer_id)))
        .set(customers::default_payment_method_id.eq(method))
        .execute(tx.conn)?;
    Ok(())
}
