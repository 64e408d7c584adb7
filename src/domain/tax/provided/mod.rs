//! What does somebody else say a sale is taxed with? A provider is asked about what is new on an invoice; what it answers is the tax, to the
//! cent, and it hears of each document that was issued with its figures.
//!
//! 100.00 in Austin: 6.25 for Texas, 1.00 for the city and 1.00 for the transit authority, three taxes of one line.

pub mod answer;
mod asking;
pub mod documents;
pub mod providers;
pub mod question;

pub use answer::{Answer, AnsweredLine, AnsweredTax, Known};
pub use asking::Asking;
pub use providers::{OnOutage, ProviderKind, TaxProvider};
pub use question::Question;
