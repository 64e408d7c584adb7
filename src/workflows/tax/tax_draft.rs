//! How is a draft taxed now? As the law, the buyer and the lines are today; issued, it never changes again.

use std::collections::BTreeSet;

use super::tax_book::{Invoiced, TaxBook};
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Totals;
use crate::domain::invoicing::drafts::{Refused, Whole};
use crate::domain::tax::on_lines::{self, TaxedCharges};
use crate::storage::tax::providers;
use crate::storage::{Tx, tax};
use crate::workflows::{Error, Holding};

/// Taxes locked drafts anew, adds them up, and writes their taxes. Their totals are left to be written with them. Gives those whose tax is not
/// known before a provider answers: they have what the built-in rules say until then.
///
/// # Errors
/// No rate is known; sums that do not fit.
pub fn run(tx: &mut Tx<'_>, scope: &Holding<'_>, drafts: &mut [Whole]) -> Result<BTreeSet<InvoiceId>, Error> {
    if !tax::has_taxed(tx, scope.tenant_id)? {
        return Ok(BTreeSet::new());
    }
    // What they took back as they stood before counts no longer.
    let ids: Vec<InvoiceId> = drafts.iter().map(|draft| draft.invoice.id).collect();
    tax::delete_line_taxes(tx, &scope.held, &ids)?;
    let parties = drafts.iter().map(|draft| (draft.invoice.customer_id, draft.invoice.entity_id));
    let lines = drafts.iter().flat_map(|draft| &draft.lines);
    let drafted = drafts.iter().map(|draft| draft.invoice.created_at).min();
    let book = TaxBook::load(tx, scope, || Invoiced { drafted, ..Invoiced::of(parties, lines) })?;
    let mut known = TaxedCharges::default();
    let mut questions = Vec::new();
    for draft in drafts {
        let invoice = &mut draft.invoice;
        let taxes = match book.between(invoice.customer_id, invoice.entity_id) {
            Some(taxing) => taxing.tax(invoice.currency, &mut draft.lines, &mut known)?,
            None => on_lines::untaxed(&mut draft.lines),
        };
        questions.extend(known.question.take().map(|question| (invoice.id, question)));
        invoice.totals = Totals::of(invoice.currency, &draft.lines).map_err(Refused::from)?;
        tax::tax_draft(tx, &scope.held, (invoice.id, &draft.lines), &taxes)?;
    }
    let noted: Vec<_> = questions.iter().map(|(id, question)| (Some(*id), question)).collect();
    providers::note_questions(tx, (scope.tenant_id, scope.now), &noted)?;
    Ok(questions.into_iter().map(|(id, _)| id).collect())
}
