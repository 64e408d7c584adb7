//! Which event is a row of a file? The file's name and the row's number make its id, so that reading the file again changes nothing.
//!
//! `2023-11-16 18:17:03.9799600,4808,10` below `TIMESTAMP,ContextTokens,GeneratedTokens` is an event of that instant with two numbers.

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

use super::data::Data;
use super::event::Event;

/// Names of the column that holds the time, in any case of letters.
const TIMES: [&str; 2] = ["timestamp", "time"];

/// What the rows of a file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File<'a> {
    /// Without its directory.
    pub name: &'a str,
    pub event_type: &'a str,
    /// The customer's id or own id.
    pub subject: &'a str,
    pub header: Vec<String>,
}

impl File<'_> {
    /// The place of the column with the time.
    #[must_use]
    pub fn time_column(&self) -> Option<usize> {
        self.header.iter().position(|name| TIMES.contains(&name.to_ascii_lowercase().as_str()))
    }

    /// The event of a row: its number counts from 1, without the header.
    ///
    /// # Errors
    /// A sentence about what cannot be read.
    pub fn event(&self, number: u64, cells: &[&str]) -> Result<Event, String> {
        let place = self.time_column().ok_or("the header names no column \"timestamp\" or \"time\"")?;
        if cells.len() != self.header.len() {
            return Err(format!("this row has {} cells, and the header {}", cells.len(), self.header.len()));
        }
        let mut members = serde_json::Map::with_capacity(cells.len());
        for (n, (name, cell)) in self.header.iter().zip(cells).enumerate() {
            if n != place && !cell.is_empty() {
                members.insert(name.clone(), serde_json::Value::String((*cell).to_owned()));
            }
        }
        let data = serde_json::Value::Object(members).to_string();
        Ok(Event {
            id: number.to_string(),
            source: format!("import:{}", self.name),
            type_: self.event_type.to_owned(),
            subject: self.subject.to_owned(),
            time: Some(instant(cells[place])?),
            data: Data::parse(&data).map_err(|refused| refused.detail)?,
        })
    }
}

/// RFC 3339, or a date and time of UTC.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let zoned = text.parse::<DateTime<Utc>>().ok();
    let plain = || {
        let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
        formats
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|at| at.and_utc())
    };
    let at = zoned.or_else(plain);
    at.map(|at| at.trunc_subsecs(6))
        .ok_or_else(|| format!("{text:?} is no instant such as 2023-11-16 18:17:03.97"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_an_event_known_by_its_file_and_number() {
        let header = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"].map(str::to_owned).to_vec();
        let file = File { name: "llm.csv", event_type: "llm.request", subject: "acme", header };
        let event = file.event(7, &["2023-11-16 18:17:03.9799600", "4808", "10"]).unwrap();
        assert_eq!((event.id.as_str(), event.source.as_str()), ("7", "import:llm.csv"));
        assert_eq!(event.time.unwrap().to_rfc3339(), "2023-11-16T18:17:03.979960+00:00");
        assert_eq!(event.data.text(), r#"{"ContextTokens":"4808","GeneratedTokens":"10"}"#);
        assert!(file.event(8, &["yesterday", "1", "2"]).is_err());
        assert!(file.event(8, &["2023-11-16 18:17:03", "1"]).is_err());
    }
}
