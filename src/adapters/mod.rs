//! Remote parties: a small trait each, the real ones, and a simulator.

pub mod gateway;
