//! Which endpoints are there, what are they to hear, and what became of it? A row an endpoint, and a row for each event that it wants.
//!
//! Owns: endpoints with their sealed secrets and how far each has looked through the feed; deliveries with their log of attempts. Does not own: the
//! feed itself, which is [`events`](crate::storage::events)'. Laws:
//! - what an endpoint is to hear is the feed after its `seen_sequence`, less what it does not want: a delivery is written in the transaction that
//!   moves that number, so no event is left out and none is there twice;
//! - a delivery is made at least once: it is pending until an answer of the endpoint is recorded, whoever dies in between;
//! - an attempt is recorded by whoever holds the delivery's claim, and by nobody else.

mod deliveries;
mod endpoints;
mod replays;
pub mod views;

pub use deliveries::{Claimed, Recording, Taken, Waiting, record_attempts, take, waiting};
pub use endpoints::{
    Bearing, Sealed, bear, count_endpoints, delete_endpoint, find_endpoint, insert_endpoint, lock_endpoint,
    lock_endpoints, update_endpoint,
};
pub use replays::{Range, replay_events, replay_failed, replay_range};
