//! What is a provider to hear of an issued document, and what comes next? It is to have what was issued, each document once, and to have it no
//! longer when it is void.
//!
//! | wanted | recorded | next |
//! |---|---|---|
//! | committed | nothing | commit; after a call without an answer, look first |
//! | voided | nothing, no call begun | nothing: it never heard of it |
//! | voided | committed | void; where it is locked, a document that takes it back |

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::answer::AnsweredTax;
use super::question::{AskedExemption, AskedPlace, AskedTaxId};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString, Serialize, Deserialize)]
#[strum(serialize_all = "snake_case", const_into_str)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Invoice,
    /// It takes back a part of an invoice.
    CreditNote,
}

/// What the provider is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Wanted {
    Committed,
    Voided,
}

/// What it has, as far as is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Recorded {
    Nothing,
    Committed,
    Voided,
    /// It was locked, and another document takes it back.
    Returned,
}

/// What is to be done about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing is missing.
    Rest,
    Commit,
    /// A call may have reached it: ask by its id, then decide.
    LookUp,
    Void,
    /// It never heard of it, and need not.
    Forget,
}

/// The step from what is recorded to what is wanted. `is_begun`: a call went out whose outcome is not known.
#[must_use]
pub fn step(wanted: Wanted, recorded: Recorded, is_begun: bool) -> Step {
    match (wanted, recorded) {
        (Wanted::Committed, Recorded::Nothing) if is_begun => Step::LookUp,
        (Wanted::Committed, Recorded::Nothing) => Step::Commit,
        (Wanted::Voided, Recorded::Nothing) if is_begun => Step::LookUp,
        (Wanted::Voided, Recorded::Nothing) => Step::Forget,
        (Wanted::Voided, Recorded::Committed) if is_begun => Step::LookUp,
        (Wanted::Voided, Recorded::Committed) => Step::Void,
        _ => Step::Rest,
    }
}

/// After how long it is tried again that failed so many times: 10 seconds, doubled up to an hour.
#[must_use]
pub fn delay(attempts: i32) -> TimeDelta {
    let doubled = 10_i64 << attempts.clamp(1, 10).saturating_sub(1);
    TimeDelta::seconds(doubled.min(3_600))
}

/// A line of a document: what it comes to, and the taxes it was issued with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    pub no: usize,
    /// Without tax, in minor units.
    pub net: i64,
    pub tax_code: String,
    /// Whether its price contained the tax.
    pub inclusive: bool,
    /// Whether it takes back what was taxed before: the provider does not compute it anew.
    pub takes_back: bool,
    pub taxes: Vec<AnsweredTax>,
}

impl DocumentLine {
    /// Its tax.
    #[must_use]
    pub fn tax(&self) -> i64 {
        self.taxes.iter().fold(0, |sum, tax| sum.saturating_add(tax.amount))
    }
}

/// A document as a provider hears of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Ours: `inv_…` or `cn_…`.
    pub id: String,
    pub kind: DocumentKind,
    /// Of a credit note: the invoice that it takes back of.
    pub original_id: Option<String>,
    pub customer_id: String,
    pub currency: String,
    /// When it was issued.
    pub date: NaiveDate,
    /// By the law of which day it is taxed: of a credit note, that of its invoice.
    pub tax_date: NaiveDate,
    pub from: AskedPlace,
    pub to: AskedPlace,
    pub tax_ids: Vec<AskedTaxId>,
    /// Certificates that held on the day by whose law it is taxed.
    pub exemptions: Vec<AskedExemption>,
    pub lines: Vec<DocumentLine>,
}

impl Document {
    /// All its tax: below zero on a credit note.
    #[must_use]
    pub fn tax(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.tax()))
    }

    /// The document that takes this one back whole, where it cannot be voided any more.
    #[must_use]
    pub fn returned(&self, date: NaiveDate) -> Document {
        let mut back = Document {
            id: return_id(&self.id),
            kind: DocumentKind::CreditNote,
            original_id: Some(self.id.clone()),
            date,
            ..self.clone()
        };
        for line in &mut back.lines {
            line.net = line.net.saturating_neg();
            line.takes_back = true;
            for tax in &mut line.taxes {
                tax.amount = tax.amount.saturating_neg();
                tax.taxable = tax.taxable.saturating_neg();
            }
        }
        back
    }
}

/// The id of the document that takes back one that is locked.
#[must_use]
pub fn return_id(id: &str) -> String {
    format!("{id}-return")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_without_an_answer_is_looked_up_before_anything_else() {
        assert_eq!(step(Wanted::Committed, Recorded::Nothing, false), Step::Commit);
        assert_eq!(step(Wanted::Committed, Recorded::Nothing, true), Step::LookUp);
        assert_eq!(step(Wanted::Voided, Recorded::Nothing, false), Step::Forget);
        assert_eq!(step(Wanted::Voided, Recorded::Committed, false), Step::Void);
        assert_eq!(step(Wanted::Voided, Recorded::Committed, true), Step::LookUp);
        for recorded in [Recorded::Voided, Recorded::Returned] {
            assert_eq!(step(Wanted::Voided, recorded, true), Step::Rest);
        }
    }

    #[test]
    fn what_failed_is_tried_again_ever_later_up_to_an_hour() {
        let seconds: Vec<i64> = (1..=11).map(|n| delay(n).num_seconds()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    }
}
