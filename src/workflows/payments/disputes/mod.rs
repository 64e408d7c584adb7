//! What follows of disputes? They are read at their gateway, booked, and what a tenant has said is done.

pub mod change_settings;
pub mod follow;
mod record;
