//! Who is billed, and who pays for whom? Customers made, changed and placed under others.
//!
//! What is on this shelf, what is not, and its laws: [`domain::customers`](crate::domain::customers).

mod choose_entity;
pub mod create_customer;
pub mod hear_register;
mod move_entity;
mod place_account;
pub mod update_customer;
pub mod watch_tax_numbers;
