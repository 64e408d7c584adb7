//! Which rates may hold on some days? All of them by pair and day, of each kind the one recorded last.
//!
//! For 20 March the rows of 6 March to 3 April: a rate holds for two weeks, and some are looked for forward.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::domain::fx::book::{Book, MOST_DAYS};
use crate::domain::fx::{EURO, Quote, Rate};
use crate::domain::ids::{ExchangeRateId, TenantId};
use crate::domain::money::Currency;
use crate::storage::{StorageError, Tx};

/// Which rates are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Between these and the euro; `None`: between all there are.
    pub currencies: Option<Vec<Currency>>,
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// As they were known at this moment; `None`: as they are known.
    pub as_of: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: ExchangeRateId,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    base: Currency,
    #[diesel(sql_type = Text)]
    quote: Currency,
    #[diesel(sql_type = Date)]
    date: NaiveDate,
    #[diesel(sql_type = Numeric)]
    value: Decimal,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_own: bool,
}

/// Reads them: those published for all, and those of the tenant.
pub fn book(tx: &mut Tx<'_>, tenant_id: TenantId, wanted: &Wanted) -> Result<Book, StorageError> {
    let columns = "DISTINCT ON (date, base, quote) id, source, base, quote, date, value, recorded_at";
    Ok(Book::new(read(tx, tenant_id, (wanted, columns))?))
}

/// The same with those that were replaced since: what was known at any moment.
pub fn history(tx: &mut Tx<'_>, tenant_id: TenantId, wanted: &Wanted) -> Result<Vec<Rate>, StorageError> {
    read(tx, tenant_id, (wanted, "id, source, base, quote, date, value, recorded_at"))
}

fn read(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (wanted, columns): (&Wanted, &str),
) -> Result<Vec<Rate>, StorageError> {
    let codes = wanted.currencies.as_ref().map(|currencies| {
        let codes = currencies.iter().map(|currency| currency.code()).chain([EURO]);
        codes.map(str::to_owned).collect::<Vec<String>>()
    });
    let window = "date BETWEEN $2 AND $3 AND ($4::text[] IS NULL OR base = ANY ($4) AND quote = ANY ($4)) \
                  AND ($5::timestamptz IS NULL OR recorded_at <= $5)";
    let latest = "ORDER BY date, base, quote, recorded_at DESC, id DESC";
    let sql = format!(
        "SELECT * FROM (SELECT {columns}, false AS is_own FROM published_rates WHERE {window} {latest}) p \
         UNION ALL \
         SELECT * FROM (SELECT {columns}, true AS is_own FROM exchange_rates WHERE tenant_id = $1 AND {window} {latest}) o"
    );
    let days = Days::new(MOST_DAYS);
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Date, _>(wanted.first.checked_sub_days(days).unwrap_or(wanted.first))
        .bind::<Date, _>(wanted.last.checked_add_days(days).unwrap_or(wanted.last))
        .bind::<Nullable<Array<Text>>, _>(codes)
        .bind::<Nullable<Timestamptz>, _>(wanted.as_of)
        .load(tx.conn)?;
    let rate = |row: Row| {
        let Row { id, source, base, quote, date, value, recorded_at, is_own } = row;
        let quote = Quote { base, quote, date, value: value.normalize(), source };
        Rate { id, quote, is_own, recorded_at }
    };
    Ok(rows.into_iter().map(rate).collect())
}
