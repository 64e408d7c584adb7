//! How are pay-outs of balances kept? Rows that are only ever added; what became of the money, their refunds tell.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::credits::pay_out::{PayOut, To};
use crate::domain::ids::{CustomerId, PayOutId};
use crate::domain::money::Money;
use crate::storage::columns::parse_currency;
use crate::storage::customers::Held;
use crate::storage::schema::balance_pay_outs as pay_outs;
use crate::storage::{StorageError, Tx};

/// A pay-out as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = pay_outs, treat_none_as_default_value = false)]
pub(in crate::storage) struct PayOutRow {
    tenant_id: Uuid,
    id: Uuid,
    customer_id: Uuid,
    amount: i64,
    currency: String,
    paid_to: String,
    reference: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<PayOutRow> for PayOut {
    type Error = StorageError;

    fn try_from(row: PayOutRow) -> Result<PayOut, StorageError> {
        let to = match (row.paid_to.as_str(), row.reference) {
            ("payment_methods", None) => To::PaymentMethods,
            ("outside", Some(reference)) => To::Outside { reference },
            (other, _) => return Err(StorageError::unreadable("way of a pay-out", other)),
        };
        Ok(PayOut {
            id: PayOutId::from_uuid(row.id),
            customer_id: CustomerId::from_uuid(row.customer_id),
            amount: Money::from_minor(row.amount, parse_currency(&row.currency)?),
            to,
            created_at: row.created_at,
        })
    }
}

/// Adds a pay-out. The customer is locked.
pub fn insert(tx: &mut Tx<'_>, held: &Held, added: &PayOut) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = PayOutRow {
        tenant_id: tenant_id.uuid(),
        id: added.id.uuid(),
        customer_id: added.customer_id.uuid(),
        amount: added.amount.minor(),
        currency: added.amount.currency().code().to_owned(),
        paid_to: added.to.as_str().to_owned(),
        reference: added.to.reference().map(str::to_owned),
        created_at: added.created_at,
    };
    diesel::insert_into(pay_outs::table).values(row).execute(tx.conn)?;
    Ok(())
}
