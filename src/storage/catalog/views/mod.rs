//! Which products and plans are there? Pages, newest first.

pub mod plans;
pub mod products;
