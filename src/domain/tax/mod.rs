//! Which tax is on a sale, and why? From who sells, who buys, where, what and when: each line's jurisdiction, category, rate, reason and mention.
//!
//! A French seller in the one-stop shop charges a consumer in Berlin 19 % of 100.00: 19.00, owed to Germany. A business in Berlin with a valid
//! VAT number pays none and accounts for it itself.
//!
//! **Owns**: Places as tax law sees them, rates and product codes with their dates and sources, the decision, the rounding of tax.
//!
//! **Not its own**: Which lines there are and what they come to before tax; the document; what is owed to the ledger.
//!
//! **Laws**: The same facts give the same tax. Taxes are not on each other. The tax of the lines is the tax of the document, to the cent.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod assess;
pub mod calculate;
pub mod category;
pub mod codes;
mod decide;
mod eu;
mod federal;
pub mod nexus;
pub mod on_lines;
pub mod parties;
pub mod place;
pub mod provided;
pub mod rates;
pub mod registered;
pub mod returns;
pub mod settings;
mod states;
pub mod territory;
#[cfg(test)]
mod tests;
pub mod threshold;
pub mod treatment;
