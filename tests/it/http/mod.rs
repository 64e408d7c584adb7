//! The API as its callers see it.

pub mod examples;

mod auth;
mod events;
mod idempotency;
mod openapi;
mod problems;
mod server;
