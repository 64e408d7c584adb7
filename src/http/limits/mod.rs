//! How much of the server may one caller take, so that nobody stops the others?

pub mod shares;

pub use shares::{Held, Shares};
