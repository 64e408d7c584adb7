//! What does the bank's XML say? A `Cube` with a `time` for each day, and in it a `Cube` for each currency.
//!
//! `<Cube time="2026-03-20"><Cube currency="USD" rate="1.0876"/></Cube>`: 1 EUR = 1.0876 USD.

use chrono::NaiveDate;
use roxmltree::{Document, Node, ParsingOptions};

use super::{Published, Unread};
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

#[cfg(test)]
mod tests {
    use super::super::read;

    const DAILY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>
		<Cube time='2026-03-20'>
			<Cube currency='USD' rate='1.0876'/>
			<Cube currency='JPY' rate='162.50'/>
			<Cube currency='BGN' rate='1.9558'/></Cube>
	</Cube>
</gesmes:Envelope>"#;

    fn refused(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn each_currency_of_each_day_is_a_rate_of_the_euro() {
        let published = read(DAILY.as_bytes()).unwrap();
        let shown: Vec<String> = published
            .quotes
            .iter()
            .map(|quote| {
                format!("{}/{} {} {} {}", quote.base, quote.quote, quote.date, quote.value, quote.source)
            })
            .collect();
        assert_eq!(shown, ["EUR/USD 2026-03-20 1.0876 ecb", "EUR/JPY 2026-03-20 162.5 ecb"]);
        assert_eq!(published.skipped, 1, "Bulgaria has the euro");
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_refused_whole() {
        for (end, _) in DAILY.char_indices().skip(1) {
            assert!(read(DAILY[..end].as_bytes()).is_err(), "cut off at {end}");
        }
        assert!(refused("<html><body>Sorry</body></html>").ends_with("there is no rate in it"));
        assert!(refused(&DAILY.replace("2026-03-20", "20 March")).contains("is no day"));
        assert!(refused(&DAILY.replace("rate=", "price=")).contains("has no rate"));
        let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{}", &DAILY[DAILY.find("<gesmes").unwrap()..]);
        assert!(refused(&bomb).contains("DTD"), "{}", refused(&bomb));
        assert!(read(b"<\xff>").is_err());
    }
}
