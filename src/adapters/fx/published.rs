//! What does a file of published rates come to? Its rates, or why there are none.

use thiserror::Error;

use crate::domain::fx::Quote;

/// The largest file that is read: all rates since 1999 are 8 MB as XML.
pub const MOST_BYTES: u64 = 32 << 20;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub quotes: Vec<Quote>,
    /// Rates of currencies that there are no longer.
    pub skipped: usize,
}

/// Why nothing was read.
#[derive(Debug, Error)]
pub enum Unread {
    #[error("the exchange rates at {url} cannot be fetched: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("the exchange rates at {url} were answered with status {status}")]
    Refused { url: String, status: u16 },
    #[error("the file of exchange rates is larger than one may be")]
    TooLarge,
    #[error("this is no file of exchange rates of the European Central Bank: {0}")]
    Malformed(String),
}
