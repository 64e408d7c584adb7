//! The JSON shapes of the API and of events: what a client reads and writes, and how it becomes a domain value and back.

pub mod api_keys;
pub mod bill_runs;
pub mod events;
pub mod page;
pub mod problem;
pub mod test_clock;
