//! How does a test break the line to the database at a chosen moment? It stands on it: a relay from a local port to PostgreSQL's socket, which
//! passes everything on until it is told to break.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

/// A line on which something may break.
pub struct Wire {
    /// The connection string of a database through it.
    pub url: String,
    breaks: Arc<AtomicU8>,
}

/// What breaks it, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The next INSERT, which does not arrive.
    BeforeInsert = 1,
    /// The next COMMIT, which arrives and is carried out, but whose answer does not come back.
    AfterCommit = 2,
}

impl Wire {
    /// To the database of a connection string by socket: `postgresql://USER@/NAME?host=DIRECTORY`.
    pub fn to(url: &str) -> Wire {
        let (before, directory) = url.split_once("?host=").unwrap();
        let directory = percent_encoding::percent_decode_str(directory).decode_utf8().unwrap().into_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = before.replacen("@/", &format!("@{address}/"), 1);
        let breaks = Arc::new(AtomicU8::new(0));
        let breaks_next = Arc::clone(&breaks);
        thread::spawn(move || {
            for client in listener.incoming() {
                let server = UnixStream::connect(format!("{directory}/.s.PGSQL.5432")).unwrap();
                relay(client.unwrap(), server, &breaks_next);
            }
        });
        Wire { url, breaks }
    }

    /// Breaks when this happens next.
    pub fn break_at(&self, moment: Break) {
        self.breaks.store(moment as u8, Ordering::SeqCst);
    }

    /// Whether it has broken since it was told to.
    pub fn has_broken(&self) -> bool {
        self.breaks.load(Ordering::SeqCst) == 0
    }
}

fn relay(client: TcpStream, server: UnixStream, breaks_next: &Arc<AtomicU8>) {
    let swallows = Arc::new(AtomicU8::new(0));
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (breaks, swallow) = (Arc::clone(breaks_next), Arc::clone(&swallows));
    let took = move |moment: Break| {
        breaks.compare_exchange(moment as u8, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    };
    thread::spawn(move || {
        let mut part = [0; 65_536];
        while let Ok(length @ 1..) = from_client.read(&mut part) {
            let holds = |word: &[u8]| part[..length].windows(word.len()).any(|at| at == word);
            if holds(b"INSERT INTO") && took(Break::BeforeInsert) {
                break;
            }
            if holds(b"COMMIT") && took(Break::AfterCommit) {
                swallow.store(1, Ordering::SeqCst);
            }
            if to_server.write_all(&part[..length]).is_err() {
                break;
            }
        }
        let _ = from_client.shutdown(Shutdown::Both);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let (mut from_server, mut to_client) = (server, client);
    thread::spawn(move || {
        let mut part = [0; 65_536];
        while let Ok(length @ 1..) = from_server.read(&mut part) {
            if swallows.load(Ordering::SeqCst) == 1 || to_client.write_all(&part[..length]).is_err() {
                break;
            }
        }
        let _ = from_server.shutdown(Shutdown::Both);
        let _ = to_client.shutdown(Shutdown::Both);
    });
}
