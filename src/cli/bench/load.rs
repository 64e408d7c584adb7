//! How fast are calls answered? Connections that are kept open, each sending its next call when the last is answered.
//!
//! The client must cost little of the cores it shares with the server: two threads, as pgbench has, that wait for many
//! connections at once and read no more of HTTP than status and length.
//! Every call is timed and kept: p99 of 1,000 calls is the 990th of them sorted, not an estimate.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rust_decimal::Decimal;

use super::{Fallible, seconds};

/// Before anything is counted: connections open, statements are prepared.
const WARM_UP: Duration = Duration::from_millis(700);

/// As many as pgbench is given.
pub(super) const THREADS: usize = 2;

const WARM: u8 = 0;
const COUNTED: u8 = 1;
const OVER: u8 = 2;

/// What is sent, from how many connections.
pub(super) struct Load<'a> {
    pub address: SocketAddr,
    pub connections: usize,
    /// Writes the next call.
    pub call: &'a (dyn Fn(&mut Vec<u8>) + Sync),
    /// The only status that counts as an answer.
    pub status: u16,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timings {
    pub per_second: Decimal,
    pub p50_us: u32,
    pub p99_us: u32,
}

/// Sends calls while `meanwhile` runs, and times those answered in that time.
pub(super) fn measure<T>(load: &Load<'_>, meanwhile: impl FnOnce() -> T) -> Fallible<(Timings, T)> {
    let phase = AtomicU8::new(WARM);
    thread::scope(|scope| {
        let phase = &phase;
        let share = |n| load.connections / THREADS + usize::from(n < load.connections % THREADS);
        let callers: Vec<_> =
            (0..THREADS).map(|n| scope.spawn(move || keep_calling(load, phase, share(n)))).collect();
        thread::sleep(WARM_UP);
        let began = Instant::now();
        phase.store(COUNTED, Ordering::Relaxed);
        let done = meanwhile();
        phase.store(OVER, Ordering::Relaxed);
        let took = began.elapsed();
        let mut micros = Vec::new();
        for caller in callers {
            micros.extend(caller.join().map_err(|_| "a calling thread panicked")??);
        }
        Ok((timings(micros, took)?, done))
    })
}

/// Keeps a call under way on each of `connections` until it is over and all are answered.
fn keep_calling(load: &Load<'_>, phase: &AtomicU8, connections: usize) -> io::Result<Vec<u32>> {
    let mut lines =
        (0..connections).map(|_| Connection::open(load.address)).collect::<io::Result<Vec<_>>>()?;
    let (mut micros, mut call) = (Vec::with_capacity(1 << 18), Vec::with_capacity(1 << 10));
    for line in &mut lines {
        line.call(load, &mut call)?;
    }
    while !lines.is_empty() {
        for n in ready(&lines)?.into_iter().rev() {
            let Some(line) = lines.get_mut(n) else { continue };
            let Some(status) = line.receive()? else { continue };
            let took = line.began.elapsed();
            if status != load.status {
                return Err(io::Error::other(format!("answered {status}: {}", line.answer())));
            }
            let phase = phase.load(Ordering::Relaxed);
            if phase == COUNTED {
                micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
            }
            if phase == OVER {
                lines.swap_remove(n);
            } else {
                line.call(load, &mut call)?;
            }
        }
    }
    Ok(micros)
}

/// Waits until something was answered, and says on which connections.
fn ready(lines: &[Connection]) -> io::Result<Vec<usize>> {
    let mut waiting: Vec<_> =
        lines.iter().map(|line| PollFd::new(line.stream.as_fd(), PollFlags::POLLIN)).collect();
    poll(&mut waiting, PollTimeout::NONE)?;
    Ok((0..).zip(&waiting).filter(|(_, polled)| polled.any() == Some(true)).map(|(n, _)| n).collect())
}

fn timings(mut micros: Vec<u32>, took: Duration) -> Fallible<Timings> {
    micros.sort_unstable();
    let at = |percent: usize| micros.get((micros.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    match (at(50), at(99)) {
        (Some(p50_us), Some(p99_us)) => {
            Ok(Timings { per_second: (Decimal::from(micros.len()) / seconds(took)).round(), p50_us, p99_us })
        }
        _ => Err("no call was answered in the time given".into()),
    }
}

/// One connection, kept open.
pub(super) struct Connection {
    stream: TcpStream,
    began: Instant,
    answer: Vec<u8>,
    part: Box<[u8]>,
}

impl Connection {
    /// Connects.
    pub(super) fn open(address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let part = vec![0; 1 << 14].into_boxed_slice();
        Ok(Connection { stream, began: Instant::now(), answer: Vec::with_capacity(1 << 15), part })
    }

    /// Sends one call, reads its whole answer and gives the status.
    pub(super) fn send(&mut self, call: &[u8]) -> io::Result<u16> {
        self.begin(call)?;
        loop {
            if let Some(status) = self.receive()? {
                return Ok(status);
            }
        }
    }

    fn call(&mut self, load: &Load<'_>, call: &mut Vec<u8>) -> io::Result<()> {
        call.clear();
        (load.call)(call);
        self.begin(call)
    }

    fn begin(&mut self, call: &[u8]) -> io::Result<()> {
        self.answer.clear();
        self.began = Instant::now();
        self.stream.write_all(call)
    }

    /// Reads what is there; gives the status when the answer is whole.
    fn receive(&mut self) -> io::Result<Option<u16>> {
        let n = self.stream.read(&mut self.part)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.answer.extend_from_slice(self.part.get(..n).unwrap_or_default());
        Ok(head(&self.answer)?.filter(|(_, length)| self.answer.len() >= *length).map(|(status, _)| status))
    }

    /// The last answer, with its head.
    pub(super) fn answer(&self) -> String {
        String::from_utf8_lossy(&self.answer).into_owned()
    }
}

/// Status and whole length of an answer whose head is complete.
fn head(answer: &[u8]) -> io::Result<Option<(u16, usize)>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(answer.get(..end).unwrap_or_default()).map_err(io::Error::other)?;
    let status = text.get(9..12).and_then(|digits| digits.parse().ok());
    let length = text.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse::<usize>().ok() } else { None }
    });
    match (status, length) {
        (Some(status), Some(length)) => Ok(Some((status, end + 4 + length))),
        _ => Err(io::Error::other(format!("not an answer with a length: {text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_head_and_as_many_bytes_as_it_says_are_there() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\ndate: x\r\n\r\n{}";
        assert_eq!(head(answer).unwrap(), Some((201, answer.len())));
        assert_eq!(head(&answer[..30]).unwrap(), None);
        assert!(head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn the_99th_percentile_of_1000_calls_is_the_990th_of_them_sorted() {
        let timings = timings((1..=1000).rev().collect(), Duration::from_secs(4)).unwrap();
        assert_eq!(timings, Timings { per_second: Decimal::from(250), p50_us: 500, p99_us: 990 });
    }
}
