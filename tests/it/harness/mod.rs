//! What does a test stand on? A real server on a free port, on a real PostgreSQL, with a tenant and a key of its own.
//!
//! `let world = World::new();` takes about 20 ms once the cluster runs; `world.post("/v1/customers", json!({…})).is(201)`.

mod bank;
mod chance;
mod client;
mod cluster;
mod described;
mod explained;
mod gocardless;
mod invoice_text;
mod planted;
mod receiver;
mod rehearsal;
mod server;
mod settled;
mod simulated;
mod stand_in;
mod stripe;
mod wire;
mod world;

pub use chance::Chance;
pub use client::{Call, Client, Reply};
pub use cluster::Database;
pub use gocardless::{Gocardless, debit_signature};
pub use invoice_text::invoice_text;
pub use receiver::{Answering, Heard, Receiver};
pub use rehearsal::Rehearsal;
pub use server::{Server, courier, gateways};
pub use settled::work_left;
pub use simulated::{Simulated, simulated_secret};
pub use stand_in::stand_in;
pub use stripe::{Fault, Stripe, signature};
pub use wire::{Break, Wire};
pub use world::{Tenant, World};
