//! How is an invoice corrected? `{"reason": "3 seats, not 5", "lines": [{"line_no": 1, "amount": "93.00"}]}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credit_notes::{CreditNote, CreditNoteBody};
use crate::domain::fields::{Faults, TEXT_LENGTH};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;
use crate::wire::invoicing::invoices::{ForeseenInvoice, Invoice};

/// How an invoice should have been: lines to change, and lines to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "3 seats, not 5", "lines": [{"line_no": 1, "amount": "93.00", "description": "Team, 3 seats"}]}))]
pub struct CorrectInvoice {
    /// Printed on the credit note: 1 to 1000 characters.
    pub reason: String,
    /// Lines that change; all others stay.
    #[serde(default)]
    pub lines: Vec<ChangedLine>,
    /// Lines that were missing.
    #[serde(default)]
    pub add: Vec<AddedLine>,
    /// `as_answered`: all lines stay, with the tax that their provider answered after the built-in rules had stood in for it. Left out, the tax
    /// is that of the original day and place.
    #[serde(default)]
    pub tax: Option<TaxOfCorrection>,
}

/// With which tax an invoice is issued anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxOfCorrection {
    /// The late answer of the provider.
    AsAnswered,
}

/// A line as it should have been.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedLine {
    #[schema(example = 1)]
    pub line_no: i32,
    /// What it comes to, after any discount; `0.00` leaves it out.
    #[schema(example = "93.00")]
    pub amount: String,
    pub description: Option<String>,
}

/// A line that was missing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedLine {
    /// 1 to 1000 characters.
    pub description: String,
    #[schema(example = "20.00")]
    pub amount: String,
}

/// A correction: what was taken back, and what was issued in its place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Correction {
    pub credit_note: CreditNote,
    /// Null when nothing is owed instead.
    pub invoice: Option<Invoice>,
}

/// What a correction would take back and issue. Nothing is done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorrectionPreview {
    pub credit_note: CreditNoteBody,
    /// Null when nothing would be owed instead.
    pub invoice: Option<ForeseenInvoice>,
}

/// A correction as read: its reason, the lines that change, and those to add.
pub type ReadCorrection = (String, Vec<(i32, Money, Option<String>)>, Vec<(String, Money)>);

impl CorrectInvoice {
    /// How the invoice should have been, in its currency.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self, currency: Currency) -> Result<ReadCorrection, Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/reason", &self.reason, TEXT_LENGTH);
        let (mut lines, mut add) = (Vec::new(), Vec::new());
        for (n, line) in self.lines.iter().enumerate() {
            let at = |field: &str| format!("/lines/{n}/{field}");
            faults.check_optional(&at("description"), line.description.as_deref(), TEXT_LENGTH);
            let amount = Money::parse_major(&line.amount, currency);
            let amount = faults.keep(&at("amount"), "bad_amount", amount);
            lines.extend(amount.map(|amount| (line.line_no, amount, line.description.clone())));
        }
        for (n, line) in self.add.iter().enumerate() {
            let at = |field: &str| format!("/add/{n}/{field}");
            faults.check_text(&at("description"), &line.description, TEXT_LENGTH);
            let amount = Money::parse_major(&line.amount, currency);
            let amount = faults.keep(&at("amount"), "bad_amount", amount);
            add.extend(amount.map(|amount| (line.description.clone(), amount)));
        }
        if self.tax.is_some() && !(self.lines.is_empty() && self.add.is_empty()) {
            faults.add(
                "/tax",
                "tax_alone",
                "lines stay as they are when the tax is put right: correct them by a call of their own",
            );
        }
        faults.into_result()?;
        Ok((self.reason.clone(), lines, add))
    }
}
