//! Do a customer's lines become the invoices they should? One for each currency and billing date, with totals that add up.

mod assembling;
