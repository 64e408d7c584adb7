//! What does a tenant read of rates? Its own in pages, and those published for all.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::own::OwnRow;
use super::published::PublishedRow;
use crate::domain::fx::Rate;
use crate::domain::ids::TenantId;
use crate::domain::money::Currency;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{exchange_rates as own, published_rates as published};
use crate::storage::{StorageError, Tx};

pub use super::{Wanted, book};

/// Which rates a list has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    pub base: Option<Currency>,
    pub quote: Option<Currency>,
    pub date: Option<NaiveDate>,
}

/// Narrows a boxed query down to what a filter lets through.
macro_rules! filtered {
    ($query:expr, $table:ident, $filter:expr) => {{
        let mut query = $query;
        if let Some(base) = $filter.base {
            query = query.filter($table::base.eq(base));
        }
        if let Some(quote) = $filter.quote {
            query = query.filter($table::quote.eq(quote));
        }
        if let Some(date) = $filter.date {
            query = query.filter($table::date.eq(date));
        }
        query
    }};
}

/// A page of a tenant's own rates.
pub fn list_own(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (filter, keyset): (Filter, &Keyset),
) -> Result<Slice<Rate>, StorageError> {
    let query = own::table.filter(own::tenant_id.eq(tenant_id)).select(OwnRow::as_select()).into_boxed();
    let query = filtered!(query, own, filter);
    let rows: Vec<OwnRow> = keyset_query!(query, own::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Rate::from))
}

/// A page of the rates published for all.
pub fn list_published(
    tx: &mut Tx<'_>,
    (filter, keyset): (Filter, &Keyset),
) -> Result<Slice<Rate>, StorageError> {
    let query = published::table.select(PublishedRow::as_select()).into_boxed();
    let query = filtered!(query, published, filter);
    let rows: Vec<PublishedRow> = keyset_query!(query, published::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Rate::from))
}
