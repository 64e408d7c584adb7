//! An invoice was issued by the built-in rules because its provider of tax did not answer, and now it has: the invoice is credited, and one with the
//! provider's figures is issued in its place, in one transaction. What was paid of the first pays the second.
//!
//! 100.00 in Austin, issued with 5.00 by the built-in rules, answered with 8.25: a credit note of 105.00, an invoice of 108.25.

use super::correct_invoice::{self, Correction};
use super::issue_credit_note;
use crate::domain::credits::notes::CreditNote;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::money::Money;
use crate::domain::payments::Refused;
use crate::domain::refusal::Invalid;
use crate::domain::tax::on_lines;
use crate::storage::Tx;
use crate::storage::tax::{self, providers};
use crate::workflows::{Error, Scope};

/// Settles it; the correction has a reason, and no lines.
///
/// # Errors
/// `nothing_to_settle`; the invoice was credited or changed since; the rules of [`note`](crate::domain::credits::note).
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: InvoiceId,
    correction: &Correction,
) -> Result<(CreditNote, Option<Invoice>), Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let locked = issue_credit_note::lock(tx, scope, id)?;
    let late = providers::answered_late(tx, scope.tenant_id, id)?;
    let (question, answer) = late.ok_or_else(|| nothing("the provider has not answered about it since"))?;
    let charged = tax::line_taxes(tx, scope.tenant_id, (id, locked.invoice.currency))?;
    let ours = Money::sum(locked.invoice.currency, charged.iter().map(|tax| tax.amount));
    if ours.map_err(Refused::from)?.minor() == answer.total() {
        return Err(nothing("the provider says what is on it").into());
    }
    correct_invoice::replace(tx, scope, (&locked, correction), |_, lines, _| {
        // Nothing is left: the note will say so.
        if lines.is_empty() {
            return Ok(None);
        }
        let taxes = on_lines::tax_as_answered(lines, (&question, &answer)).map_err(Refused::from)?;
        Ok(Some(taxes.ok_or_else(changed)?))
    })
}

fn nothing(why: &str) -> Invalid {
    Invalid::one("/tax", "nothing_to_settle", format!("no tax is to be settled on this invoice: {why}"))
}

fn changed() -> Invalid {
    let detail = "what is left of this invoice is not what the provider was asked about: credit it or correct it by hand";
    Invalid::one("/tax", "settled_by_hand", detail)
}
