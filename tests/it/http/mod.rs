//! The API as its callers see it.

pub mod examples;
mod made;

mod attacks;
mod auth;
mod credit_examples;
mod customers;
mod events;
mod extremes;
mod idempotency;
mod invoice_examples;
mod lists;
mod openapi;
mod plans;
mod problems;
mod revenue_examples;
mod server;
mod subscription_examples;
mod subscriptions;
mod tax_examples;
mod usage_examples;
mod webhook_examples;
