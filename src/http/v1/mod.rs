//! The handlers, a file a subject: each says its transaction's name, its status and its one line of work.

pub mod api_keys;
pub mod bill_runs;
pub mod billing_settings;
pub mod budgets;
pub mod coupons;
pub mod credit_balances;
pub mod credit_notes;
pub mod credits;
pub mod customers;
pub mod discounts;
pub mod events;
mod explanations;
pub mod invoice_lines;
pub mod invoices;
pub mod ledger;
pub mod meters;
pub mod payment_methods;
pub mod payments;
pub mod plan_migrations;
pub mod plans;
pub mod products;
pub mod subscription_ends;
pub mod subscription_life;
pub mod subscriptions;
pub mod test_clock;
pub mod usage;
pub mod usage_corrections;
