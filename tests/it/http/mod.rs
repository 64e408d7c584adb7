//! The API as its callers see it.

pub mod examples;

mod auth;
mod customers;
mod events;
mod idempotency;
mod openapi;
mod plans;
mod problems;
mod server;
mod subscription_examples;
mod subscriptions;
