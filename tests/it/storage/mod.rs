//! The tables, and what keeps them in order.

mod migrations;
mod outbox;
mod schema;
mod standing;
mod threads;
mod upgrades;
mod wording;
