//! The jobs themselves: what one bad item does to the rest, what is done in real time for live tenants, by two processes at once, and after a
//! panic.

mod panics;
mod parked;
mod planted;
