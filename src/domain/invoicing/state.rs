//! In which state is an invoice? Draft, open, paid, void or uncollectible.

use strum::{EnumString, IntoStaticStr};

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// Not issued: has no number and can still change.
    Draft,
    /// Issued and owed.
    Open,
    /// Settled in full.
    Paid,
    /// Cancelled as if it had never been owed; its number stays used.
    Void,
    /// Given up; can still be paid.
    Uncollectible,
}
