//! What if the log cannot be written: nobody reads it, its reader is gone, its disk is full? Then lines are dropped and counted, and nothing else.
//!
//! A line goes into a queue of 4,096, and one thread writes what is in it. Standard error may block for ever or fail: only that thread notices.
//! What finds the queue full, or is refused by the system, is counted in `log_lines_dropped_total`. At the end of the process the queue is given a
//! second to empty itself. The usual writers for this count only what finds their queue full, and tell of a bad end by `println!`, which itself
//! blocks or panics when nobody listens.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use tracing_subscriber::fmt::MakeWriter;

use super::vitals;

/// How many lines may wait: some megabytes.
const WAITING: usize = 4_096;

/// How many bytes are written at once, when so many wait.
const TOGETHER: usize = 32 << 10;

/// How long the end of the process waits for the lines that wait.
const LAST_WORDS: Duration = Duration::from_secs(1);

enum Piece {
    Line(Vec<u8>),
    /// Everything before it is written: answer.
    Flush(Sender<()>),
}

/// Where lines are left. Never blocks, never fails.
#[derive(Clone)]
pub struct LogLines {
    queue: Sender<Piece>,
}

impl LogLines {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<LogLines> {
        let (queue, waiting) = bounded(WAITING);
        thread::Builder::new().name("log".to_owned()).spawn(move || write_all(&waiting, out))?;
        Ok(LogLines { queue })
    }

    /// Leaves a line; counts it when there is no room.
    pub fn leave(&self, line: &[u8]) {
        if self.queue.try_send(Piece::Line(line.to_vec())).is_err() {
            vitals::log_lines_dropped(1);
        }
    }

    /// Waits until what was left is written, or for a second.
    pub fn flush(&self) {
        let (answer, written) = bounded(1);
        if self.queue.send_timeout(Piece::Flush(answer), LAST_WORDS).is_ok() {
            let _late = written.recv_timeout(LAST_WORDS);
        }
    }
}

impl Write for LogLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.leave(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogLines {
    type Writer = LogLines;

    fn make_writer(&'a self) -> LogLines {
        self.clone()
    }
}

/// The thread's life: what waits is written together. It ends with the last handle on the queue.
fn write_all(waiting: &Receiver<Piece>, mut out: impl Write) {
    while let Ok(first) = waiting.recv() {
        let (mut text, mut lines, mut waiters) = (Vec::new(), 0, Vec::new());
        let mut next = Some(first);
        while let Some(piece) = next {
            match piece {
                Piece::Line(line) => {
                    text.extend(line);
                    lines += 1;
                }
                Piece::Flush(answer) => waiters.push(answer),
            }
            next = if text.len() < TOGETHER { waiting.try_recv().ok() } else { None };
        }
        if out.write_all(&text).and_then(|()| out.flush()).is_err() {
            vitals::log_lines_dropped(lines);
        }
        for answer in waiters {
            let _gone = answer.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Waits for a permit, then writes; a closed one refuses everything.
    struct Slow {
        permit: Receiver<()>,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.permit.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            self.seen.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_finds_no_room_or_no_reader_is_counted_and_the_rest_is_written_in_order() {
        let (permit, permits) = bounded(1_000);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = LogLines::start(Slow { permit: permits, seen: Arc::clone(&seen) }).unwrap();
        log.leave(b"first\n");
        permit.send(()).unwrap();
        log.flush();
        assert_eq!(*seen.lock().unwrap(), b"first\n");

        let before = vitals::log_lines_dropped(0);
        for _ in 0..2 * WAITING {
            log.leave(&[b'x'; 1 << 10]);
        }
        let full = vitals::log_lines_dropped(0) - before;
        assert!((WAITING as u64 / 2..=WAITING as u64).contains(&full), "{full}");

        drop(permit);
        log.flush();
        assert_eq!(vitals::log_lines_dropped(0) - before, 2 * WAITING as u64, "the reader is gone");
    }
}
