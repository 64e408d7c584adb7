//! Who stands in for Avalara and Stripe? A listener that answers calls in turn with what a test scripts, and keeps what it was sent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::harness::stand_in;

/// A call as it came: `POST /api/v2/transactions/create`, its headers in lower case, its body.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) line: String,
    pub(super) headers: String,
    pub(super) body: String,
}

impl Call {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Script {
    replies: VecDeque<(u16, Value)>,
    calls: Vec<Call>,
}

/// A stand-in.
pub(super) struct Elsewhere {
    pub(super) url: String,
    script: Arc<Mutex<Script>>,
}

impl Elsewhere {
    pub(super) fn open() -> Elsewhere {
        let script = Arc::new(Mutex::new(Script::default()));
        let own = Arc::clone(&script);
        let url = stand_in(move |stream| serve(stream, &own));
        Elsewhere { url, script }
    }

    /// Answers the next call so.
    pub(super) fn reply(&self, status: u16, body: Value) {
        self.script.lock().unwrap().replies.push_back((status, body));
    }

    /// The last call.
    pub(super) fn last(&self) -> Call {
        self.script.lock().unwrap().calls.last().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, script: &Mutex<Script>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() || first.is_empty() {
        return;
    }
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let lower = line.to_ascii_lowercase();
        if lower.trim().is_empty() {
            break;
        }
        if let Some(given) = lower.strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        headers.push_str(&lower);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = first.rsplit_once(' ').unwrap().0.to_owned();
    let (status, reply) = {
        let mut script = script.lock().unwrap();
        script.calls.push(Call { line, headers, body: String::from_utf8(body).unwrap() });
        script.replies.pop_front().unwrap_or((500, Value::Null))
    };
    let reply = reply.to_string();
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{reply}",
        reply.len()
    );
    let _ = stream.write_all(answer.as_bytes());
}
