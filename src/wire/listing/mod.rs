//! How is a list asked for? By its fields: `status=open,paid`, `billing_date[gte]=2026-01-01`, `amount_due[lt]=10.00`, `metadata[tier]=gold`; by
//! `sort`, `q`, `expand` and `totals`; and by a page.
//!
//! What each list knows is one table, its [`Shape`]: the parameters are read by it, and described from it.

mod cursors;
mod described;
mod fields;
mod read;
mod rows;

pub use described::ListQuery;
pub use fields::{Field, Kind};
pub use read::{ListRequest, read};
pub use rows::{CurrencyTotals, ListPage, Sheet};

use crate::domain::listing::CREATED;

/// What a list knows.
#[derive(Debug)]
pub struct Shape {
    /// What it can be filtered by, in the order in which it is described.
    pub fields: &'static [Field],
    /// What it can be sorted by, besides `created`.
    pub sorts: &'static [Sort],
    /// What can be shown with each row.
    pub expands: &'static [&'static str],
    /// What `q` looks at; empty where there is none.
    pub searched: &'static str,
    /// The columns of its CSV, each a field of a row.
    pub columns: &'static [&'static str],
}

/// Something that a list can be sorted by.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    pub field: &'static str,
    /// What it is, in a row's mark: the row's id follows.
    pub marks: &'static [Mark],
}

/// A part of the place of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Instant,
    Text,
    Whole,
}

/// A list, as a type.
pub trait List {
    const SHAPE: &'static Shape;
}

impl Shape {
    /// Of a list that knows nothing.
    #[cfg(test)]
    const NOTHING: Shape = Shape { fields: &[], sorts: &[], expands: &[], searched: "", columns: &[] };

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What stands before the id in the mark of a row.
    #[must_use]
    pub fn marks_of(&self, sort: &str) -> &'static [Mark] {
        self.sorts.iter().find(|known| known.field == sort).map_or(&[], |known| known.marks)
    }

    /// Every word that `sort` may be.
    fn sort_words(&self) -> Vec<String> {
        let fields = std::iter::once(CREATED).chain(self.sorts.iter().map(|sort| sort.field));
        fields.flat_map(|field| [format!("-{field}"), field.to_owned()]).collect()
    }
}
