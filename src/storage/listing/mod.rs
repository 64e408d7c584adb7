//! How does a list become SQL? Each field of a list is an expression, each condition a comparison with values that are bound, never written into it:
//! `billing_date >= $1`. What is to be found stays within the tenant: the query has that already.
//!
//! A page is cut by what the list is sorted by and the id, `(due_at, id) > ($1, $2)`: rows added meanwhile never shift it, and page 10,000 costs what
//! page 1 costs.

mod conditions;
mod reader;
mod totals;

use std::fmt::Display;

use diesel::dsl::Limit;
use diesel::query_dsl::methods::{FilterDsl, LimitDsl, OrderDsl};

pub(in crate::storage) use conditions::{Fragment, Marked};
pub use reader::Reader;
pub use totals::Totals;
pub(in crate::storage) use totals::totals;

use super::StorageError;
use crate::domain::listing::{CREATED, Condition, Order, Part, Start, Value, Wanted};

/// What a list is read from.
pub(in crate::storage) struct List {
    /// The table, in which every condition is said.
    pub(in crate::storage) table: &'static str,
    /// Each field as an expression; see [`Fragment`] for what stands in braces.
    pub(in crate::storage) fields: &'static [(&'static str, &'static str)],
    /// What it can be sorted by besides the id, with the columns of each.
    pub(in crate::storage) orders: &'static [(&'static str, &'static [&'static str])],
    /// What is summed, by name.
    pub(in crate::storage) sums: &'static [(&'static str, &'static str)],
}

/// The rows of one part, in the order asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice<T> {
    pub rows: Vec<T>,
    /// The place at which the next part begins, when there is one.
    pub next: Option<Vec<Value>>,
}

impl<T> Slice<T> {
    /// The same part of something that each row may fail to become.
    pub fn try_map<U, E>(self, f: impl FnMut(T) -> Result<U, E>) -> Result<Slice<U>, E> {
        Ok(Slice { rows: self.rows.into_iter().map(f).collect::<Result<_, E>>()?, next: self.next })
    }
}

impl List {
    fn expression(&self, field: &str) -> Result<&'static str, StorageError> {
        let known = self.fields.iter().find(|(name, _)| *name == field);
        known.map(|(_, sql)| *sql).ok_or_else(|| unknown(&format!("the field {field}")))
    }

    /// What it is sorted by, the id the last.
    fn columns(&self, order: Order) -> Result<&'static [&'static str], StorageError> {
        if order.field == CREATED {
            return Ok(&[]);
        }
        let known = self.orders.iter().find(|(name, _)| *name == order.field);
        known.map(|(_, columns)| *columns).ok_or_else(|| unknown(&format!("the order {}", order.field)))
    }

    fn fragments(&self, reader: Reader, conditions: &[Condition]) -> Result<Vec<Fragment>, StorageError> {
        let fragment = |condition: &Condition| {
            let sql = self.expression(condition.field)?;
            Ok(Fragment::test(sql, (self.table, reader), condition.test.clone()))
        };
        conditions.iter().map(fragment).collect()
    }

    /// The mark of each row, to be selected beside it.
    pub(in crate::storage) fn mark(&self, order: Order) -> Result<Marked, StorageError> {
        Ok(Marked { table: self.table, columns: self.columns(order)? })
    }

    /// A query, which names the tenant, cut down to a part of the list. One row more is fetched than is wanted.
    pub(in crate::storage) fn cut<Q>(
        &self,
        query: Q,
        reader: Reader,
        (wanted, part): (&Wanted, &Part),
    ) -> Result<Limit<Q>, StorageError>
    where
        Q: FilterDsl<Fragment, Output = Q> + OrderDsl<Fragment, Output = Q> + LimitDsl,
    {
        let columns = self.columns(wanted.order)?;
        let mut query = query;
        for fragment in self.fragments(reader, &wanted.conditions)? {
            query = FilterDsl::filter(query, fragment);
        }
        for column in columns {
            query = FilterDsl::filter(query, Fragment::is_there(column));
        }
        let descending = wanted.order.descending != part.is_upwards();
        if let Start::After(place) | Start::Before(place) = &part.start {
            if place.len() != columns.len() + 1 {
                return Err(unknown(&"a place of another order"));
            }
            let beyond = Fragment::beyond((self.table, columns), descending, place.clone());
            query = FilterDsl::filter(query, beyond);
        }
        let query = OrderDsl::order(query, Fragment::order((self.table, columns), descending));
        Ok(LimitDsl::limit(query, i64::from(part.limit) + 1))
    }

    /// Makes a part of the rows that were fetched, each with its mark.
    pub(in crate::storage) fn slice<T>(
        &self,
        (order, part): (Order, &Part),
        rows: Vec<(T, Vec<String>)>,
    ) -> Result<Slice<T>, StorageError> {
        let mut rows = rows;
        let has_more = rows.len() > usize::from(part.limit);
        rows.truncate(usize::from(part.limit));
        let edge = rows.last().filter(|_| has_more);
        let next = edge.map(|(_, mark)| conditions::place(self.columns(order)?, mark)).transpose()?;
        if part.is_upwards() {
            rows.reverse();
        }
        Ok(Slice { rows: rows.into_iter().map(|(row, _)| row).collect(), next })
    }
}

fn unknown(thing: &dyn Display) -> StorageError {
    StorageError::Internal(format!("a list does not know {thing}"))
}
