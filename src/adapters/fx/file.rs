//! What does a file of published rates say, whichever form it has?

use super::published::{MOST_BYTES, Published, Unread};
use super::{csv_file, xml_file};

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

#[cfg(test)]
mod tests {
    use super::read;

    fn refused(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

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
            assert!(read(&DAILY.as_bytes()[..end]).is_err(), "cut off at {end}");
        }
        assert!(refused("<html><body>Sorry</body></html>").ends_with("there is no rate in it"));
        assert!(refused(&DAILY.replace("2026-03-20", "20 March")).contains("is no day"));
        assert!(refused(&DAILY.replace("rate=", "price=")).contains("has no rate"));
        let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{}", &DAILY[DAILY.find("<gesmes").unwrap()..]);
        assert!(refused(&bomb).contains("DTD"), "{}", refused(&bomb));
        assert!(read(b"<\xff>").is_err());
    }

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
        assert!(refused("currency,rate\nUSD,1\n").ends_with("its first column is not Date"));
        assert!(refused("Date,USD\n20.03.2026,1\n").contains("is no day"));
        assert!(refused("Date,USD\n2026-03-20\n").contains("record with 1 fields"));
        assert!(refused("Date,USD\n").ends_with("there is no rate in it"));
        assert!(refused("").contains("first column"));
    }
}
