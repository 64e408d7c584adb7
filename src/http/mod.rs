//! The API over HTTP: who is calling, what do they want, and what is answered?
//!
//! A handler is one screen: an extractor ([`Post`], [`Get`]) has authenticated the caller and read the body; `run` does
//! the work in one transaction and gives an [`Answer`]; everything that can go wrong is a [`Problem`].

pub mod answer;
pub mod app;
pub mod auth;
pub mod body;
pub mod docs;
pub mod get;
pub mod health;
pub mod idempotency;
pub mod keys_seen;
pub mod lanes;
pub mod limits;
pub mod listing;
pub mod metrics;
pub mod openapi;
pub mod post;
pub mod problem;
pub mod query;
pub mod routes;
pub mod server;
pub mod surroundings;
mod tax_previews;
pub mod unkeepable;
pub mod v1;
mod values_sent;

pub use answer::{Answer, page};
pub use app::App;
pub use get::{Get, PathId};
pub use listing::{Asking, Listed, Reading};
pub use openapi::{openapi, openapi_json};
pub use post::{Command, Delete, NoBody, Patch, Post};
pub use problem::Problem;
pub use query::{Listing, NoFilter, Query};
