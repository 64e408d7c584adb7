//! A register that stands in for VIES: a small server that answers as it is told, well or badly, and keeps what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::stand_in;

/// How a question is answered.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// With a status and a body.
    Body(u16, String),
    /// Its first half, under the length of the whole.
    CutOff(String),
    /// Bytes without end.
    Endless,
    /// Nothing, for longer than anybody waits.
    Silence,
    /// The connection is closed at once.
    HangUp,
}

impl Reply {
    pub(super) fn json(body: Value) -> Reply {
        Reply::Body(200, body.to_string())
    }

    pub(super) fn valid() -> Reply {
        Reply::json(
            json!({ "countryCode": "DE", "vatNumber": "136695976", "requestDate": "2026-01-05T12:00:00.000Z", "valid": true,
            "requestIdentifier": "WAPIAAAAZ1", "name": "Difference GmbH", "address": "Berlin" }),
        )
    }

    pub(super) fn error(code: &str) -> Reply {
        Reply::json(json!({ "actionSucceed": false, "errorWrappers": [{ "error": code }] }))
    }
}

/// A register at work until the test ends.
pub(super) struct Register {
    pub(super) url: String,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    questions: Arc<Mutex<Vec<Value>>>,
}

impl Register {
    pub(super) fn open() -> Register {
        let (replies, questions) = <(Arc<Mutex<VecDeque<_>>>, Arc<Mutex<Vec<_>>>)>::default();
        let (answers, log) = (Arc::clone(&replies), Arc::clone(&questions));
        Register { url: stand_in(move |stream| serve(stream, &answers, &log)), replies, questions }
    }

    /// The next questions are answered so, one each; the last one for ever.
    pub(super) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        *self.replies.lock().unwrap() = replies.into_iter().collect();
    }

    /// What it was asked since the last look.
    pub(super) fn questions(&self) -> Vec<Value> {
        std::mem::take(&mut self.questions.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, replies: &Mutex<VecDeque<Reply>>, questions: &Mutex<Vec<Value>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        let header = line.to_ascii_lowercase();
        length = header.strip_prefix("content-length:").map_or(length, |n| n.trim().parse().unwrap());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut question: Value = serde_json::from_slice(&body).unwrap();
    question["path"] = path.into();
    questions.lock().unwrap().push(question);
    let reply = {
        let mut replies = replies.lock().unwrap();
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    };
    // Who hangs up first is none of the register's business.
    let _ = answer(&mut stream, reply.unwrap_or(Reply::HangUp));
}

fn answer(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, length: usize| {
        format!("HTTP/1.1 {status} -\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    match reply {
        Reply::Body(status, text) => {
            stream.write_all(format!("{}{text}", head(status, text.len())).as_bytes())
        }
        Reply::CutOff(text) => {
            stream.write_all(format!("{}{}", head(200, text.len()), &text[..text.len() / 2]).as_bytes())
        }
        Reply::Endless => {
            let block = " ".repeat(1 << 16);
            stream.write_all(b"HTTP/1.1 200 -\r\nConnection: close\r\n\r\n")?;
            while stream.write_all(block.as_bytes()).is_ok() {}
            Ok(())
        }
        Reply::Silence => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        Reply::HangUp => Ok(()),
    }
}
