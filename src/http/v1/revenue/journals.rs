//! `/v1/exports/…` and `/v1/account_mappings`: how the books reach a general ledger.

use actix_web::http::StatusCode;

use crate::domain::ids::JournalExportId;
use crate::domain::refusal::Invalid;
use crate::http::lanes::Lane;
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, Query, page};
use crate::storage::revenue::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::revenue::journals::fec::{self, FecFile, FecQuery, Forward};
use crate::wire::revenue::journals::files::JournalFile;
use crate::wire::revenue::journals::{
    AccountMappings, AccountMappingsQuery, JournalExport, JournalExportsFilter, JournalFileQuery,
    NewAccountMappings, NewJournalExport, ReverseJournalExport,
};
use crate::workflows::revenue::{export_journal, map_accounts, read_journal};

/// Say what accounts are called in your general ledger
///
/// For one legal entity, or for all that have no other name for an account. What was exported keeps the names it had.
#[utoipa::path(post, path = "/v1/account_mappings", tag = "revenue", request_body = NewAccountMappings,
    responses((status = 200, description = "What is said there now", body = AccountMappings)), operation_id = "map_accounts")]
pub async fn map(post: Post<NewAccountMappings>) -> Result<Answer, Problem> {
    post.run("map_accounts", StatusCode::OK, |tx, scope, body| {
        let codes = map_accounts::run(tx, scope, (body.entity_id, &body.codes()?))?;
        Ok(AccountMappings::of(body.entity_id, codes))
    })
    .await
}

/// Read what accounts are called in your general ledger
#[utoipa::path(get, path = "/v1/account_mappings", tag = "revenue", params(AccountMappingsQuery),
    responses((status = 200, description = "What is said of one entity, or of all", body = AccountMappings)), operation_id = "account_mappings")]
pub async fn mappings(get: Get, Query(query): Query<AccountMappingsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let codes = views::list_account_codes(tx, tenant_id, query.entity_id)?;
        Ok(AccountMappings::of(query.entity_id, codes))
    })
    .await
}

/// Export what is posted in a period
///
/// All of it that is in no export that stands: nothing reaches your general ledger twice. Exported again, only what came since. Download it as often as
/// you like, always the same bytes.
#[utoipa::path(post, path = "/v1/exports/journals", tag = "revenue", request_body = NewJournalExport,
    responses((status = 201, description = "The export", body = JournalExport)), operation_id = "export_journal")]
pub async fn create(post: Post<NewJournalExport>) -> Result<Answer, Problem> {
    post.run_apart((Lane::Runs, "export_journal"), StatusCode::CREATED, |tx, scope, body| {
        let request = (body.accounting_period_id, body.level.into());
        Ok(JournalExport::from(export_journal::run(tx, scope, request)?))
    })
    .await
}

/// List exports, newest first
#[utoipa::path(get, path = "/v1/exports/journals", tag = "revenue", params(PageQuery, JournalExportsFilter),
    responses((status = 200, description = "A page of exports", body = Page<JournalExport>)), operation_id = "journal_exports")]
pub async fn list(get: Get, listing: Listing<JournalExportsFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let period = listing.filter.accounting_period_id;
        Ok(page(
            views::list_exports(tx, (tenant_id, period), &listing.keyset)?,
            |one| one.id.uuid(),
            JournalExport::from,
        ))
    })
    .await
}

/// Read an export
#[utoipa::path(get, path = "/v1/exports/journals/{id}", tag = "revenue",
    params(("id" = String, Path, description = "The id, `jx_…`")),
    responses((status = 200, description = "The export", body = JournalExport)), operation_id = "journal_export")]
pub async fn find(get: Get, id: PathId<JournalExportId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(JournalExport::from(views::find_export(tx, tenant_id, id.0)?))).await
}

/// Download an export
///
/// In the columns that your general ledger imports. Of a reversing export, sides exchanged.
#[utoipa::path(get, path = "/v1/exports/journals/{id}/file", tag = "revenue",
    params(("id" = String, Path, description = "The id, `jx_…`"), JournalFileQuery),
    responses((status = 200, description = "The file", content((String = "text/csv")))), operation_id = "journal_export_file")]
pub async fn file(
    get: Get,
    id: PathId<JournalExportId>,
    Query(query): Query<JournalFileQuery>,
) -> Result<Answer, Problem> {
    get.run_file(move |tx, scope| {
        let export = views::find_export(tx, scope.tenant_id, id.0)?;
        let mut file = JournalFile::begin(&export, &query)?;
        read_journal::each(
            tx,
            scope,
            (&export, |posted, pairs| {
                file.add(posted, pairs);
                Ok(())
            }),
        )?;
        Ok(file.end()?)
    })
    .await
}

/// Reverse an export
///
/// Gives an export with the same postings, sides exchanged, to take back in your general ledger what was imported. The postings can be exported again.
#[utoipa::path(post, path = "/v1/exports/journals/{id}/reverse", tag = "revenue", request_body = ReverseJournalExport,
    params(("id" = String, Path, description = "The id, `jx_…`")),
    responses((status = 201, description = "The reversing export", body = JournalExport)), operation_id = "reverse_journal_export")]
pub async fn reverse(
    post: Post<ReverseJournalExport>,
    id: PathId<JournalExportId>,
) -> Result<Answer, Problem> {
    post.run("reverse_journal_export", StatusCode::CREATED, move |tx, scope, body| {
        Ok(JournalExport::from(export_journal::reverse(tx, scope, (id.0, &body.reason))?))
    })
    .await
}

/// The French *fichier des écritures comptables*
///
/// Of days whose accounting periods are all closed: each posting, numbered without a gap, in the 18 fields that the law names. With
/// `result_code`, the first entry is what earlier years bring forward.
#[utoipa::path(get, path = "/v1/exports/fec", tag = "revenue", params(FecQuery),
    responses((status = 200, description = "The file", content((String = "text/plain")))), operation_id = "fec")]
pub async fn fec(get: Get, Query(query): Query<FecQuery>) -> Result<Answer, Problem> {
    let days = query.days()?;
    get.run_file(move |tx, scope| {
        let entity_id = scope.queried_entity(query.entity_id)?;
        let books = read_journal::closed_books(tx, scope, (entity_id, days))?.map_err(|open| {
            let detail =
                format_args!("the period of {open} is not closed: numbers of entries are final when all are");
            Invalid::one("/query/to", "periods_open", detail)
        })?;
        let mut file = FecFile::begin(&books.codes, &books.closed);
        if let Some(code) = &query.result_code {
            let mut forward = Forward::default();
            read_journal::each_before(
                tx,
                scope,
                (&books, |posted, pairs| {
                    forward.add(posted, pairs);
                    Ok(())
                }),
            )?;
            file.bring_forward(&forward, (query.from, code));
        }
        read_journal::each_of(
            tx,
            scope,
            (&books, |posted, pairs| {
                file.add(posted, pairs);
                Ok(())
            }),
        )?;
        let used = file.accounts();
        books.codes.check(used.iter().copied())?;
        fec::check(&books.codes, &used)?;
        Ok(file.end(&query))
    })
    .await
}
