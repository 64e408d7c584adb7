//! Which rates of exchange are known? A row each: those published for all, and those a tenant recorded. Rows are added and never changed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::fx`](crate::domain::fx).

mod book;
mod own;
mod published;
pub mod views;

pub use book::{Wanted, book, history};
pub use own::insert_rate;
pub use published::{hold_published, insert_published, published_days, recorded};
