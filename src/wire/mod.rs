//! The JSON shapes of the API and of events: what a client reads and writes, and how it becomes a domain value and back.

pub mod amounts;
pub mod api_keys;
pub mod bill_runs;
pub mod billing_settings;
pub mod customers;
pub mod discounts;
pub mod events;
pub mod features;
pub mod invoice_lines;
pub mod invoices;
pub mod ledger;
pub mod meters;
mod model_fields;
pub mod page;
pub mod payment_bodies;
pub mod payments;
pub mod plans;
pub mod price_models;
pub mod prices;
pub mod problem;
pub mod products;
pub mod subscriptions;
pub mod test_clock;
pub mod usage;
pub mod usage_corrections;
pub mod usage_events;
mod usage_models;
