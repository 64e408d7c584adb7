//! How is an answer written as a table? As CSV (RFC 4180): a line of names, then a line for each row; what is null is empty.
//!
//! `jurisdiction,rate,tax` and then `DE,19,19.00`, each line ended by CR LF.

use csv::{Terminator, WriterBuilder};
use serde::Deserialize;
use utoipa::ToSchema;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Json,
    Csv,
}

/// What can be written as a table.
pub trait Table {
    /// The names of its columns.
    const COLUMNS: &'static [&'static str];

    /// Its rows, with a cell for each column.
    fn rows(&self) -> Vec<Vec<String>>;

    /// Of a page: the cursor of the next one.
    fn next_cursor(&self) -> Option<&str> {
        None
    }
}

/// The table as CSV.
///
/// # Errors
/// A row has another number of cells.
pub fn csv<T: Table>(table: &T) -> Result<String, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(T::COLUMNS)?;
    for row in table.rows() {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    String::from_utf8(bytes).map_err(|error| csv::Error::from(std::io::Error::other(error)))
}

/// A text that somebody else wrote, as a cell that no spreadsheet takes for a formula: `=1+1` becomes `'=1+1`.
pub fn as_text(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rates(Vec<[&'static str; 2]>);

    impl Table for Rates {
        const COLUMNS: &'static [&'static str] = &["place", "rate"];
        fn rows(&self) -> Vec<Vec<String>> {
            self.0.iter().map(|row| row.map(str::to_owned).to_vec()).collect()
        }
    }

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(as_text("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!([as_text("Ada"), as_text("A=B"), as_text("-1")], ["Ada", "A=B", "'-1"]);
    }

    #[test]
    fn a_table_without_rows_has_its_names_and_what_needs_quotes_has_them() {
        assert_eq!(csv(&Rates(Vec::new())).unwrap(), "place,rate\r\n");
        let rates = Rates(vec![["Ceuta, Melilla", "4"], ["a \"zone\"", ""]]);
        assert_eq!(csv(&rates).unwrap(), "place,rate\r\n\"Ceuta, Melilla\",4\r\n\"a \"\"zone\"\"\",\r\n");
    }
}
