//! Which rates did a tenant record? A row a rate; a correction is another row.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::fx::{Quote, Rate};
use crate::domain::ids::{ExchangeRateId, TenantId};
use crate::domain::money::Currency;
use crate::storage::schema::exchange_rates as table;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub(super) struct OwnRow {
    tenant_id: TenantId,
    pub(super) id: ExchangeRateId,
    source: String,
    base: Currency,
    quote: Currency,
    date: NaiveDate,
    value: Decimal,
    recorded_at: DateTime<Utc>,
}

impl From<OwnRow> for Rate {
    fn from(row: OwnRow) -> Rate {
        let OwnRow { id, source, base, quote, date, value, recorded_at, .. } = row;
        let quote = Quote { base, quote, date, value: value.normalize(), source };
        Rate { id, quote, is_own: true, recorded_at }
    }
}

/// Adds a rate.
pub fn insert_rate(tx: &mut Tx<'_>, tenant_id: TenantId, rate: &Rate) -> Result<(), StorageError> {
    let quote = rate.quote.clone();
    let row = OwnRow {
        tenant_id,
        id: rate.id,
        source: quote.source,
        base: quote.base,
        quote: quote.quote,
        date: quote.date,
        value: quote.value,
        recorded_at: rate.recorded_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}
