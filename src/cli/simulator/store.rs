//! Where are the books of an account? In memory, and every record first in the file, when there is one: what was answered for is there after a start.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::books::Books;
use super::kept::{KeptCharge, Line, Record};
use crate::domain::payments::simulated::{Charge, Memory};

/// The file of all accounts.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Option<File>>);

impl Log {
    /// Opens it, and gives what it holds. A last line that was not written to its end never happened.
    ///
    /// # Errors
    /// It cannot be opened, or is no file of a simulator.
    pub(super) fn open(path: &Path) -> std::io::Result<(Log, Vec<Line>)> {
        let mut lines = Vec::new();
        let mut length = 0_u64;
        if path.exists() {
            let mut reader = BufReader::new(File::open(path)?);
            let mut text = String::new();
            while reader.read_line(&mut text)? > 0 {
                if !text.ends_with('\n') {
                    break;
                }
                lines.push(serde_json::from_str(&text).map_err(std::io::Error::other)?);
                length += text.len() as u64;
                text.clear();
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(length)?;
        Ok((Log(Mutex::new(Some(file))), lines))
    }

    fn write(&self, line: &Line) -> Result<(), String> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = file.as_mut() else { return Ok(()) };
        let text = serde_json::to_string(line).map_err(|error| error.to_string())?;
        file.write_all(format!("{text}\n").as_bytes()).map_err(|error| error.to_string())
    }
}

/// The books of one account.
pub(super) struct Store {
    account: String,
    books: Mutex<Books>,
    log: Arc<Log>,
}

impl Store {
    pub(super) fn new(account: &str, log: &Arc<Log>) -> Store {
        Store { account: account.to_owned(), books: Mutex::default(), log: Arc::clone(log) }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happened, in the file first.
    pub(super) fn record(&self, record: Record) -> Result<(), String> {
        self.write(&mut self.books(), record)
    }

    /// The same to books that are locked already.
    pub(super) fn write(&self, books: &mut Books, record: Record) -> Result<(), String> {
        let line = Line { account: self.account.clone(), record };
        self.log.write(&line)?;
        books.apply(&line.record);
        Ok(())
    }
}

impl Memory for Store {
    fn keep(&self, charges: &[Charge], _deadline: DateTime<Utc>) -> Result<Vec<Charge>, String> {
        let mut books = self.books();
        let mut kept = Vec::with_capacity(charges.len());
        for charge in charges {
            if !books.charges.contains_key(&charge.idempotency_key) {
                self.write(&mut books, Record::Charged { charge: KeptCharge::from(charge) })?;
            }
            kept.extend(books.charges.get(&charge.idempotency_key).cloned());
        }
        Ok(kept)
    }

    fn recall(&self, keys: &[String], _deadline: DateTime<Utc>) -> Result<Vec<Charge>, String> {
        let books = self.books();
        Ok(keys.iter().filter_map(|key| books.charges.get(key).cloned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::money::Money;
    use crate::domain::payments::simulated::ChargeStatus;
    use crate::platform::random;

    fn charge(key: &str) -> Charge {
        Charge {
            idempotency_key: key.to_owned(),
            token: "tok_success".to_owned(),
            amount: Money::from_minor(3_100, "USD".parse().unwrap()),
            status: ChargeStatus::Succeeded,
            reference: format!("sim_{key}"),
            received_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_was_answered_for_is_there_after_a_start_and_a_line_that_broke_off_never_happened() {
        let path = std::env::temp_dir().join(format!("simulator_{:08x}.log", random::cheap_u32()));
        let (log, lines) = Log::open(&path).unwrap();
        assert!(lines.is_empty());
        let store = Store::new("one", &Arc::new(log));
        store.keep(&[charge("a"), charge("b")], DateTime::UNIX_EPOCH).unwrap();
        store.keep(&[charge("a")], DateTime::UNIX_EPOCH).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{{\"account\": \"one\", \"rec")).unwrap();
        let (log, lines) = Log::open(&path).unwrap();
        assert_eq!(lines.len(), 2, "the same key is kept once");
        let again = Store::new("one", &Arc::new(log));
        lines.iter().for_each(|line| again.books().apply(&line.record));
        again.keep(&[charge("c")], DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(again.books().charge("sim_b"), Some(&charge("b")));
        assert_eq!(Log::open(&path).unwrap().1.len(), 3);
        fs::remove_file(&path).unwrap();
    }
}
