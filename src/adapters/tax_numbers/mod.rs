//! Who knows whether a tax number was ever given to anyone? A register: asked about one number at a time, outside any transaction.
//!
//! It never fails: what it does not say is unknown, and unknown is never invalid.

mod reading;
pub mod simulator;
mod vies;

pub use simulator::Simulator;
pub use vies::Vies;

use crate::domain::customers::verification::Answer;

/// A question about a number.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// As VIES writes it, with the letters of its member state: `DE136695976`.
    pub number: &'a str,
    /// The seller's own, likewise: with it the register gives the consultation a number.
    pub requester: Option<&'a str>,
    /// How often it was asked about before.
    pub earlier: i32,
}

/// A register of tax numbers.
pub trait Registry: Send + Sync {
    /// What checks call it.
    fn name(&self) -> &'static str;

    /// What it says of a number, within a bounded time.
    fn check(&self, question: Question<'_>) -> Answer;
}
