//! What does the bank's CSV of all days say? A row a day, a column a currency; `N/A` where there is none.
//!
//! `Date,USD,JPY,` and `2026-03-20,1.0876,162.50,`: 1 EUR = 1.0876 USD and 162.50 JPY.

use chrono::NaiveDate;
use csv::{ReaderBuilder, Trim};

use super::{Published, Unread};
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

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn a_row_is_a_day_and_a_column_a_currency() {
        let text = "Date,USD,JPY,CYP,\n2026-03-20,1.0876,N/A,N/A,\n2007-12-31,1.4721,164.93,0.585274,\n";
        let published = read(text.as_bytes()).unwrap();
        let shown: Vec<String> =
            published.quotes.iter().map(|q| format!("{} {} {}", q.quote, q.date, q.value)).collect();
        assert_eq!(shown, ["USD 2026-03-20 1.0876", "USD 2007-12-31 1.4721", "JPY 2007-12-31 164.93"]);
        assert_eq!(published.skipped, 1);
    }

    #[test]
    fn another_table_is_refused() {
        let refused = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused("currency,rate\nUSD,1\n").ends_with("its first column is not Date"));
        assert!(refused("Date,USD\n20.03.2026,1\n").contains("is no day"));
        assert!(
            refused("Date,USD\n2026-03-20\n").contains("unequal"),
            "{}",
            refused("Date,USD\n2026-03-20\n")
        );
        assert!(refused("Date,USD\n").ends_with("there is no rate in it"));
        assert!(refused("").contains("first column"));
    }
}
