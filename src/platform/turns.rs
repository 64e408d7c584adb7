//! Whose work does a thread take up next? Owners take turns, whatever each has waiting; and who was slow lately leaves threads to the others.
//!
//! Four threads. A asks for 32 reads of half a second: two are under way at once, and B's read of a millisecond begins at once.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many owners are remembered before those with nothing to do are forgotten.
const REMEMBERED: usize = 10_000;

/// How work is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    pub threads: usize,
    /// How much may wait, of all owners together and of one.
    pub waiting: usize,
    pub waiting_of_one: usize,
    /// Work that took longer is slow.
    pub slow: Duration,
    /// For how long its owner counts as slow then.
    pub slow_for: Duration,
}

/// Work that waits for threads, by owner.
#[derive(Debug)]
pub struct Turns<K, W> {
    shares: Shares,
    state: Mutex<State<K, W>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<K, W> {
    owners: HashMap<K, Owner<W>>,
    /// Those with work that waits, the next first.
    next: VecDeque<K>,
    waiting: usize,
    /// Threads that owners hold who counted as slow when they took them.
    slow_working: usize,
    is_closed: bool,
}

#[derive(Debug)]
struct Owner<W> {
    waiting: VecDeque<W>,
    working: usize,
    standing: Standing,
}

/// What is known of how long an owner's work takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing: it counts as slow.
    Unknown,
    Fast,
    SlowUntil(Instant),
}

/// Work that a thread does now, until it is dropped.
#[derive(Debug)]
pub struct Turn<K: Copy + Eq + Hash, W> {
    turns: Arc<Turns<K, W>>,
    owner: K,
    began: Instant,
    as_slow: bool,
}

impl Standing {
    fn is_slow(self, now: Instant) -> bool {
        match self {
            Standing::Unknown => true,
            Standing::Fast => false,
            Standing::SlowUntil(until) => now < until,
        }
    }
}

impl<W> Owner<W> {
    fn new() -> Owner<W> {
        Owner { waiting: VecDeque::new(), working: 0, standing: Standing::Unknown }
    }
}

impl<K: Copy + Eq + Hash, W> Turns<K, W> {
    /// Nothing waits.
    #[must_use]
    pub fn new(shares: Shares) -> Arc<Turns<K, W>> {
        let state = State {
            owners: HashMap::new(),
            next: VecDeque::new(),
            waiting: 0,
            slow_working: 0,
            is_closed: false,
        };
        Arc::new(Turns { shares, state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Adds work of an owner.
    ///
    /// # Errors
    /// Too much waits: the work comes back.
    pub fn push(&self, owner: K, work: W) -> Result<(), W> {
        let mut state = self.state();
        if state.is_closed || state.waiting >= self.shares.waiting {
            return Err(work);
        }
        if state.owners.len() >= REMEMBERED {
            let now = Instant::now();
            let is_of_use = |known: &Owner<W>| {
                known.working > 0 || !known.waiting.is_empty() || known.standing.is_slow(now)
            };
            state.owners.retain(|_, known| is_of_use(known));
        }
        let known = state.owners.entry(owner).or_insert_with(Owner::new);
        if known.waiting.len() >= self.shares.waiting_of_one {
            return Err(work);
        }
        known.waiting.push_back(work);
        let is_first = known.waiting.len() == 1;
        if is_first {
            state.next.push_back(owner);
        }
        state.waiting += 1;
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for work that a thread may take up; `None` when there will be no more.
    pub fn next(self: &Arc<Self>) -> Option<(Turn<K, W>, W)> {
        let mut state = self.state();
        loop {
            let began = Instant::now();
            if let Some((owner, as_slow, work)) = state.take(began, &self.shares) {
                return Some((Turn { turns: Arc::clone(self), owner, began, as_slow }, work));
            }
            if state.is_closed && state.waiting == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No more work comes: threads end when what waits is done.
    pub fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    /// How much waits.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.state().waiting
    }

    fn state(&self) -> MutexGuard<'_, State<K, W>> {
        // Nothing here panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash, W> State<K, W> {
    /// The first work of the next owner who may have a thread, and whether the owner counts as slow.
    fn take(&mut self, now: Instant, shares: &Shares) -> Option<(K, bool, W)> {
        let at = self.next.iter().position(|owner| self.may_begin(*owner, now, shares))?;
        let owner = self.next.remove(at)?;
        let known = self.owners.get_mut(&owner)?;
        let work = known.waiting.pop_front()?;
        let as_slow = known.standing.is_slow(now);
        known.working += 1;
        if !known.waiting.is_empty() {
            self.next.push_back(owner);
        }
        self.waiting -= 1;
        self.slow_working += usize::from(as_slow);
        Some((owner, as_slow, work))
    }

    /// Who is not slow always may. Who is holds half of the threads at most, and all of them together leave one.
    fn may_begin(&self, owner: K, now: Instant, shares: &Shares) -> bool {
        let Some(known) = self.owners.get(&owner) else { return false };
        let (half, all_but_one) = ((shares.threads / 2).max(1), shares.threads.saturating_sub(1).max(1));
        !known.standing.is_slow(now) || (known.working < half && self.slow_working < all_but_one)
    }
}

impl<K: Copy + Eq + Hash, W> Drop for Turn<K, W> {
    fn drop(&mut self) {
        let Shares { slow, slow_for, .. } = self.turns.shares;
        let now = Instant::now();
        let mut state = self.turns.state();
        state.slow_working -= usize::from(self.as_slow);
        if let Some(known) = state.owners.get_mut(&self.owner) {
            known.working -= 1;
            known.standing = match known.standing {
                _ if now.duration_since(self.began) > slow => Standing::SlowUntil(now + slow_for),
                Standing::SlowUntil(until) if now < until => Standing::SlowUntil(until),
                Standing::SlowUntil(_) | Standing::Unknown | Standing::Fast => Standing::Fast,
            };
        }
        let waits = state.waiting > 0;
        drop(state);
        if waits {
            self.turns.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;

    const A: u8 = 1;
    const B: u8 = 2;
    const SLOW: Duration = Duration::from_millis(5);

    fn turns() -> Arc<Turns<u8, u32>> {
        let slow_for = Duration::from_secs(60);
        Turns::new(Shares { threads: 4, waiting: 100, waiting_of_one: 10, slow: SLOW, slow_for })
    }

    fn push(turns: &Turns<u8, u32>, owner: u8, work: impl IntoIterator<Item = u32>) {
        work.into_iter().for_each(|work| turns.push(owner, work).unwrap());
    }

    /// What comes next, without waiting.
    fn next(turns: &Arc<Turns<u8, u32>>) -> Option<(Turn<u8, u32>, u32)> {
        let began = Instant::now();
        let (owner, as_slow, work) = turns.state().take(began, &turns.shares)?;
        Some((Turn { turns: Arc::clone(turns), owner, began, as_slow }, work))
    }

    fn quick(turns: &Arc<Turns<u8, u32>>, owner: u8) {
        push(turns, owner, [0]);
        drop(next(turns).unwrap());
    }

    #[test]
    fn owners_take_turns_and_the_work_of_each_stays_in_order() {
        let turns = turns();
        quick(&turns, A);
        push(&turns, A, [1, 2, 3]);
        push(&turns, B, [4, 5]);
        let order: Vec<u32> = std::iter::from_fn(|| next(&turns).map(|(_, work)| work)).collect();
        assert_eq!(order, [1, 4, 2, 5, 3]);
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn who_was_slow_holds_half_of_the_threads_and_all_who_were_leave_one() {
        let turns = turns();
        quick(&turns, A);
        push(&turns, A, [1, 2, 3, 4]);
        let first: Vec<_> = (0..4).map(|_| next(&turns).unwrap()).collect();
        sleep(SLOW * 2);
        drop(first);
        push(&turns, A, [5, 6, 7]);
        let held = [next(&turns).unwrap(), next(&turns).unwrap()];
        assert!(next(&turns).is_none());
        // Nobody knows yet how slow B is.
        push(&turns, B, [8, 9]);
        let of_b = next(&turns).unwrap();
        assert_eq!(of_b.1, 8);
        assert!(next(&turns).is_none());
        drop(of_b);
        let of_b = next(&turns).unwrap();
        assert_eq!(of_b.1, 9);
        drop(held);
        assert_eq!(next(&turns).unwrap().1, 7);
    }

    #[test]
    fn too_much_is_refused_by_owner_and_in_all_and_the_end_comes_when_all_is_done() {
        let turns = turns();
        push(&turns, A, 0..10);
        assert_eq!(turns.push(A, 11), Err(11));
        push(&turns, B, [12]);
        turns.close();
        assert_eq!(turns.push(B, 13), Err(13));
        let mut done = 0;
        while let Some((_turn, _)) = turns.next() {
            done += 1;
        }
        assert_eq!(done, 11);
    }
}
