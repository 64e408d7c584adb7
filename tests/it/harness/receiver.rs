//! Who hears of events? A server that keeps each call, answers as a test orders, and checks signatures by itself.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::stand_in;

/// How a call is answered.
#[derive(Debug, Clone)]
pub enum Answering {
    Status(u16),
    /// And how many seconds to wait.
    Wait(u16, u32),
    /// With 200, after a while.
    Slowly(Duration),
    /// Look there.
    Elsewhere(String),
    /// Not at all.
    Cut,
}

/// A call as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub json: Value,
}

#[derive(Default)]
struct State {
    next: VecDeque<Answering>,
    always: Option<Answering>,
    heard: Vec<Heard>,
}

/// A receiver until the process ends.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub fn open() -> Receiver {
        let state = Arc::new(Mutex::new(State::default()));
        let kept = Arc::clone(&state);
        let url = stand_in(move |stream| drop(serve(stream, &kept)));
        Receiver { url: format!("{url}/hooks"), state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next calls are answered so, in this order.
    pub fn next(&self, answers: impl IntoIterator<Item = Answering>) {
        self.state().next.extend(answers);
    }

    /// Each call is answered so; `None`: with 200.
    pub fn always(&self, answer: Option<Answering>) {
        self.state().always = answer;
    }

    /// Every call so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.state().heard.clone()
    }

    /// What the calls were about, in their order.
    pub fn types(&self) -> Vec<String> {
        self.heard().iter().map(|heard| heard.json["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until so many calls have come, for a minute at most.
    #[track_caller]
    pub fn wait_for(&self, count: usize) {
        for _ in 0..600 {
            if self.state().heard.len() >= count {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("{} of {count} calls came: {:?}", self.state().heard.len(), self.types());
    }
}

/// Calls on one connection, until it is closed.
fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream.try_clone()?), stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answer = {
            let mut state = state.lock().unwrap();
            state.heard.push(Heard { headers, body, json });
            let next = state.next.pop_front();
            next.or_else(|| state.always.clone()).unwrap_or(Answering::Status(200))
        };
        let (status, more) = match answer {
            Answering::Cut => return Ok(()),
            Answering::Status(status) => (status, String::new()),
            Answering::Wait(status, seconds) => (status, format!("retry-after: {seconds}\r\n")),
            Answering::Elsewhere(url) => (302, format!("location: {url}\r\n")),
            Answering::Slowly(time) => {
                thread::sleep(time);
                (200, String::new())
            }
        };
        let text = format!("said {status}");
        write!(writer, "HTTP/1.1 {status} X\r\n{more}content-length: {}\r\n\r\n{text}", text.len())?;
    }
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The parts of the header of signatures.
    pub fn signatures(&self) -> Vec<&str> {
        self.header("webhook-signature").split(' ').collect()
    }

    /// What is signed, by the standard.
    pub fn signed(&self) -> Vec<u8> {
        let mut signed =
            format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).into_bytes();
        signed.extend_from_slice(&self.body);
        signed
    }

    /// Whether one of the signatures is that of a secret, computed here by RFC 2104.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut block = [0_u8; 64];
        block[..key.len()].copy_from_slice(&key);
        let pad = |byte: u8| block.map(|b| b ^ byte);
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(self.signed()).finalize();
        let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        self.signatures().contains(&format!("v1,{}", STANDARD.encode(outer)).as_str())
    }
}
