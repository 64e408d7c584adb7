//! What does a provider hear of an issued document? What was issued, from what is stored of it: so it can be put together again at any time, with the
//! day, the place and the figures that it has.

use std::collections::BTreeSet;

use crate::domain::billing::Line;
use crate::domain::catalog::TaxTerms;
use crate::domain::customers::Buyer;
use crate::domain::ids::{CreditNoteId, InvoiceId};
use crate::domain::invoicing::Invoice;
use crate::domain::payments::Refused;
use crate::domain::tax::on_lines::LineTax;
use crate::domain::tax::provided::AnsweredTax;
use crate::domain::tax::provided::documents::{Document, DocumentKind, DocumentLine};
use crate::domain::tax::provided::question::{AskedExemption, AskedPlace, AskedTaxId};
use crate::storage::tax::providers::{self as storage, KeptDocument};
use crate::storage::{Tx, invoicing, tax};
use crate::workflows::{Error, Scope};

/// A document as its provider is to have it.
///
/// # Errors
/// Storage; sums that do not fit.
pub(super) fn put_together(tx: &mut Tx<'_>, scope: &Scope, kept: &KeptDocument) -> Result<Document, Error> {
    let invoice = invoicing::find(tx, scope.tenant_id, kept.invoice_id)?;
    let lines = match kept.kind {
        DocumentKind::Invoice => invoice_lines(tx, scope, (&invoice, kept))?,
        DocumentKind::CreditNote => note_lines(tx, scope, (&invoice, kept))?,
    };
    // What takes another's place is taxed by the day and the place of that one.
    let taxed_as = match storage::taxed_as(tx, (scope.tenant_id, invoice.id))? {
        id if id == invoice.id => invoice.clone(),
        id => invoicing::find(tx, scope.tenant_id, id)?,
    };
    let version = taxed_as.buyer_version.unwrap_or_default();
    let buyer = storage::buyer(tx, (scope.tenant_id, invoice.customer_id), version)?;
    let regime = tax::views::regime(tx, (scope.tenant_id, invoice.entity_id))?;
    let day = |invoice: &Invoice| scope.zone.local_date(invoice.issued_at.unwrap_or(invoice.created_at));
    let tax_date = day(&taxed_as);
    let (id, original_id, date) = match kept.kind {
        DocumentKind::Invoice => (invoice.id.to_string(), None, day(&invoice)),
        DocumentKind::CreditNote => {
            let id = CreditNoteId::from_uuid(kept.id.uuid());
            (id.to_string(), Some(invoice.id.to_string()), scope.zone.local_date(kept.created_at))
        }
    };
    let to =
        buyer.as_ref().and_then(|buyer| buyer.address.as_ref()).map(AskedPlace::from).unwrap_or_default();
    let exemptions = |buyer: &Buyer| AskedExemption::all_of(buyer, (tax_date, &to));
    let exemptions = buyer.as_ref().map(exemptions).unwrap_or_default();
    Ok(Document {
        id,
        kind: kept.kind,
        original_id,
        customer_id: invoice.customer_id.to_string(),
        currency: invoice.currency.code().to_owned(),
        date,
        tax_date,
        from: regime.settings.place.as_ref().map(AskedPlace::from).unwrap_or_default(),
        to,
        tax_ids: buyer.as_ref().map(AskedTaxId::all_of).unwrap_or_default(),
        exemptions,
        lines,
    })
}

/// The id by which a provider knows the invoice of a document.
pub(super) fn invoice_text(id: InvoiceId) -> String {
    id.to_string()
}

/// The lines that a provider taxed, with their taxes.
fn invoice_lines(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (invoice, kept): (&Invoice, &KeptDocument),
) -> Result<Vec<DocumentLine>, Error> {
    let taxes = tax::line_taxes(tx, scope.tenant_id, (invoice.id, invoice.currency))?;
    let theirs: Vec<&LineTax> =
        taxes.iter().filter(|tax| tax.levy.provider_id == Some(kept.provider_id)).collect();
    let numbers: BTreeSet<i32> = theirs.iter().map(|tax| tax.line_no).collect();
    let mut lines = Vec::new();
    for line in terms_of_lines(tx, scope, invoice)?.iter().filter(|(line, _)| numbers.contains(&line.line_no))
    {
        let (line, terms) = line;
        let of_line = theirs.iter().filter(|tax| tax.line_no == line.line_no);
        let net = line.earned().map_err(Refused::from)?;
        lines.push(DocumentLine {
            no: number(line.line_no),
            net: net.minor(),
            tax_code: terms.code.into_str().to_owned(),
            inclusive: !line.tax_included.is_zero(),
            takes_back: net.is_negative(),
            taxes: of_line.map(|tax| part(tax, (tax.taxable.minor(), tax.amount.minor()))).collect(),
        });
    }
    Ok(lines)
}

/// What a credit note took back of them: below zero.
fn note_lines(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (invoice, kept): (&Invoice, &KeptDocument),
) -> Result<Vec<DocumentLine>, Error> {
    let note = CreditNoteId::from_uuid(kept.id.uuid());
    let back = storage::note_taxes(tx, (scope.tenant_id, note), invoice.currency)?;
    let taxes = tax::line_taxes(tx, scope.tenant_id, (invoice.id, invoice.currency))?;
    let mut lines: Vec<DocumentLine> = Vec::new();
    for (line, terms) in terms_of_lines(tx, scope, invoice)? {
        let of_line: Vec<&LineTax> = taxes.iter().filter(|tax| tax.line_no == line.line_no).collect();
        let mut parts = Vec::new();
        let mut net = 0_i64;
        for note in back.iter().filter(|note| note.line_no == line.line_no) {
            let place = usize::try_from(note.tax_no).unwrap_or_default().saturating_sub(1);
            let Some(tax) = of_line.get(place).filter(|tax| tax.levy.provider_id.is_some()) else { continue };
            let taxable = note.taxable.minor().saturating_neg();
            net = if parts.is_empty() { taxable } else { net };
            parts.push(part(tax, (taxable, note.amount.minor().saturating_neg())));
        }
        if !parts.is_empty() {
            lines.push(DocumentLine {
                no: number(line.line_no),
                net,
                tax_code: terms.code.into_str().to_owned(),
                inclusive: !line.tax_included.is_zero(),
                takes_back: true,
                taxes: parts,
            });
        }
    }
    Ok(lines)
}

/// The lines of an invoice, each with how it is taxed.
fn terms_of_lines(tx: &mut Tx<'_>, scope: &Scope, invoice: &Invoice) -> Result<Vec<(Line, TaxTerms)>, Error> {
    let lines = invoicing::lines(tx, scope.tenant_id, invoice.id)?;
    let versions: Vec<_> = lines.iter().filter_map(|line| line.item_version_id).collect();
    let terms = tax::tax_terms(tx, scope.tenant_id, &versions)?;
    let terms_of = |line: &Line| match line.item_version_id {
        Some(version) => terms.get(&version).copied().unwrap_or_default(),
        None => line.tax_terms,
    };
    Ok(lines.into_iter().map(|line| (line.clone(), terms_of(&line))).collect())
}

fn number(line_no: i32) -> usize {
    usize::try_from(line_no).unwrap_or_default()
}

/// A tax as it was issued, of so much and so large.
fn part(tax: &LineTax, (taxable, amount): (i64, i64)) -> AnsweredTax {
    let levy = &tax.levy;
    let (country, state) = match levy.jurisdiction.split_once('-') {
        Some((country, state)) => (country.to_owned(), Some(state.to_owned())),
        None => (levy.jurisdiction.clone(), None),
    };
    AnsweredTax {
        country,
        state,
        name: levy.name.to_string(),
        rate: levy.rate,
        taxable,
        amount,
        reason: None,
    }
}
