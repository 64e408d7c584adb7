//! How are pay-outs of balances kept? Rows that are only ever added; what became of the money, their refunds tell.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::credits::pay_out::{PayOut, To, Way};
use crate::domain::ids::{CustomerId, PayOutId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::customers::Held;
use crate::storage::schema::balance_pay_outs as pay_outs;
use crate::storage::{StorageError, Tx};

/// A pay-out as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = pay_outs, treat_none_as_default_value = false)]
pub(in crate::storage) struct PayOutRow {
    tenant_id: TenantId,
    id: PayOutId,
    customer_id: CustomerId,
    amount: i64,
    currency: Currency,
    paid_to: Way,
    reference: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<PayOutRow> for PayOut {
    type Error = StorageError;

    fn try_from(row: PayOutRow) -> Result<PayOut, StorageError> {
        let to = match (row.paid_to, row.reference) {
            (Way::PaymentMethods, None) => To::PaymentMethods,
            (Way::Outside, Some(reference)) => To::Outside { reference },
            (way, _) => return Err(StorageError::unreadable("way of a pay-out", way.into_str())),
        };
        Ok(PayOut {
            id: row.id,
            customer_id: row.customer_id,
            amount: Money::from_minor(row.amount, row.currency),
            to,
            created_at: row.created_at,
        })
    }
}

/// Adds a pay-out. The customer is locked.
pub fn insert(tx: &mut Tx<'_>, held: &Held, added: &PayOut) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = PayOutRow {
        tenant_id,
        id: added.id,
        customer_id: added.customer_id,
        amount: added.amount.minor(),
        currency: added.amount.currency(),
        paid_to: Way::from(&added.to),
        reference: added.to.reference().map(str::to_owned),
        created_at: added.created_at,
    };
    diesel::insert_into(pay_outs::table).values(row).execute(tx.conn)?;
    Ok(())
}
