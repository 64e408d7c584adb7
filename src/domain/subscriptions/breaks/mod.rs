//! What if a customer takes a break? How it begins, what of a paid period it interrupts goes on after it, and when it is over.

pub mod extension;
pub mod had;
pub mod pause;
pub mod pausing;
pub mod resume;
pub mod running;
