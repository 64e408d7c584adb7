//! Who may work now, and whose turn is next? Places that are shared fairly between owners: each takes no more than its share, who comes
//! when all are taken waits a while in line, and only who would wait too long, or stand in too long a line, is sent away.
//!
//! Four places, three at most of one owner: A asks for five. Three begin, two wait; B's first begins at once all the same.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

/// How much is done at once, and how many wait for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Of all owners together.
    pub at_once: usize,
    /// Of one owner.
    pub at_once_of_one: usize,
    /// Of all owners together.
    pub waiting: usize,
    /// Of one owner.
    pub waiting_of_one: usize,
    pub patience: Duration,
}

/// Of long work of one kind in a process.
pub const LONG_WORK: Bounds = Bounds {
    at_once: 4,
    at_once_of_one: 2,
    waiting: 64,
    waiting_of_one: 16,
    patience: Duration::from_secs(5),
};

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// The line is as long as it may be.
    #[error("too many wait already")]
    Line,
    /// No place came free in time.
    #[error("no place came free in time")]
    Wait,
}

/// The places of one kind of work.
#[derive(Debug)]
pub struct Places {
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    taken_by: HashMap<Uuid, usize>,
    line: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    owner: Uuid,
    place: oneshot::Sender<Place>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    owner: Uuid,
}

impl Places {
    /// So many.
    #[must_use]
    pub fn new(bounds: Bounds) -> Arc<Places> {
        Arc::new(Places { bounds, state: Mutex::default() })
    }

    /// Takes a place, at once or when one comes free.
    ///
    /// # Errors
    /// The line is full, or it took too long.
    pub async fn enter(self: &Arc<Places>, owner: Uuid) -> Result<Place, Full> {
        let awaited = {
            let mut state = self.state();
            state.line.retain(|waiting| !waiting.place.is_closed());
            if state.may_begin(owner, &self.bounds) {
                state.begin(owner);
                return Ok(Place { places: Arc::clone(self), owner });
            }
            let of_one = state.line.iter().filter(|waiting| waiting.owner == owner).count();
            if state.line.len() >= self.bounds.waiting || of_one >= self.bounds.waiting_of_one {
                return Err(Full::Line);
            }
            let (place, awaited) = oneshot::channel();
            state.line.push_back(Waiting { owner, place });
            awaited
        };
        // Who gives up drops what it awaits: a place that comes at that very moment is dropped with it, and goes to the next.
        match tokio::time::timeout(self.bounds.patience, awaited).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Full::Wait),
        }
    }

    /// Takes a place at once, for an owner who has none; `None` when all are taken, or the owner has one.
    #[must_use]
    pub fn enter_alone(self: &Arc<Places>, owner: Uuid) -> Option<Place> {
        let mut state = self.state();
        if state.taken >= self.bounds.at_once || state.taken_by.contains_key(&owner) {
            return None;
        }
        state.begin(owner);
        Some(Place { places: Arc::clone(self), owner })
    }

    /// Takes a place at once; `None` when all are taken, or the owner has its share.
    #[must_use]
    pub fn enter_at_once(self: &Arc<Places>, owner: Uuid) -> Option<Place> {
        let mut state = self.state();
        if !state.may_begin(owner, &self.bounds) {
            return None;
        }
        state.begin(owner);
        Some(Place { places: Arc::clone(self), owner })
    }

    /// How many are taken, and how many wait.
    #[must_use]
    pub fn taken_and_waiting(&self) -> (usize, usize) {
        let state = self.state();
        (state.taken, state.line.iter().filter(|waiting| !waiting.place.is_closed()).count())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives places back, and to those whose turn it is.
    fn leave(self: &Arc<Places>, owner: Uuid) {
        let next = {
            let mut state = self.state();
            state.end(owner);
            state.next(&self.bounds)
        };
        for Waiting { owner, place } in next {
            // Who has given up meanwhile gets none: it is dropped, and comes here again.
            drop(place.send(Place { places: Arc::clone(self), owner }));
        }
    }
}

impl State {
    fn may_begin(&self, owner: Uuid, bounds: &Bounds) -> bool {
        let of_one = self.taken_by.get(&owner).copied().unwrap_or(0);
        self.taken < bounds.at_once && of_one < bounds.at_once_of_one
    }

    fn begin(&mut self, owner: Uuid) {
        self.taken += 1;
        *self.taken_by.entry(owner).or_default() += 1;
    }

    fn end(&mut self, owner: Uuid) {
        self.taken = self.taken.saturating_sub(1);
        if let Some(of_one) = self.taken_by.get_mut(&owner) {
            *of_one = of_one.saturating_sub(1);
            if *of_one == 0 {
                self.taken_by.remove(&owner);
            }
        }
    }

    /// Takes from the line who may begin: in its order, but for those whose owners have their share.
    fn next(&mut self, bounds: &Bounds) -> Vec<Waiting> {
        let mut next = Vec::new();
        self.line.retain(|waiting| !waiting.place.is_closed());
        while let Some(at) = self.line.iter().position(|waiting| self.may_begin(waiting.owner, bounds)) {
            let Some(waiting) = self.line.remove(at) else { break };
            self.begin(waiting.owner);
            next.push(waiting);
        }
        next
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.leave(self.owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);

    fn places(patience: u64) -> Arc<Places> {
        let patience = Duration::from_millis(patience);
        Places::new(Bounds { at_once: 3, at_once_of_one: 2, waiting: 4, waiting_of_one: 2, patience })
    }

    #[tokio::test]
    async fn one_owner_takes_its_share_and_leaves_the_rest_to_others() {
        let places = places(10);
        let (first, second) = (places.enter(A).await, places.enter(A).await);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(places.enter(A).await.unwrap_err(), Full::Wait);
        let other = places.enter(B).await.unwrap();
        assert_eq!(places.taken_and_waiting(), (3, 0));
        drop(other);
        drop(first);
        assert!(places.enter_alone(A).is_none(), "it has one");
        let alone = places.enter_alone(B);
        assert!(alone.is_some() && places.enter(A).await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_comes_in_order_but_for_those_whose_owner_has_its_share() {
        let places = places(5_000);
        let mut of_a = vec![places.enter(A).await.unwrap(), places.enter(A).await.unwrap()];
        let of_b = places.enter(B).await.unwrap();
        let waiting = |owner| {
            let places = Arc::clone(&places);
            tokio::spawn(async move { places.enter(owner).await })
        };
        let third_of_a = waiting(A);
        tokio::task::yield_now().await;
        let second_of_b = waiting(B);
        tokio::task::yield_now().await;
        assert_eq!(places.taken_and_waiting(), (3, 2));
        drop(of_b);
        let second_of_b = second_of_b.await.unwrap().unwrap();
        assert_eq!(places.taken_and_waiting(), (3, 1));
        of_a.pop();
        let third_of_a = third_of_a.await.unwrap().unwrap();
        drop((of_a, second_of_b, third_of_a));
        assert_eq!(places.taken_and_waiting(), (0, 0));
    }

    #[tokio::test]
    async fn who_gives_up_leaves_no_gap_and_a_full_line_sends_away_at_once() {
        let places = places(20);
        let held = [places.enter(A).await.unwrap(), places.enter(A).await.unwrap()];
        let waiting = || {
            let places = Arc::clone(&places);
            tokio::spawn(async move { places.enter(A).await.map(drop) })
        };
        let (one, two) = (waiting(), waiting());
        tokio::task::yield_now().await;
        assert_eq!(places.enter(A).await.unwrap_err(), Full::Line);
        assert_eq!([one.await.unwrap(), two.await.unwrap()], [Err(Full::Wait), Err(Full::Wait)]);
        drop(held);
        assert_eq!(places.taken_and_waiting(), (0, 0));
        assert!(places.enter(A).await.is_ok());
    }
}
