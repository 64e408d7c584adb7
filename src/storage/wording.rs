//! Which error of PostgreSQL is it, where Diesel has no kind for its SQLSTATE? Its primary message says: `deadlock detected` is 40P01.
//!
//! Diesel hands on neither the SQLSTATE nor the connection, so the message is all there is. It is English, because every connection sets
//! `lc_messages` where its role may ([`connection`](super::connection)), and a test makes PostgreSQL say each of these.

/// What such an error means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// 55P03: a lock was waited for longer than our limits allow.
    LockTimeout,
    /// 57014: a statement took longer than our limits allow.
    StatementTimeout,
    /// 40P01.
    Deadlock,
    /// 22003 of a `bigint`: a kept sum, such as a balance, would not fit its column.
    SumTooLarge,
    /// Class 22 and 54000: no column can hold the value.
    Unstorable,
}

/// The messages that are always the same.
const WHOLE: [(&str, Cause); 4] = [
    ("canceling statement due to lock timeout", Cause::LockTimeout),
    ("canceling statement due to statement timeout", Cause::StatementTimeout),
    ("deadlock detected", Cause::Deadlock),
    ("bigint out of range", Cause::SumTooLarge),
];

/// What stands in the messages about values that cannot be stored.
const UNSTORABLE: [&str; 8] = [
    "out of range",
    "overflows numeric format",
    "invalid byte sequence",
    "unsupported Unicode escape",
    "value too long",
    "invalid input syntax",
    "exceeds btree",
    "string too long",
];

/// The cause that a primary message gives; `None`: none that matters to us.
pub(super) fn recognize(message: &str) -> Option<Cause> {
    let whole = WHOLE.iter().find(|(whole, _)| *whole == message).map(|(_, cause)| *cause);
    whole.or_else(|| UNSTORABLE.iter().any(|part| message.contains(part)).then_some(Cause::Unstorable))
}
