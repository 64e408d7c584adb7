//! A bank that publishes rates: a small server that answers as it is told, well or badly, and counts what it is asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::harness::stand_in;

/// How a file is answered.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// Whole.
    File(String),
    /// With a status and no rates.
    Status(u16),
    /// Its first half, under the length of the whole.
    CutOff(String),
    /// Bytes without end.
    Endless,
    /// Nothing, for longer than anybody waits.
    Silence,
}

/// A bank at work until the test ends.
pub(super) struct Bank {
    pub(super) url: String,
    answers: Arc<Mutex<BTreeMap<&'static str, Answer>>>,
    calls: Arc<Mutex<Vec<String>>>,
}

pub(super) const DAY: &str = "/eurofxref-daily.xml";
pub(super) const NINETY_DAYS: &str = "/eurofxref-hist-90d.xml";

impl Bank {
    pub(super) fn open() -> Bank {
        let (answers, calls) = <(Arc<Mutex<BTreeMap<_, _>>>, Arc<Mutex<Vec<_>>>)>::default();
        let (answered, called) = (Arc::clone(&answers), Arc::clone(&calls));
        Bank { url: stand_in(move |stream| serve(stream, &answered, &called)), answers, calls }
    }

    /// From now on a file is answered so.
    pub(super) fn answer(&self, file: &'static str, answer: Answer) {
        self.answers.lock().unwrap().insert(file, answer);
    }

    /// What it was asked for since the last look.
    pub(super) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, answers: &Mutex<BTreeMap<&'static str, Answer>>, calls: &Mutex<Vec<String>>) {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
    }
    calls.lock().unwrap().push(path.clone());
    let answer = answers.lock().unwrap().get(path.as_str()).cloned().unwrap_or(Answer::Status(404));
    let head = |status: u16, length: usize| {
        format!("HTTP/1.1 {status} -\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    // Who hangs up first is none of the bank's business.
    let _ = match answer {
        Answer::File(text) => stream.write_all(format!("{}{text}", head(200, text.len())).as_bytes()),
        Answer::Status(status) => stream.write_all(head(status, 0).as_bytes()),
        Answer::CutOff(text) => {
            stream.write_all(format!("{}{}", head(200, text.len()), &text[..text.len() / 2]).as_bytes())
        }
        Answer::Endless => {
            let block = " ".repeat(1 << 16);
            stream
                .write_all(b"HTTP/1.1 200 -\r\nConnection: close\r\n\r\n")
                .map(|()| while stream.write_all(block.as_bytes()).is_ok() {})
        }
        Answer::Silence => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
    };
}

/// The bank's XML of these days, with the dollar.
pub(super) fn xml(days: &[(&str, &str)]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gesmes:Envelope xmlns:gesmes=\"http://www.gesmes.org/xml/2002-08-01\" \
                    xmlns=\"http://www.ecb.int/vocabulary/2002-08-01/eurofxref\">\n<gesmes:subject>Reference rates</gesmes:subject>\n<Cube>\n"
        .to_owned();
    for (day, dollars) in days {
        writeln!(text, "<Cube time=\"{day}\">\n<Cube currency=\"USD\" rate=\"{dollars}\"/></Cube>").unwrap();
    }
    text + "</Cube>\n</gesmes:Envelope>\n"
}
