//! What does a panic end? The work it was in. A thread that is to last goes on: the panic is counted, logged, and its life begun again.

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::vitals;

/// How long a thread rests after its life ended by a panic; twice as long after each that follows, up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Starts a thread that lives `life` until it returns; a life that panics is begun again.
///
/// # Errors
/// The thread cannot be started.
pub fn lasting(name: &str, mut life: impl FnMut() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let known_as = name.to_owned();
    let mut pause = SHORTEST_PAUSE;
    let run = move || {
        while guarded(&known_as, &mut life).is_none() {
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    };
    thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// Does each of these, so many side by side, and gives what came of them in their order: remote parties take their time.
pub fn side_by_side<T: Send, R: Send>(width: usize, items: Vec<T>, each: impl Fn(T) -> R + Sync) -> Vec<R> {
    if items.len() <= 1 {
        return items.into_iter().map(each).collect();
    }
    let width = width.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..width {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((place, item)) = next else { return };
                    let result = each(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does a part of a long life; `None` when it panicked, which is then counted and logged.
pub fn guarded<T>(thread: &str, part: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(part)) {
        Ok(done) => Some(done),
        Err(panic) => {
            vitals::restarted(thread);
            tracing::error!(thread, panic = text_of(panic.as_ref()), "a thread panicked; it goes on");
            None
        }
    }
}

/// Counts every panic of the process and logs it. The standard library's own way of telling writes to standard error, and waits there for a
/// reader that may never come.
pub fn tell_of_panics() {
    panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        vitals::panicked();
        let thread = thread::current();
        let (thread, place) = (thread.name(), panic.location().map(ToString::to_string));
        tracing::error!(thread, place, panic = text_of(panic.payload()), "panicked");
    }));
}

/// What a panic said.
pub fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason was given")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_life_that_panics_is_begun_again_until_it_ends_well() {
        static LIVES: AtomicU32 = AtomicU32::new(0);
        let life = || assert!(LIVES.fetch_add(1, Ordering::SeqCst) >= 2, "too short a life");
        lasting("short-lived", life).unwrap().join().unwrap();
        assert_eq!(LIVES.load(Ordering::SeqCst), 3);
        assert_eq!(vitals::restarts("short-lived"), 2);
    }
}
