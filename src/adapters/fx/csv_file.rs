//! What does the bank's CSV of all days say? A row a day, a column a currency; `N/A` where there is none.
//!
//! `Date,USD,JPY,` and `2026-03-20,1.0876,162.50,`: 1 EUR = 1.0876 USD and 162.50 JPY.

use chrono::NaiveDate;
use csv::{ReaderBuilder, Trim};

use super::published::{Published, Unread};
use crate::domain::fx::Quote;

/// Where there is no rate.
const NONE: [&str; 2] = ["N/A", ""];

/// Reads the whole of it.
///
/// # Errors
/// Another header, or a row that is no day.
pub(super) fn read(text: &str) -> Result<Published, Unread> {
    let malformed = |error: csv::Error| Unread::Malformed(error.to_string());
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(malformed)?.clone();
    if header.get(0) != Some("Date") {
        return Err(Unread::Malformed("its first column is not Date".to_owned()));
    }
    let mut published = Published::default();
    for record in reader.records() {
        let record = record.map_err(malformed)?;
        let first = record.get(0).unwrap_or_default();
        let day: NaiveDate = first.parse().map_err(|_| Unread::Malformed(format!("{first:?} is no day")))?;
        for (code, value) in header.iter().zip(record.iter()).skip(1) {
            if code.is_empty() || NONE.contains(&value) {
                continue;
            }
            match Quote::published(code, day, value) {
                Some(quote) => published.quotes.push(quote),
                None => published.skipped += 1,
            }
        }
    }
    Ok(published)
}
