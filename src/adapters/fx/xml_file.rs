//! What does the bank's XML say? A `Cube` with a `time` for each day, and in it a `Cube` for each currency.
//!
//! `<Cube time="2026-03-20"><Cube currency="USD" rate="1.0876"/></Cube>`: 1 EUR = 1.0876 USD.

use chrono::NaiveDate;
use roxmltree::{Document, Node, ParsingOptions};

use super::published::{Published, Unread};
use crate::domain::fx::Quote;

const NAMESPACE: &str = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref";

/// Reads the whole of it.
///
/// # Errors
/// Not well-formed, with a document type, or of another shape.
pub(super) fn read(text: &str) -> Result<Published, Unread> {
    // Entities of a document type could make much of little.
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(text, options).map_err(|e| Unread::Malformed(e.to_string()))?;
    let mut published = Published::default();
    for of_day in document.descendants().filter(|node| is_cube(node)) {
        let Some(time) = of_day.attribute("time") else { continue };
        let day: NaiveDate = time.parse().map_err(|_| Unread::Malformed(format!("{time:?} is no day")))?;
        for of_currency in of_day.children().filter(is_cube) {
            let cell = |name: &str| {
                let missing = || Unread::Malformed(format!("a rate of {day} has no {name}"));
                of_currency.attribute(name).ok_or_else(missing)
            };
            match Quote::published(cell("currency")?, day, cell("rate")?) {
                Some(quote) => published.quotes.push(quote),
                None => published.skipped += 1,
            }
        }
    }
    Ok(published)
}

fn is_cube(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((NAMESPACE, "Cube"))
}
