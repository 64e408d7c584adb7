//! What does the whole of a list come to? One statement counts and sums it by currency: 1,204 invoices in EUR, their totals 98,310.00.

use diesel::RunQueryDsl;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Text};

use super::conditions::Fragment;
use super::{List, Reader};
use crate::domain::listing::Wanted;
use crate::domain::money::{Currency, Total};
use crate::storage::{StorageError, Tx};

/// The rows of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub currency: Currency,
    pub count: i64,
    /// By name.
    pub sums: Vec<(&'static str, Total)>,
}

/// The totals of all rows that are wanted, by currency.
pub(in crate::storage) fn totals(
    tx: &mut Tx<'_>,
    (list, reader): (&'static List, Reader),
    wanted: &Wanted,
) -> Result<Vec<Totals>, StorageError> {
    let mut conditions = vec![Fragment::tenant(list.table, reader.tenant_id)];
    conditions.extend(list.fragments(reader, &wanted.conditions)?);
    for column in list.columns(wanted.order)? {
        conditions.push(Fragment::is_there(column));
    }
    let rows: Vec<(String, i64, Vec<String>)> = Summed { list, conditions }.load(tx.conn)?;
    let unreadable = |error: &dyn std::fmt::Display| StorageError::unreadable("sum", error);
    let total = |(code, count, sums): (String, i64, Vec<String>)| {
        let currency = Currency::parse(&code).map_err(|e| unreadable(&e))?;
        let sums = list.sums.iter().zip(&sums).map(|((name, _), sum)| {
            let minor = sum.parse().map_err(|e: std::num::ParseIntError| unreadable(&e))?;
            Ok::<_, StorageError>((*name, Total::from_minor(minor, currency)))
        });
        Ok(Totals { currency, count, sums: sums.collect::<Result<_, _>>()? })
    };
    rows.into_iter().map(total).collect()
}

struct Summed {
    list: &'static List,
    conditions: Vec<Fragment>,
}

impl QueryFragment<Pg> for Summed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        let table = self.list.table;
        out.push_sql(&format!("SELECT {table}.currency, count(*), ARRAY["));
        for (n, (_, sql)) in self.list.sums.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            out.push_sql(&format!("{comma}sum({sql})::text"));
        }
        out.push_sql(&format!("]::text[] FROM {table} WHERE "));
        for (n, condition) in self.conditions.iter().enumerate() {
            if n > 0 {
                out.push_sql(" AND ");
            }
            condition.walk_ast(out.reborrow())?;
        }
        out.push_sql(&format!(" GROUP BY {table}.currency ORDER BY {table}.currency"));
        Ok(())
    }
}

impl QueryId for Summed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Summed {
    type SqlType = (Text, BigInt, Array<Text>);
}

impl RunQueryDsl<PgConnection> for Summed {}
