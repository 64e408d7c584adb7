//! How much of the server may one caller take, so that nobody stops the others?

pub mod guesses;
pub mod rates;
pub mod shares;

pub use guesses::Guesses;
pub use rates::Rates;
pub use shares::{Held, Shares};
