//! How does money come in and go back? Attempts made, settled, queried again; refunds; what came outside.
//!
//! What is on this shelf, what is not, and its laws: [`domain::payments`](crate::domain::payments).

pub mod accounts;
pub mod attach_payment_method;
pub mod attempts;
pub mod book_refunds;
pub mod choosing;
pub mod collect_invoices;
pub mod detach_payment_method;
pub mod disputes;
mod follow_mandate;
pub mod gateways;
pub mod make_refunds;
pub mod pay_invoice;
pub mod payouts;
pub mod process_events;
pub mod receive_events;
pub mod record_payment;
pub mod resolve_payments;
pub mod retries;
mod routing;
pub mod settle_late;
pub mod settle_payments;
