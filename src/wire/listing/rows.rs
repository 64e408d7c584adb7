//! How is a list answered? A page as JSON, with its totals where they were asked for; whole as lines of JSON, or as CSV:
//! `[{"currency": "EUR", "count": 2, "sums": {"total": "62.00"}}]`.

use std::collections::BTreeMap;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::Shape;
use super::cursors::cursor;
use crate::domain::listing::{Order, Value};
use crate::domain::money::Total;
use crate::wire::table::as_text;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ListPage<T> {
    /// In the order asked for: newest first when none was.
    pub data: Vec<T>,
    /// Whether more rows follow in the direction read.
    #[schema(example = false)]
    pub has_more: bool,
    /// Give it as `after` (or, when reading with `before`, as `before`) for the next page; null when there is none.
    pub next_cursor: Option<String>,
    /// Of the whole list, not of the page, with `totals=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<Vec<CurrencyTotals>>,
}

/// What the rows of one currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrencyTotals {
    #[schema(example = "EUR")]
    pub currency: String,
    #[schema(example = 2)]
    pub count: i64,
    /// The amounts of the rows, summed by their names: decimal strings in major units.
    #[schema(example = json!({"total": "62.00"}))]
    pub sums: BTreeMap<&'static str, String>,
}

impl CurrencyTotals {
    /// Of sums by the names of what is summed.
    #[must_use]
    pub fn of(count: i64, (currency, sums): (String, Vec<(&'static str, Total)>)) -> CurrencyTotals {
        let sums = sums.into_iter().map(|(name, sum)| (name, sum.to_major_string())).collect();
        CurrencyTotals { currency, count, sums }
    }
}

impl<T> ListPage<T> {
    /// A page with the place of the row at which the next begins.
    #[must_use]
    pub fn of(data: Vec<T>, order: Order, next: Option<&[Value]>) -> ListPage<T> {
        let next_cursor = next.map(|place| cursor(order, place));
        ListPage { data, has_more: next_cursor.is_some(), next_cursor, totals: None }
    }
}

/// Rows written one after the other: what is null or left out is empty, what has parts is JSON, and no text is a formula.
#[derive(Debug)]
pub struct Sheet {
    columns: Vec<&'static str>,
}

impl Sheet {
    /// Of a list, with what is expanded.
    #[must_use]
    pub fn of(shape: &Shape, expand: &[&str]) -> Sheet {
        let is_shown = |name: &&&'static str| !shape.expands.contains(*name) || expand.contains(*name);
        Sheet { columns: shape.columns.iter().filter(is_shown).copied().collect() }
    }

    /// The line of names.
    ///
    /// # Errors
    /// Never with columns that can be written.
    pub fn head(&self) -> Result<Vec<u8>, csv::Error> {
        lines(std::iter::once(self.columns.iter().map(|name| (*name).to_owned()).collect()))
    }

    /// A line for each row.
    ///
    /// # Errors
    /// A row is no object.
    pub fn rows(&self, rows: &[impl Serialize]) -> Result<Vec<u8>, csv::Error> {
        let mut written = Vec::with_capacity(rows.len());
        for row in rows {
            let row =
                serde_json::to_value(row).map_err(|error| csv::Error::from(std::io::Error::other(error)))?;
            written
                .push(self.columns.iter().map(|name| cell(row.get(name).unwrap_or(&Json::Null))).collect());
        }
        lines(written.into_iter())
    }
}

fn lines(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn cell(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) if is_decimal(text) => text.clone(),
        Json::String(text) => as_text(text),
        other => other.to_string(),
    }
}

/// An amount below zero is no formula.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(unsigned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_text_of_a_row_is_a_formula_and_amounts_below_zero_stay_amounts() {
        let shape = Shape { columns: &["name", "total", "metadata", "lines"], ..Shape::NOTHING };
        let sheet = Sheet::of(&shape, &[]);
        let rows = [
            json!({"name": "=1+1", "total": "-19.99", "metadata": {"a": "b"}, "lines": null}),
            json!({"name": "-cmd|' /C calc'!A0", "total": null}),
        ];
        assert_eq!(String::from_utf8(sheet.head().unwrap()).unwrap(), "name,total,metadata,lines\r\n");
        let written = String::from_utf8(sheet.rows(&rows).unwrap()).unwrap();
        assert_eq!(written, "'=1+1,-19.99,\"{\"\"a\"\":\"\"b\"\"}\",\r\n'-cmd|' /C calc'!A0,,,\r\n");
    }
}
