//! `/v1/tax/report` and `/v1/tax/returns`: what is declared to the authorities, and the lines behind each figure.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::fx::EURO;
use crate::domain::fx::book::Book;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::tax::calculate::Refused;
use crate::domain::tax::returns::{Figure, by_state, in_euros, rate_day, recapitulative};
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::Tx;
use crate::storage::fx::views as fx_views;
use crate::storage::tax::views;
use crate::storage::tax::views::entries::{self, Corrects, Filter, Numbered, Position, Wanted};
use crate::storage::tax::views::figures::{self, Declared, Return};
use crate::wire::page::{Page, checked_limit};
use crate::wire::tax::returns::TaxReportQuery;
use crate::wire::tax::returns::filings::{EcSalesList, OssReturn, UsReturn};
use crate::wire::tax::returns::lines::{self, TaxReportLine, TaxReportLinesQuery};
use crate::wire::tax::returns::report::{ReportedTax, TaxReport};
use crate::workflows::ledger::report_tax;
use crate::workflows::{Error, Scope};

/// The tax of a period
///
/// By currency, jurisdiction, tax, category, rate and reason. Each document counts on the day of its own in your time zone: an invoice on the
/// day it was issued, taken back on the day it was voided; a credit note below zero on its day. So what was declared of a period stays what it
/// was. Of all your legal entities together, unless you name one. `sums` has the movement of the account `tax_payable` beside the tax, and `reporting`
/// that of all currencies in the currency of the books.
#[utoipa::path(get, path = "/v1/tax/report", tag = "tax", params(TaxReportQuery),
    responses((status = 200, description = "The report", content((TaxReport = "application/json"), (String = "text/csv")))),
    operation_id = "tax_report")]
pub async fn report(get: Get, Query(query): Query<TaxReportQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let declared = declared((tx, tenant_id), &query, Return::Everything)?;
        let scope = Scope::load(tx, tenant_id)?;
        let (period, _) = query.read(scope.zone)?;
        let entity_id = named(&scope, query.entity_id)?;
        let reported = report_tax::run(tx, &scope, entity_id, (period, query.last_day()))?;
        let sum = reported.sum.map_err(|no_rate| no_rate.to_string());
        let reporting = ReportedTax::of(reported.currency, sum, reported.waiting);
        Ok(TaxReport::of(&query, (&declared.figures, &declared.payable), reporting))
    })
    .await
}

/// The lines behind a figure, newest first
///
/// Each tax of a line as it counts in the period. Every figure of the report and of the returns has the URL of its own.
#[utoipa::path(get, path = "/v1/tax/report/lines", tag = "tax", params(TaxReportLinesQuery),
    responses((status = 200, description = "A page of taxes of lines",
        content((Page<TaxReportLine> = "application/json"), (String = "text/csv")))),
    operation_id = "tax_report_lines")]
pub async fn lines(get: Get, Query(query): Query<TaxReportLinesQuery>) -> Result<Answer, Problem> {
    let limit = checked_limit(query.limit)?;
    let after = query.place()?.map(|place| Position {
        at: place.at,
        document_id: place.document_id,
        cause: place.cause,
        line_no: place.line_no,
        tax_no: place.tax_no,
    });
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let (zone, entity_id) = (scope.zone, named(&scope, query.entity_id)?);
        let (period, read) = query.read(zone)?;
        let filter = Filter {
            currency: read.currency,
            jurisdiction: query.jurisdiction.clone(),
            name: query.name.clone(),
            category: read.category,
            rate: read.rate,
            portion: read.portion,
            reason: read.reason,
            one_stop_shop: query.one_stop_shop,
            buyer: read.buyer_number.map(|number| number.map_or(Numbered::Missing, Numbered::As)),
            corrects: read.corrects.map(|quarter| quarter.map_or(Corrects::Nothing, Corrects::Quarter)),
            entity_id,
        };
        let wanted = Wanted { period, filter, after, limit };
        let (found, has_more) = entries::list(tx, (tenant_id, zone), &wanted)?;
        Ok(lines::page(&found, has_more, zone))
    })
    .await
}

/// The return of the one-stop shop
///
/// Sales to consumers in the European Union by member state and rate, as they were declared to be taxed there when they were invoiced. What is
/// taken back of invoices issued before the period stands apart, by the quarter that it corrects. In euros at the rate that the European
/// Central Bank published for the last day of the period, or of the quarter that is corrected, or on the next day on which it published some.
/// Where it publishes none of a currency, at your own; where there is none, `no_rate`, and no sum.
#[utoipa::path(get, path = "/v1/tax/returns/oss", tag = "tax", params(TaxReportQuery),
    responses((status = 200, description = "The return", content((OssReturn = "application/json"), (String = "text/csv")))),
    operation_id = "tax_return_oss")]
pub async fn oss(get: Get, Query(query): Query<TaxReportQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let figures = declared((tx, tenant_id), &query, Return::OneStopShop)?.figures;
        let rates = rates((tx, tenant_id), &figures, query.last_day())?;
        let in_euros = |figure| match in_euros(&figure, query.last_day(), &rates) {
            Ok(euros) => (figure, Some(euros)),
            Err(_) => (figure, None),
        };
        Ok(OssReturn::of(&query, figures.into_iter().map(in_euros).collect()))
    })
    .await
}

/// The rates that figures are declared at.
fn rates(
    (tx, tenant_id): (&mut Tx<'_>, TenantId),
    figures: &[Figure],
    last_day: NaiveDate,
) -> Result<Book, Error> {
    let foreign = || figures.iter().filter(|figure| figure.heading.currency.code() != EURO);
    let currencies: BTreeSet<Currency> = foreign().map(|figure| figure.heading.currency).collect();
    let days = || foreign().map(|figure| rate_day(&figure.heading, last_day));
    let Some((first, last)) = days().min().zip(days().max()) else { return Ok(Book::default()) };
    let currencies = Some(currencies.into_iter().collect());
    Ok(fx_views::book(tx, tenant_id, &fx_views::Wanted { currencies, first, last, as_of: None })?)
}

/// The list of sales to businesses in other member states
///
/// Of sellers in the European Union: what each buyer accounts for, by the VAT number it had when it was invoiced.
#[utoipa::path(get, path = "/v1/tax/returns/ec_sales", tag = "tax", params(TaxReportQuery),
    responses((status = 200, description = "The list", content((EcSalesList = "application/json"), (String = "text/csv")))),
    operation_id = "tax_return_ec_sales")]
pub async fn ec_sales(get: Get, Query(query): Query<TaxReportQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let declared = declared((tx, tenant_id), &query, Return::Recapitulative)?;
        Ok(EcSalesList::of(&query, &recapitulative(&declared.figures)))
    })
    .await
}

/// Sales into the United States, by state
///
/// What was taxed, what is exempt, and on what nothing was charged because you are not registered there.
#[utoipa::path(get, path = "/v1/tax/returns/us", tag = "tax", params(TaxReportQuery),
    responses((status = 200, description = "The states", content((UsReturn = "application/json"), (String = "text/csv")))),
    operation_id = "tax_return_us")]
pub async fn us(get: Get, Query(query): Query<TaxReportQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let declared = declared((tx, tenant_id), &query, Return::UnitedStates)?;
        let entity_id = Scope::load(tx, tenant_id)?.queried_entity(query.entity_id)?;
        let regime = views::regime(tx, (tenant_id, entity_id))?;
        let last_day = query.last_day();
        let states = by_state(&declared.figures).map_err(Refused::from)?;
        Ok(UsReturn::of(&query, &states, |state| regime.is_registered_in_state(state, last_day)))
    })
    .await
}

/// The figures of a period: of all entities, or of one, which a return always is of.
fn declared(
    (tx, tenant_id): (&mut Tx<'_>, TenantId),
    query: &TaxReportQuery,
    wanted: Return,
) -> Result<Declared, Error> {
    let scope = Scope::load(tx, tenant_id)?;
    let entity_id = match wanted {
        Return::Everything => named(&scope, query.entity_id)?,
        _ => Some(scope.queried_entity(query.entity_id)?),
    };
    let of_days = query.read(scope.zone)?;
    Ok(figures::declared(tx, (tenant_id, scope.zone), of_days, (entity_id, wanted))?)
}

/// The entity that is named, if one is.
fn named(scope: &Scope, entity_id: Option<EntityId>) -> Result<Option<EntityId>, Error> {
    entity_id.map(|id| scope.queried_entity(Some(id))).transpose()
}
