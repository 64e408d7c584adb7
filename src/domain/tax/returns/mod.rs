//! What is declared to the authorities? Figures: sums of taxes of lines under one heading, in a period; and each has its lines.
//!
//! June: 100.00 at 20 % in France on an invoice, 10.00 of it taken back by a credit note: taxable 90.00, tax 18.00, of 2 lines.

mod euros;
mod recapitulative;
mod states;
mod sums;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr};

pub use euros::{EuroSums, InEuros, euro_sums, in_euros, rate_day};
pub use recapitulative::{BusinessSales, SoldTo, Supplied, recapitulative};
pub use states::{StateSales, by_state};
pub use sums::{CurrencySums, sums};

use super::category::{Category, Reason};
use crate::domain::ids::{CreditNoteId, InvoiceId};
use crate::domain::money::{Currency, Money, Total};

/// What taxes are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub currency: Currency,
    /// ISO 3166-1 or 3166-2.
    pub jurisdiction: String,
    /// As the tax is called there.
    pub name: String,
    pub category: Category,
    /// In percent, of the taxed portion.
    pub rate: Decimal,
    /// The percentage of the price that is taxed.
    pub portion: Decimal,
    pub reason: Reason,
    /// Where returns ask for it: under which number the buyer accounts for the tax.
    pub buyer_number: Option<String>,
    /// Where returns ask for it: the earlier quarter whose sales are taken back, `2026-Q1`.
    pub corrects: Option<String>,
}

/// A sum of taxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub heading: Heading,
    /// What the tax is computed of, whether all of it is taxed or a portion.
    pub taxable: Total,
    pub tax: Total,
    /// How many taxes of lines it is the sum of.
    pub lines: i64,
}

/// Why a tax counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Cause {
    /// An invoice was issued.
    InvoiceIssued,
    /// It was voided: what it counted is taken back.
    InvoiceVoided,
    /// A credit note took it back.
    CreditNoteIssued,
}

/// A tax of a line as it counts: below zero where it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub cause: Cause,
    /// When it counts.
    pub at: DateTime<Utc>,
    /// Whose line it is.
    pub invoice_id: InvoiceId,
    /// What took it back.
    pub credit_note_id: Option<CreditNoteId>,
    pub line_no: i32,
    /// From 1: its place among the taxes of the line.
    pub tax_no: i16,
    pub heading: Heading,
    pub one_stop_shop: bool,
    pub taxable: Money,
    pub tax: Money,
}

/// How a sale counts, whichever tax it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// At a rate, which may be zero.
    Taxed,
    /// The buyer accounts for the tax.
    LeftToBuyer,
    /// No tax is due, or none by this seller.
    Untaxed,
}

impl Class {
    fn of(category: Category) -> Class {
        match category {
            Category::S | Category::Z | Category::L | Category::M => Class::Taxed,
            Category::AE | Category::K => Class::LeftToBuyer,
            Category::E | Category::G | Category::O => Class::Untaxed,
        }
    }
}
