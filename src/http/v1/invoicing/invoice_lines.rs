//! `/v1/invoices/{id}/lines`: what is changed of a draft before it is issued. `/v1/invoice_lines/{id}/explain`: why a line is what it is.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use super::invoices::read;
use crate::domain::ids::{InvoiceId, LineId};
use crate::http::v1::billing::explanations::shape;
use crate::http::{Answer, Delete, Get, Patch, PathId, Post, Problem};
use crate::storage::invoicing::views;
use crate::wire::billing::explain::Explained;
use crate::wire::invoicing::invoice_lines::{InvoiceLinePatch, NewInvoiceLine};
use crate::wire::invoicing::invoices::Invoice;
use crate::workflows::billing::explain_line;
use crate::workflows::invoicing::edit_draft::{self, Edit};

/// Add a line to a draft
///
/// A charge, or a credit below zero, of its own. The totals are added up again.
#[utoipa::path(post, path = "/v1/invoices/{id}/lines", tag = "invoices", request_body = NewInvoiceLine,
    responses((status = 201, description = "The draft with the line", body = Invoice)), operation_id = "add_line")]
pub async fn add(post: Post<NewInvoiceLine>, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    post.run("add_invoice_line", StatusCode::CREATED, move |tx, scope, body| {
        let currency = views::find(tx, scope.tenant_id, id.0)?.invoice.currency;
        edit_draft::run(tx, scope, id.0, Edit::Add(body.parse("", currency)?))?;
        read(tx, scope, id.0)
    })
    .await
}

/// Change a line of a draft
///
/// A line of your own as you like. Of a line that billing wrote, only what it comes to: it stays, and a line
/// `Changed: …` beside it makes the difference, so that what was billed is neither billed again nor lost.
#[utoipa::path(patch, path = "/v1/invoices/{id}/lines/{line_no}", tag = "invoices", request_body = InvoiceLinePatch,
    responses((status = 200, description = "The draft as changed", body = Invoice)), operation_id = "change_line")]
pub async fn change(
    patch: Patch<InvoiceLinePatch>,
    id: PathId<InvoiceId>,
    place: Path<(String, String)>,
) -> Result<Answer, Problem> {
    let line_no = number(&place)?;
    patch
        .run("change_invoice_line", StatusCode::OK, move |tx, scope, body| {
            let currency = views::find(tx, scope.tenant_id, id.0)?.invoice.currency;
            edit_draft::run(tx, scope, id.0, Edit::Change(line_no, body.parse(currency)?))?;
            read(tx, scope, id.0)
        })
        .await
}

/// Remove a line of a draft
///
/// A line of your own is gone. A line that billing wrote stays, and a line `Removed: …` with the opposite amount waives it;
/// remove that one to charge it again.
#[utoipa::path(delete, path = "/v1/invoices/{id}/lines/{line_no}", tag = "invoices",
    responses((status = 200, description = "The draft without the line", body = Invoice)), operation_id = "remove_line")]
pub async fn remove(
    delete: Delete,
    id: PathId<InvoiceId>,
    place: Path<(String, String)>,
) -> Result<Answer, Problem> {
    let line_no = number(&place)?;
    delete
        .run("remove_invoice_line", StatusCode::OK, move |tx, scope, _| {
            edit_draft::run(tx, scope, id.0, Edit::Remove(line_no))?;
            read(tx, scope, id.0)
        })
        .await
}

/// Explain a line
///
/// Why its amount is what it is: the price in force, the tiers, packages or cells hit, days or seconds used over the whole, every
/// rounding, what earlier lines billed, the usage behind it, discounts, tax, and the call that caused it. It is computed again now, by
/// what billed it, from what the line rests on: `recomputed` says that this gave the line's amount.
#[utoipa::path(get, path = "/v1/invoice_lines/{id}/explain", tag = "invoices",
    responses((status = 200, description = "The line explained", body = Explained)), operation_id = "explain_line")]
pub async fn explain(get: Get, id: PathId<LineId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| shape(explain_line::run(tx, tenant_id, id.0)?)).await
}

fn number(place: &Path<(String, String)>) -> Result<i32, Problem> {
    let none = || Problem::not_found(format_args!("there is no line {} of this invoice", place.1));
    place.1.parse().map_err(|_| none())
}
