//! `/v1/invoices`: make and read them, issue drafts, have them paid, cancel them, give them up.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::ids::InvoiceId;
use crate::domain::listing::{Part, Wanted};
use crate::http::lanes::Lane;
use crate::http::v1::customers::customers_of;
use crate::http::{Answer, Asking, Command, Delete, Get, Listed, NoBody, PathId, Post, Problem, Reading};
use crate::storage::invoicing::views::{self, WholeInvoice};
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::{StorageError, Tx};
use crate::wire::invoicing::invoice_lines::NewInvoice;
use crate::wire::invoicing::invoice_list::Invoices;
use crate::wire::invoicing::invoices::{Invoice, PayInvoice, RetryWish};
use crate::wire::listing::{ListPage, ListQuery};
use crate::workflows::invoicing::create_invoice::{self, Order};
use crate::workflows::invoicing::{delete_invoice, finalize_invoice, mark_uncollectible, void_invoice};
use crate::workflows::payments::pay_invoice::{self, How};
use crate::workflows::{Error, Scope};

/// Invoices, newest first
///
/// Without their parties, and without their lines unless these are expanded; read one for all. As CSV or lines of JSON, by the header `Accept`, the
/// whole list is sent.
#[utoipa::path(get, path = "/v1/invoices", tag = "invoices", params(ListQuery<Invoices>),
    responses((status = 200, description = "A page of invoices",
        content((ListPage<Invoice> = "application/json"), (Invoice = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn list(get: Get, asking: Asking<Invoices>) -> Result<HttpResponse, Problem> {
    get.list(asking).await
}

impl Listed for Invoices {
    type Shown = Invoice;

    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<Invoice>, Error> {
        let tenant_id = reading.reader.tenant_id;
        let found = views::list(tx, reading.reader, wanted)?;
        let customers = customers_of(tx, reading, found.rows.iter().map(|(invoice, _)| invoice.customer_id))?;
        found.try_map(|(invoice, credited)| {
            let mut shown = match reading.shows("lines") {
                true => {
                    Invoice { buyer: None, seller: None, ..whole(views::find(tx, tenant_id, invoice.id)?)? }
                }
                false => Invoice::of(&invoice)?.credited(credited),
            };
            shown.customer = customers.get(&invoice.customer_id).cloned().map(Box::new);
            Ok(shown)
        })
    }

    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
        views::totals(tx, reader, wanted)
    }
}

/// Make an invoice by hand
///
/// A draft of the lines you give, for what no subscription charges. It is issued when you finalize it.
#[utoipa::path(post, path = "/v1/invoices", tag = "invoices", request_body = NewInvoice,
    responses((status = 201, description = "The draft", body = Invoice)))]
pub async fn create(post: Post<NewInvoice>) -> Result<Answer, Problem> {
    post.run("create_invoice", StatusCode::CREATED, move |tx, scope, body| {
        let order = Order {
            customer_id: body.customer_id,
            collection: body.collection.into(),
            currency: body.currency()?,
        };
        let id = create_invoice::run(tx, scope, order, |currency| body.lines(currency))?;
        read(tx, scope, id)
    })
    .await
}

/// Delete a draft made by hand
///
/// A draft with lines that billing wrote cannot be deleted: what was found due would be lost. Remove its lines, which waives
/// them, or finalize and void it.
#[utoipa::path(delete, path = "/v1/invoices/{id}", tag = "invoices",
    responses((status = 200, description = "The draft as it was", body = Invoice)))]
pub async fn remove(delete: Delete, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    delete
        .run("delete_invoice", StatusCode::OK, move |tx, scope, _| {
            Ok(Invoice::of(&delete_invoice::run(tx, scope, id.0)?)?)
        })
        .await
}

/// An invoice, whole
#[utoipa::path(get, path = "/v1/invoices/{id}", tag = "invoices",
    responses((status = 200, description = "The invoice with its lines", body = Invoice)))]
pub async fn find(get: Get, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| whole(views::find(tx, tenant_id, id.0)?)).await
}

/// Issue a draft
///
/// Gives it its number, its dates and its parties as they are now, and posts it to the ledger. From then on it never changes.
#[utoipa::path(post, path = "/v1/invoices/{id}/finalize", tag = "invoices",
    responses((status = 200, description = "The invoice, issued", body = Invoice)))]
pub async fn finalize(post: Post<NoBody>, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    post.run("finalize_invoice", StatusCode::OK, move |tx, scope, _| {
        finalize_invoice::run(tx, scope, id.0)?;
        read(tx, scope, id.0)
    })
    .await
}

/// Cancel an invoice
///
/// As if it had never been owed: its postings are reversed, its number stays used. Nothing of it may be paid.
#[utoipa::path(post, path = "/v1/invoices/{id}/void", tag = "invoices",
    responses((status = 200, description = "The invoice, void", body = Invoice)))]
pub async fn void(post: Post<NoBody>, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    post.run("void_invoice", StatusCode::OK, move |tx, scope, _| {
        void_invoice::run(tx, scope, id.0)?;
        read(tx, scope, id.0)
    })
    .await
}

/// Give an invoice up
///
/// What is due becomes a write-off. It can still be paid.
#[utoipa::path(post, path = "/v1/invoices/{id}/mark_uncollectible", tag = "invoices",
    responses((status = 200, description = "The invoice, uncollectible", body = Invoice)))]
pub async fn mark_as_uncollectible(post: Post<NoBody>, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    post.run("mark_uncollectible", StatusCode::OK, move |tx, scope, _| {
        mark_uncollectible::run(tx, scope, id.0)?;
        read(tx, scope, id.0)
    })
    .await
}

/// Pay an invoice now
///
/// Charges the customer's default payment method, or the one named, or records money received elsewhere. A declined charge
/// is answered 402 with the gateway's `decline_code`; a charge whose outcome is not known yet leaves the invoice open with a
/// payment that is `processing`.
#[utoipa::path(post, path = "/v1/invoices/{id}/pay", tag = "invoices", request_body = PayInvoice,
    responses((status = 200, description = "The invoice: paid, or open while the payment is processing", body = Invoice)))]
pub async fn pay(post: Post<PayInvoice>, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    let gateways = post.app.gateways.clone();
    post.run_long((Lane::Payments, "pay_invoice"), StatusCode::OK, move |session, command| {
        let Command { tenant_id, body, keyed } = command;
        body.check()?;
        let how = match &body.offline {
            Some(offline) => How::Offline { reference: offline.reference.clone(), in_cash: offline.cash },
            None => {
                How::Charge { method: body.payment_method_id, retried: body.retry != Some(RetryWish::None) }
            }
        };
        pay_invoice::run(session, &gateways, (*tenant_id, id.0), (&how, keyed))?;
        session.read(|tx| whole(views::find(tx, *tenant_id, id.0)?))
    })
    .await
}

pub(in crate::http::v1) fn read(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Invoice, Error> {
    whole(views::find(tx, scope.tenant_id, id)?)
}

pub(in crate::http::v1) fn whole(found: WholeInvoice) -> Result<Invoice, Error> {
    let shown = Invoice::of(&found.invoice)?.with((&found.lines, &found.taxes), found.buyer, found.seller);
    let shown = shown.of_origins(&found.origins).credited(found.credited);
    Ok(shown.discounted(&found.shares, found.invoice.currency))
}
