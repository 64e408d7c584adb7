//! In which state is an invoice? Draft, open, paid, void or uncollectible.

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Status {
    /// As stored and as written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Open => "open",
            Status::Paid => "paid",
            Status::Void => "void",
            Status::Uncollectible => "uncollectible",
        }
    }

    /// Reads what [`Status::as_str`] writes.
    pub fn parse(text: &str) -> Option<Status> {
        [Status::Draft, Status::Open, Status::Paid, Status::Void, Status::Uncollectible]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}
