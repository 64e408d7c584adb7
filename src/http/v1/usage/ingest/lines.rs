//! How is a body of any length taken? Line by line in parts of about a megabyte: while one is being stored the next is read,
//! and no more is held.

use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut};

use super::pace::Pace;
use super::read::{Batch, Item, Unread, item};
use super::{App, Destination, ingest};
use crate::http::Problem;
use crate::storage::Session;
use crate::wire::usage::usage_events::Ingested;

/// How much is stored in one transaction.
const PART: usize = 1 << 20;

/// A part of the body, or a line of it that is longer than a part.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// Whole lines, and the number of the first.
    Lines(u64, Bytes),
    /// The number of a line that was thrown away.
    TooLong(u64),
}

/// Cuts a body into pieces.
#[derive(Default)]
struct Cutter {
    held: BytesMut,
    line: u64,
    /// In the middle of a line that is too long.
    skipping: bool,
}

impl Cutter {
    /// Takes what has arrived; gives what is complete.
    fn push(&mut self, part: &[u8]) -> Option<Piece> {
        self.held.extend_from_slice(part);
        if self.skipping {
            let end = self.held.iter().position(|byte| *byte == b'\n');
            match end {
                Some(end) => {
                    let _ = self.held.split_to(end + 1);
                    self.skipping = false;
                    self.line += 1;
                }
                None => self.held.clear(),
            }
        }
        if self.held.len() < PART {
            return None;
        }
        match self.held.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => Some(self.lines(end + 1)),
            None => {
                self.held.clear();
                self.skipping = true;
                Some(Piece::TooLong(self.line))
            }
        }
    }

    /// What is left at the end.
    fn rest(&mut self) -> Option<Piece> {
        let length = self.held.len();
        (length > 0).then(|| self.lines(length))
    }

    fn lines(&mut self, length: usize) -> Piece {
        let lines = self.held.split_to(length).freeze();
        let first = self.line;
        self.line += lines.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        Piece::Lines(first, lines)
    }
}

/// Takes the whole stream. What is stored before something goes wrong stays stored: sent again, it is a duplicate.
pub async fn stream(app: &App, destination: Destination, mut payload: Payload) -> Result<Ingested, Problem> {
    let _held = app.shares.stream(destination.0)?;
    let mut pace = Pace::start(app.shares.limits());
    let mut ingested = Ingested::default();
    let mut cutter = Cutter::default();
    let mut under_way = None;
    loop {
        let part = pace.next(&mut payload).await?;
        let last = part.is_none();
        let piece = match part {
            Some(part) => {
                let part = part.map_err(|e| {
                    Problem::malformed("unreadable_body", format!("the body cannot be read: {e}"))
                })?;
                cutter.push(&part)
            }
            None => cutter.rest(),
        };
        if let Some(piece) = piece {
            if let Some(before) = under_way.take() {
                ingested.add(settled(before).await?);
            }
            let work = move |session: &mut Session| ingest(session, destination, &batch(piece));
            under_way = Some(app.ingest.begin(destination.0, work).await?);
        }
        if last {
            if let Some(before) = under_way.take() {
                ingested.add(settled(before).await?);
            }
            return Ok(ingested);
        }
    }
}

async fn settled(before: super::lanes::Awaited<Result<Ingested, Problem>>) -> Result<Ingested, Problem> {
    before.answer().await?
}

fn batch(piece: Piece) -> Batch {
    match piece {
        Piece::Lines(first, lines) => {
            let lines = lines.strip_suffix(b"\n").unwrap_or(&lines);
            Batch::new(first, lines.split(|byte| *byte == b'\n').map(item))
        }
        Piece::TooLong(first) => {
            let detail = format!("a line is at most {PART} bytes long");
            let unread = Unread { code: "too_long".to_owned(), pointer: None, detail };
            Batch::new(first, std::iter::once(Item::Unread(unread)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &[u8], step: usize) -> Vec<Piece> {
        let mut cutter = Cutter::default();
        let mut pieces: Vec<Piece> = text.chunks(step).filter_map(|part| cutter.push(part)).collect();
        pieces.extend(cutter.rest());
        pieces
    }

    #[test]
    fn lines_are_cut_into_parts_that_know_their_number() {
        let line = format!("{}\n", "x".repeat(999));
        let text = line.repeat(2_500);
        let pieces = cut(text.as_bytes(), 7_777);
        let mut lines = 0;
        for piece in &pieces {
            let Piece::Lines(first, part) = piece else { panic!("{piece:?}") };
            assert_eq!(*first, lines);
            assert!(part.len() <= PART + 7_777 && part.ends_with(b"\n"));
            lines += u64::try_from(part.len() / 1_000).unwrap();
        }
        assert_eq!((lines, pieces.len()), (2_500, 3));
    }

    #[test]
    fn a_line_that_never_ends_is_thrown_away_and_reported() {
        let mut text = b"a\nb\n".to_vec();
        text.extend("x".repeat(3 * PART).into_bytes());
        text.extend(b"\nc");
        let mut cutter = Cutter::default();
        assert_eq!(cutter.push(b"a\nb\n"), None);
        let pieces = cut(&text, PART / 2);
        let numbers: Vec<(u64, bool)> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Lines(first, _) => (*first, true),
                Piece::TooLong(line) => (*line, false),
            })
            .collect();
        assert_eq!(numbers, [(0, true), (2, false), (3, true)]);
    }
}
