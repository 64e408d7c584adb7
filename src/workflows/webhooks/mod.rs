//! How do endpoints hear of events? They are added and changed, what is due is sent to them, and sent again when somebody requests it.
//!
//! What is on this shelf, what is not, and its laws: [`storage::webhooks`](crate::storage::webhooks).

pub mod change_endpoints;
mod courier;
pub mod deliver_events;
pub mod replay_deliveries;
pub mod rotate_secret;

pub use courier::{Courier, Refused};
