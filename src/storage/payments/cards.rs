//! What is recorded of cards, at any invoice of any customer? Their attempts that failed, or whose outcome nobody knows: derived of the
//! payments, counted nowhere.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{PaymentMethodId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::PaymentMethod;
use crate::domain::payments::declines::Class;
use crate::domain::payments::networks::{COUNTED, Card, Failure, has_limits};
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    method_id: PaymentMethodId,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    decline_class: Option<Class>,
    #[diesel(sql_type = Nullable<Text>)]
    network_code: Option<String>,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
}

/// The cards of these payment methods whose networks have limits. The same card is one, added again, for another customer or at another account: by
/// its fingerprint, and at other accounts of its customer, where fingerprints may differ, by brand and last digits.
pub fn find<'m>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (methods, now): (impl Iterator<Item = &'m PaymentMethod>, DateTime<Utc>),
) -> Result<BTreeMap<PaymentMethodId, Card>, StorageError> {
    let mut cards: BTreeMap<PaymentMethodId, Card> = methods
        .filter(|method| method.brand.as_deref().is_some_and(has_limits))
        .map(|method| {
            let gateway = method.gateway.to_string();
            (method.id, Card { network: method.brand.clone(), gateway, failures: Vec::new() })
        })
        .collect();
    if cards.is_empty() {
        return Ok(cards);
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT m.id AS method_id, p.created_at, p.decline_class, p.network_code, p.amount, p.currency
         FROM payment_methods m
         CROSS JOIN LATERAL (
             SELECT m.id, m.customer_id UNION
             SELECT o.id, o.customer_id FROM payment_methods o
             WHERE o.tenant_id = m.tenant_id AND o.fingerprint = m.fingerprint UNION
             SELECT o.id, o.customer_id FROM payment_methods o
             WHERE o.tenant_id = m.tenant_id AND o.customer_id = m.customer_id AND o.kind = m.kind AND o.brand = m.brand
                 AND o.last4 = m.last4 AND (o.gateway, o.gateway_account_id) IS DISTINCT FROM (m.gateway, m.gateway_account_id)) o
         JOIN payments p ON p.tenant_id = m.tenant_id AND p.customer_id = o.customer_id AND p.payment_method_id = o.id
         WHERE m.tenant_id = $1 AND m.id = ANY($2) AND p.status <> 'succeeded'
             AND p.decline_code IS DISTINCT FROM 'never_reached_gateway' AND p.decline_code IS DISTINCT FROM 'gateway_not_configured'
             AND (p.created_at > $3 OR p.decline_class = 'never')
         ORDER BY p.created_at, p.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(cards.keys().copied().collect::<Vec<_>>())
    // An attempt after one that failed is told by that one, too.
    .bind::<Timestamptz, _>(now.checked_sub_signed(COUNTED + COUNTED).unwrap_or(DateTime::<Utc>::MIN_UTC))
    .load(tx.conn)?;
    for row in rows {
        if let Some(card) = cards.get_mut(&row.method_id) {
            card.failures.push(Failure {
                at: row.created_at,
                class: row.decline_class,
                network_code: row.network_code,
                amount: Money::from_minor(row.amount, row.currency),
            });
        }
    }
    Ok(cards)
}
