//! How is a page cut from a table? By the primary key, newest first, one row more than requested to see whether more follow.
//!
//! 50 requested: 51 rows are fetched: `slice` keeps 50 and says `has_more`. Never OFFSET, which reads what it skips.

use uuid::Uuid;

/// Where a page starts and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyset {
    /// Rows of the page.
    pub limit: u16,
    /// The row it starts from.
    pub from: From,
}

/// The row a page starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The newest.
    Newest,
    /// The next older than this id.
    After(Uuid),
    /// The next newer than this id.
    Before(Uuid),
}

/// The rows of one page, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    /// At most as many as requested.
    pub rows: Vec<T>,
    /// Whether more follow in the direction read.
    pub has_more: bool,
    /// Whether the page was read towards newer rows (`before`): then the next page starts from its first row, not its last.
    pub upwards: bool,
}

impl Keyset {
    /// Rows to fetch: one more than requested.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Makes a page of the rows that `keyset_query!` fetched.
    pub fn slice<T>(&self, mut rows: Vec<T>) -> Slice<T> {
        let limit = usize::from(self.limit);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let upwards = matches!(self.from, From::Before(_));
        if upwards {
            rows.reverse();
        }
        Slice { rows, has_more, upwards }
    }
}

impl<T> Slice<T> {
    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Slice<U> {
        Slice { rows: self.rows.into_iter().map(f).collect(), has_more: self.has_more, upwards: self.upwards }
    }

    /// The same page of something that each row may fail to become.
    pub fn try_map<U, E>(self, f: impl FnMut(T) -> Result<U, E>) -> Result<Slice<U>, E> {
        let rows = self.rows.into_iter().map(f).collect::<Result<_, E>>()?;
        Ok(Slice { rows, has_more: self.has_more, upwards: self.upwards })
    }
}

/// Cuts a boxed query to a page: `keyset_query!(query, table::id, keyset)` filters by the id column, orders by it and limits.
/// The query must already be filtered by `tenant_id`, so that the primary key `(tenant_id, id)` is walked.
macro_rules! keyset_query {
    ($query:expr, $id:expr, $keyset:expr) => {{
        use $crate::storage::keyset::From;
        let query = $query;
        let query = match $keyset.from {
            From::Newest => query.order($id.desc()),
            From::After(id) => query.filter($id.lt(id)).order($id.desc()),
            From::Before(id) => query.filter($id.gt(id)).order($id.asc()),
        };
        query.limit($keyset.fetch())
    }};
}
pub(in crate::storage) use keyset_query;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_more_than_asked_for_means_that_more_follow() {
        let keyset = Keyset { limit: 2, from: From::Newest };
        assert_eq!(keyset.fetch(), 3);
        assert_eq!(keyset.slice(vec![9, 8, 7]), Slice { rows: vec![9, 8], has_more: true, upwards: false });
        assert_eq!(keyset.slice(vec![9, 8]), Slice { rows: vec![9, 8], has_more: false, upwards: false });
    }

    #[test]
    fn a_page_read_towards_newer_rows_is_still_given_newest_first() {
        let keyset = Keyset { limit: 2, from: From::Before(Uuid::nil()) };
        assert_eq!(keyset.slice(vec![7, 8, 9]), Slice { rows: vec![8, 7], has_more: true, upwards: true });
    }
}
