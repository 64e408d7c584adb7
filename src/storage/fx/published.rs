//! Which rates were published? A row a rate, the same for every tenant; who adds some holds the table against others that do.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::fx::published::Recorded;
use crate::domain::fx::{Quote, Rate};
use crate::domain::ids::ExchangeRateId;
use crate::domain::money::Currency;
use crate::storage::schema::published_rates as table;
use crate::storage::{StorageError, Tx};

/// Rows of one statement: seven values each, and 65,535 are the most it takes.
const AT_ONCE: usize = 5_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub(super) struct PublishedRow {
    pub(super) id: ExchangeRateId,
    source: String,
    base: Currency,
    quote: Currency,
    date: NaiveDate,
    value: Decimal,
    recorded_at: DateTime<Utc>,
}

impl From<PublishedRow> for Rate {
    fn from(row: PublishedRow) -> Rate {
        let PublishedRow { id, source, base, quote, date, value, recorded_at } = row;
        let quote = Quote { base, quote, date, value: value.normalize(), source };
        Rate { id, quote, is_own: false, recorded_at }
    }
}

impl From<&Rate> for PublishedRow {
    fn from(rate: &Rate) -> PublishedRow {
        let quote = rate.quote.clone();
        PublishedRow {
            id: rate.id,
            source: quote.source,
            base: quote.base,
            quote: quote.quote,
            date: quote.date,
            value: quote.value,
            recorded_at: rate.recorded_at,
        }
    }
}

/// Lets nobody else add published rates until the transaction ends; reading goes on.
pub fn hold_published(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    diesel::sql_query("LOCK TABLE published_rates IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn)?;
    Ok(())
}

/// What a source published last of each currency from one day to another.
pub fn recorded(
    tx: &mut Tx<'_>,
    source: &str,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Recorded, StorageError> {
    let rows: Vec<(Currency, NaiveDate, Decimal)> = table::table
        .filter(table::source.eq(source).and(table::date.between(first, last)))
        .order((table::date, table::base, table::quote, table::recorded_at, table::id))
        .select((table::quote, table::date, table::value))
        .load(tx.conn)?;
    // The last one stays.
    Ok(rows.into_iter().map(|(quote, date, value)| ((quote, date), value)).collect())
}

/// The days since one of which a source's rates are recorded.
pub fn published_days(
    tx: &mut Tx<'_>,
    source: &str,
    since: NaiveDate,
) -> Result<BTreeSet<NaiveDate>, StorageError> {
    let days: Vec<NaiveDate> = table::table
        .filter(table::source.eq(source).and(table::date.ge(since)))
        .select(table::date)
        .distinct()
        .load(tx.conn)?;
    Ok(days.into_iter().collect())
}

/// Adds rates.
pub fn insert_published(tx: &mut Tx<'_>, rates: &[Rate]) -> Result<(), StorageError> {
    for some in rates.chunks(AT_ONCE) {
        let rows: Vec<PublishedRow> = some.iter().map(PublishedRow::from).collect();
        diesel::insert_into(table::table).values(rows).execute(tx.conn)?;
    }
    Ok(())
}
