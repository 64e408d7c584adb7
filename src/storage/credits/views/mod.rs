//! Which credits, credit notes and pay-outs are there? Pages, and each whole.

pub mod credit_notes;
pub mod credits;
pub mod pay_outs;
pub mod refunds;
