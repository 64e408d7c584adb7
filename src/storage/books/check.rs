//! What is a check of the books? A name, and a query of every row that does not agree.

/// A check of the books.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Stable snake_case name.
    pub name: &'static str,
    /// A query of `$1`, the tenant, giving (subject, detail) for each difference.
    pub(super) sql: &'static str,
}
