//! Remote parties: a small trait each, the real ones, and a simulator.

pub mod fx;
pub mod gateway;
pub mod https;
pub mod reach;
pub mod tax;
pub mod tax_numbers;
pub mod webhooks;
