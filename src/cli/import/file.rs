//! What does an import file say, line by line? Every row, or every error with its line: never the first error alone.

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use crate::domain::subscriptions::import::{Cells, LineError, Row, read_header, read_row};

/// Reads a whole file in memory: comma-separated, with a header, UTF-8.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Vec<LineError>> {
    // A spreadsheet's export often begins with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|e| vec![unreadable(&e)])?.clone();
    let places = read_header(&header.iter().collect::<Vec<_>>())?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    let mut lines = Lines { bytes, counted: 0, line: 1 };
    for record in reader.records() {
        let place = record.as_ref().map_or_else(csv::Error::position, StringRecord::position);
        let line = place.map_or(0, |place| lines.at(place));
        match record {
            Ok(record) if record.len() != header.len() => {
                let detail =
                    format_args!("this row has {} cells, and the header {}", record.len(), header.len());
                errors.push(LineError::of_line(line, detail));
            }
            Ok(record) => {
                let cell =
                    |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or_default();
                match read_row(Cells { line, cells: places.map(cell) }) {
                    Ok(row) => rows.push(row),
                    Err(of_row) => errors.extend(of_row),
                }
            }
            Err(error) => errors.push(LineError { line, ..unreadable(&error) }),
        }
    }
    if rows.is_empty() && errors.is_empty() {
        errors.push(LineError::of_line(1, "there is no row below the header"));
    }
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

/// Which line a row begins on. The reader's own count is one short where lines end in CR LF, because it takes the LF for
/// the beginning of the next row.
struct Lines<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, place: &csv::Position) -> u64 {
        // A place beyond what memory holds is its end.
        let mut begin = usize::try_from(place.byte()).unwrap_or(self.bytes.len());
        while matches!(self.bytes.get(begin), Some(b'\r' | b'\n')) {
            begin += 1;
        }
        let passed = self.bytes.get(self.counted..begin).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted = self.counted.max(begin);
        self.line
    }
}

fn unreadable(error: &csv::Error) -> LineError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { .. } => LineError::of_line(line, "this row is not UTF-8 text"),
        _ => LineError::of_line(line, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "customer_external_id,plan_code,monthly_amount,currency,start_date,payment";

    fn errors(text: &[u8]) -> Vec<String> {
        read(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rows_are_read_with_the_lines_they_stand_on() {
        let text = format!(
            "\u{feff}{HEADER}\r\nA-1,dsl,29.85,USD,2026-10-01,offline\r\n\"B \"\"2\"\"\", dsl ,1,EUR,2026-10-02,card\n"
        );
        let rows = read(text.as_bytes()).unwrap();
        let seen: Vec<(u64, &str)> =
            rows.iter().map(|row| (row.line, row.customer_external_id.as_str())).collect();
        assert_eq!(seen, [(2, "A-1"), (3, "B \"2\"")]);
    }

    #[test]
    fn every_bad_line_is_reported_with_its_number() {
        let mut text =
            format!("{HEADER}\nA,dsl,x,USD,2026-10-01,offline\nB,dsl,1\nC,dsl,1,USD,2026-10-01,card\n")
                .into_bytes();
        text.extend(b"D\xff,dsl,1,USD,2026-10-01,card\n");
        let reported = errors(&text);
        assert!(
            reported[0].starts_with("line 2, monthly_amount: \"x\" is not a plain decimal number"),
            "{reported:?}"
        );
        assert_eq!(
            reported[1..],
            ["line 3: this row has 3 cells, and the header 6", "line 5: this row is not UTF-8 text"]
        );
    }

    #[test]
    fn a_file_without_rows_or_header_is_refused() {
        assert_eq!(errors(HEADER.as_bytes()), ["line 1: there is no row below the header"]);
        assert_eq!(errors(b"").len(), 6);
    }
}
