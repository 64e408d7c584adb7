//! `/v1/bill_runs`: bill everything due now, and see how far a run is.

use actix_web::http::StatusCode;

use crate::domain::ids::{BillRunId, CustomerId, TenantId};
use crate::domain::work::ParkedWork;
use crate::http::lanes::Lane;
use crate::http::{Answer, Command, Get, Listing, NoFilter, PathId, Post, Problem, page};
use crate::storage::billing::views::bill_runs::{self, BillRun, Progress};
use crate::storage::{StorageError, Tx};
use crate::wire::billing::bill_runs as wire;
use crate::wire::billing::bill_runs::NewBillRun;
use crate::wire::page::{Page, PageQuery};
use crate::workflows::billing::bill_run::{self, Request, Trigger};

/// Parked customers shown with a run.
const SHOWN: i64 = 100;

/// Bill everything due
///
/// Plans the run, bills every customer with something due by `as_of`, and answers when it is done. Run it again and it
/// records nothing; run it twice at once and the books are those of one run.
#[utoipa::path(post, path = "/v1/bill_runs", tag = "billing", request_body = NewBillRun,
    responses((status = 201, description = "The run and what it made", body = wire::BillRun)))]
pub async fn create(post: Post<NewBillRun>) -> Result<Answer, Problem> {
    post.run_long((Lane::Runs, "bill_run"), StatusCode::CREATED, |session, command| {
        let Command { tenant_id, body, keyed } = command;
        let id = match keyed.begun().map(BillRunId::from_uuid) {
            Some(begun) => {
                bill_run::resume(session, *tenant_id, begun)?;
                begun
            }
            None => {
                let request = Request { trigger: Trigger::Api, as_of: body.as_of, finalize: body.finalize };
                bill_run::run_keyed(session, *tenant_id, (request, keyed))?.run.id
            }
        };
        Ok(session.read(|tx| read(tx, *tenant_id, id))?)
    })
    .await
}

fn read(tx: &mut Tx<'_>, tenant_id: TenantId, id: BillRunId) -> Result<wire::BillRun, StorageError> {
    let run = bill_runs::find(tx, tenant_id, id)?;
    let progress = bill_runs::progress(tx, tenant_id, id)?;
    let parked = bill_runs::parked(tx, tenant_id, (id, SHOWN))?;
    Ok(shown(run, progress, parked))
}

/// A billing run
#[utoipa::path(get, path = "/v1/bill_runs/{id}", tag = "billing",
    responses((status = 200, description = "The run, its progress and its errors", body = wire::BillRun)))]
pub async fn find(get: Get, id: PathId<BillRunId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(read(tx, tenant_id, id.0)?)).await
}

/// Billing runs, newest first
#[utoipa::path(get, path = "/v1/bill_runs", tag = "billing", params(PageQuery),
    responses((status = 200, description = "A page of runs", body = Page<wire::BillRun>)))]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = bill_runs::list(tx, tenant_id, &listing.keyset)?;
        let with_progress = slice.try_map(|run| -> Result<_, StorageError> {
            let progress = bill_runs::progress(tx, tenant_id, run.id)?;
            Ok((run, progress))
        })?;
        Ok(page(with_progress, |(run, _)| run.id.uuid(), |(run, progress)| shown(run, progress, Vec::new())))
    })
    .await
}

fn shown(run: BillRun, progress: Progress, parked: Vec<ParkedWork>) -> wire::BillRun {
    wire::BillRun {
        id: run.id,
        as_of: run.as_of,
        issued_at: run.issued_at,
        trigger: run.trigger.into_str(),
        finalize: run.finalize,
        finalizes_at: run.finalizes_at,
        status: run.status.into_str(),
        progress: wire::Progress {
            chunks: progress.chunks,
            chunks_done: progress.chunks_done,
            customers: progress.customers,
            invoices: progress.invoices,
            lines: progress.lines,
            parked: progress.parked,
        },
        totals: progress
            .totals
            .into_iter()
            .map(|(c, total)| (c.code().to_owned(), total.to_major_string()))
            .collect(),
        errors: parked
            .into_iter()
            .map(|p| wire::ParkedCustomer {
                customer_id: CustomerId::from_uuid(p.item_id),
                code: p.trouble.code,
                reason: p.trouble.reason,
                attempts: p.attempts,
                parked_at: p.parked_at,
                retry_at: p.retry_at,
            })
            .collect(),
        created_at: run.created_at,
        finished_at: run.finished_at,
    }
}
