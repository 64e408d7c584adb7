//! Where do published rates come from? The European Central Bank's files, fetched or given: in bounded time, of bounded size.

mod csv_file;
mod ecb;
mod xml_file;

pub use ecb::Ecb;

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

/// Reads a file of the European Central Bank: XML, or the CSV of all days.
///
/// # Errors
/// It is neither, or has no rates.
pub fn read(bytes: &[u8]) -> Result<Published, Unread> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Unread::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|_| Unread::Malformed("it is not UTF-8 text".to_owned()))?;
    let published = if text.trim_start().starts_with('<') {
        xml_file::read(text.trim_start())?
    } else {
        csv_file::read(text)?
    };
    match published.quotes.is_empty() {
        true => Err(Unread::Malformed("there is no rate in it".to_owned())),
        false => Ok(published),
    }
}
