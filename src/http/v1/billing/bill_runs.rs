//! `/v1/bill_runs`: bill everything due now, and see how far a run is.

use actix_web::http::StatusCode;

use crate::domain::ids::{BillRunId, CustomerId, TenantId};
use crate::domain::money::Total;
use crate::domain::work::ParkedWork;
use crate::http::lanes::Lane;
use crate::http::{Answer, Command, Get, Listing, NoFilter, PathId, Post, Problem, page};
use crate::storage::billing::views::bill_runs::{self, BillRun, Progress};
use crate::storage::{StorageError, Tx};
use crate::wire::billing::bill_runs as wire;
use crate::wire::billing::bill_runs::{NewBillRun, ReportedRun};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::ledger::reporting_currency::{self, Reporting};
use crate::workflows::{Error, Scope};

/// Parked customers shown with a run.
const SHOWN: i64 = 100;

/// Bill everything due
///
/// Plans the run, bills every customer with something due by `as_of`, and answers when it is done. Run it again and it
/// records nothing; run it twice at once and the books are those of one run.
#[utoipa::path(post, path = "/v1/bill_runs", tag = "billing", request_body = NewBillRun,
    responses((status = 201, description = "The run and what it made", body = wire::BillRun)))]
pub async fn create(post: Post<NewBillRun>) -> Result<Answer, Problem> {
    let providers = post.app.registers.providers.clone();
    post.run_long((Lane::Runs, "bill_run"), StatusCode::CREATED, move |session, command| {
        let Command { tenant_id, body, keyed } = command;
        let id = match keyed.begun().map(BillRunId::from_uuid) {
            Some(begun) => {
                bill_run::resume(session, *tenant_id, begun)?;
                begun
            }
            None => {
                let request = Request { trigger: Trigger::Api, as_of: body.as_of, finalize: body.finalize };
                let asking = Some(&providers);
                bill_run::run_keyed(session, *tenant_id, (request, keyed), asking)?.run.id
            }
        };
        session.read(|tx| read(tx, *tenant_id, id))
    })
    .await
}

fn read(tx: &mut Tx<'_>, tenant_id: TenantId, id: BillRunId) -> Result<wire::BillRun, Error> {
    let run = (bill_runs::find(tx, tenant_id, id)?, bill_runs::progress(tx, tenant_id, id)?);
    let parked = bill_runs::parked(tx, tenant_id, (id, SHOWN))?;
    let scope = Scope::load(tx, tenant_id)?;
    let runs = [run];
    let reporting = reporting(tx, &scope, &runs)?;
    let [(run, progress)] = runs;
    Ok(shown((run, progress), (&scope, &reporting), parked))
}

/// The rates into the reporting currency for these runs.
fn reporting(tx: &mut Tx<'_>, scope: &Scope, runs: &[(BillRun, Progress)]) -> Result<Reporting, Error> {
    let today = scope.zone.local_date(scope.now);
    let days = || runs.iter().map(|(run, _)| scope.zone.local_date(run.issued_at));
    let (first, last) = (days().min().unwrap_or(today), days().max().unwrap_or(today));
    reporting_currency::load(tx, scope, (None, first..=last))
}

/// A billing run
#[utoipa::path(get, path = "/v1/bill_runs/{id}", tag = "billing",
    responses((status = 200, description = "The run, its progress and its errors", body = wire::BillRun)))]
pub async fn find(get: Get, id: PathId<BillRunId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| read(tx, tenant_id, id.0)).await
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
        let scope = Scope::load(tx, tenant_id)?;
        let reporting = reporting(tx, &scope, &with_progress.rows)?;
        Ok(page(with_progress, |(run, _)| run.id.uuid(), |run| shown(run, (&scope, &reporting), Vec::new())))
    })
    .await
}

fn shown(
    (run, progress): (BillRun, Progress),
    (scope, reporting): (&Scope, &Reporting),
    parked: Vec<ParkedWork>,
) -> wire::BillRun {
    let totals: Vec<Total> = progress.totals.values().copied().collect();
    let sum = reporting.add_up(&totals, scope.zone.local_date(run.issued_at));
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
        reporting: ReportedRun::of(reporting.currency, sum.map_err(|no_rate| no_rate.to_string())),
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
