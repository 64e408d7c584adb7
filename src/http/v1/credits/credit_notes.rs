//! `/v1/credit_notes`: what is taken back of invoices, and a customer's credit balance.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::ids::{CreditNoteId, CustomerId, InvoiceId};
use crate::domain::listing::{Part, Wanted};
use crate::http::v1::customers::customers_of;
use crate::http::v1::invoicing::invoices;
use crate::http::{Answer, Asking, Get, Listed, PathId, Post, Problem, Reading};
use crate::storage::credits::views::credit_notes as views;
use crate::storage::invoicing::views as invoicing_views;
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::{StorageError, Tx};
use crate::wire::credits::corrections::{
    CorrectInvoice, Correction, CorrectionPreview, ReadCorrection, TaxOfCorrection,
};
use crate::wire::credits::credit_notes::{CreditBalance, CreditNote, CreditNoteBody, NewCreditNote};
use crate::wire::credits::note_list::CreditNotes;
use crate::wire::invoicing::invoices::ForeseenInvoice;
use crate::wire::listing::{ListPage, ListQuery};
use crate::workflows::credits::issue_credit_note::{self, Order};
use crate::workflows::credits::{correct_invoice, settle_tax};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// Credit an invoice
///
/// In whole, by lines or by amount, never above what is left of it. A line's discount and tax follow by their share, so that
/// credited in any parts it comes to exactly nothing.
///
/// Where it goes: first off what is still **due**. Of what was paid in money, to the customer's **credit balance**, which pays the next
/// invoice, or as a **refund** through the payment it came with (what came outside any gateway is given back by hand; what a
/// gateway cannot give back goes to the balance). What prepaid credits had paid goes back to them.
#[utoipa::path(post, path = "/v1/credit_notes", tag = "credit_notes", request_body = NewCreditNote,
    responses((status = 201, description = "The credit note", body = CreditNote)))]
pub async fn create(post: Post<NewCreditNote>) -> Result<Answer, Problem> {
    post.run("issue_credit_note", StatusCode::CREATED, issue).await
}

/// Preview a credit note
///
/// What the same call without `/preview` would take back, and where that would go. Nothing is done.
#[utoipa::path(post, path = "/v1/credit_notes/preview", tag = "credit_notes", request_body = NewCreditNote,
    responses((status = 200, description = "What it would take back", body = CreditNoteBody)))]
pub async fn preview(post: Post<NewCreditNote>) -> Result<Answer, Problem> {
    post.preview("preview_credit_note", |tx, scope, body| Ok(issue(tx, scope, body)?.body)).await
}

fn issue(tx: &mut Tx<'_>, scope: &Scope, body: &NewCreditNote) -> Result<CreditNote, Error> {
    let found = invoicing_views::find(tx, scope.tenant_id, body.invoice_id).or_unknown("/invoice_id")?;
    let order = Order {
        invoice_id: body.invoice_id,
        wanted: body.wanted(found.invoice.currency)?,
        to: body.to.map(Into::into).unwrap_or_default(),
        reason: body.reason.clone(),
    };
    let note = issue_credit_note::run(tx, scope, &order)?;
    whole(tx, scope, note.id)
}

fn whole(tx: &mut Tx<'_>, scope: &Scope, id: CreditNoteId) -> Result<CreditNote, Error> {
    let (note, lines, refunds) = views::find(tx, scope.tenant_id, id)?;
    Ok(CreditNote::from(note).with(lines, refunds))
}

/// Read a credit note
#[utoipa::path(get, path = "/v1/credit_notes/{id}", tag = "credit_notes",
    responses((status = 200, description = "The credit note", body = CreditNote)))]
pub async fn find(get: Get, id: PathId<CreditNoteId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let (note, lines, refunds) = views::find(tx, tenant_id, id.0)?;
        Ok(CreditNote::from(note).with(lines, refunds))
    })
    .await
}

/// List credit notes, newest first
///
/// As CSV or lines of JSON, by the header `Accept`, the whole list is sent.
#[utoipa::path(get, path = "/v1/credit_notes", tag = "credit_notes", params(ListQuery<CreditNotes>),
    responses((status = 200, description = "A page of credit notes",
        content((ListPage<CreditNote> = "application/json"), (CreditNote = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn list(get: Get, asking: Asking<CreditNotes>) -> Result<HttpResponse, Problem> {
    get.list(asking).await
}

impl Listed for CreditNotes {
    type Shown = CreditNote;

    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<CreditNote>, Error> {
        let tenant_id = reading.reader.tenant_id;
        let found = views::list(tx, reading.reader, wanted)?;
        let customers = customers_of(tx, reading, found.rows.iter().map(|note| note.customer_id))?;
        found.try_map(|note| {
            let customer = customers.get(&note.customer_id).cloned().map(Box::new);
            let shown = match reading.shows("lines") {
                true => {
                    let (note, lines, refunds) = views::find(tx, tenant_id, note.id)?;
                    CreditNote { refunds: None, ..CreditNote::from(note).with(lines, refunds) }
                }
                false => CreditNote::from(note),
            };
            Ok(CreditNote { customer, ..shown })
        })
    }

    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
        views::totals(tx, reader, wanted)
    }
}

/// A customer's credit balance
///
/// Money that no invoice needed yet, by currency: paid beyond what was due, or owed back. The next invoice issued takes from it.
#[utoipa::path(get, path = "/v1/customers/{id}/credit_balance", tag = "credit_notes",
    responses((status = 200, description = "The balance", body = CreditBalance)))]
pub async fn balance(get: Get, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(CreditBalance::of(views::balance(tx, tenant_id, id.0)?))).await
}

/// Correct an invoice
///
/// Credits all that is left of it and issues an invoice as it should have been, linked by the credit note, in one call. What was paid
/// of the first pays the second. Lines that are not named stay as they are, with their discount in their amount.
#[utoipa::path(post, path = "/v1/invoices/{id}/correct", tag = "credit_notes", request_body = CorrectInvoice,
    responses((status = 201, description = "The credit note and the new invoice", body = Correction)))]
pub async fn correct(post: Post<CorrectInvoice>, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    post.run("correct_invoice", StatusCode::CREATED, move |tx, scope, body| {
        let (credit_note, invoice) = put_right(tx, scope, (id.0, body))?;
        let invoice = invoice.map(invoices::whole);
        Ok(Correction { credit_note, invoice: invoice.transpose()? })
    })
    .await
}

/// Preview a correction
///
/// What the same call without `/preview` would credit, and the invoice it would issue. Nothing is done.
#[utoipa::path(post, path = "/v1/invoices/{id}/correct/preview", tag = "credit_notes", request_body = CorrectInvoice,
    responses((status = 200, description = "What it would credit and issue", body = CorrectionPreview)))]
pub async fn preview_correction(
    post: Post<CorrectInvoice>,
    id: PathId<InvoiceId>,
) -> Result<Answer, Problem> {
    post.preview("preview_correction", move |tx, scope, body| {
        let (note, invoice) = put_right(tx, scope, (id.0, body))?;
        let invoice = invoice.map(|found| ForeseenInvoice::of(&found.invoice, &found.lines, &found.taxes));
        Ok(CorrectionPreview { credit_note: note.body, invoice })
    })
    .await
}

/// The credit note, and the invoice in place of the one that is corrected.
fn put_right(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, body): (InvoiceId, &CorrectInvoice),
) -> Result<(CreditNote, Option<invoicing_views::WholeInvoice>), Error> {
    let old = invoicing_views::find(tx, scope.tenant_id, id)?;
    let correction = body.parse(old.invoice.currency)?;
    let correction = correction_of(correction);
    let (note, invoice) = match body.tax {
        None => correct_invoice::run(tx, scope, id, &correction)?,
        Some(TaxOfCorrection::AsAnswered) => settle_tax::run(tx, scope, id, &correction)?,
    };
    let invoice = invoice.map(|invoice| invoicing_views::find(tx, scope.tenant_id, invoice.id));
    Ok((whole(tx, scope, note.id)?, invoice.transpose()?))
}

fn correction_of(read: ReadCorrection) -> correct_invoice::Correction {
    let (reason, lines, add) = read;
    correct_invoice::Correction { reason, lines, add }
}
