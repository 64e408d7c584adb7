//! What is served where? Every URL of the API in one table; the server and `openapi.json` are both made from it.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route, guard};
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use super::v1::{
    billing, catalog, credits, discounts, invoicing, payments, subscriptions, tax, tenants, usage, webhooks,
};
use super::{Problem, docs, health, v1};

macro_rules! table {
    ($($url:literal { $($method:ident $($handler:ident)::+),+ })+) => {
        /// Every operation: URL and method.
        pub const TABLE: &[(&str, &str)] = &[$($(($url, stringify!($method))),+),+];

        #[derive(OpenApi)]
        #[openapi(paths($($($($handler)::+),+),+))]
        pub(in crate::http) struct Documented;

        fn serve_table(config: &mut ServiceConfig) {
            $(config.service(resource($url, &[$(stringify!($method)),+])$(.route(route(stringify!($method)).to($($handler)::+)))+);)+
        }
    };
}

table! {
    "/v1/account_mappings" { get v1::revenue::journals::mappings, post v1::revenue::journals::map }
    "/v1/accounting_periods" { get v1::revenue::periods::list, post v1::revenue::periods::create }
    "/v1/accounting_periods/{id}" { get v1::revenue::periods::find }
    "/v1/accounting_periods/{id}/checklist" { get v1::revenue::periods::checklist }
    "/v1/accounting_periods/{id}/close" { post v1::revenue::periods::close }
    "/v1/accounting_periods/{id}/reopen" { post v1::revenue::periods::reopen }
    "/v1/accounting_periods/{id}/sign_offs" { post v1::revenue::periods::sign_off }
    "/v1/api_keys" { get tenants::api_keys::list, post tenants::api_keys::create }
    "/v1/api_keys/{id}" { get tenants::api_keys::find, delete tenants::api_keys::revoke }
    "/v1/bill_runs" { get billing::bill_runs::list, post billing::bill_runs::create }
    "/v1/bill_runs/{id}" { get billing::bill_runs::find }
    "/v1/coupons" { get discounts::coupons::list, post discounts::coupons::create }
    "/v1/coupons/{id}" { get discounts::coupons::find, patch discounts::coupons::update }
    "/v1/billing_settings" { get tenants::billing_settings::find, patch tenants::billing_settings::update }
    "/v1/credit_notes" { get credits::credit_notes::list, post credits::credit_notes::create }
    "/v1/credit_notes/preview" { post credits::credit_notes::preview }
    "/v1/credit_notes/{id}" { get credits::credit_notes::find }
    "/v1/credit_grants" { get v1::credits::list, post v1::credits::create }
    "/v1/credit_grants/{id}" { get v1::credits::find }
    "/v1/credit_grants/{id}/void" { post v1::credits::void }
    "/v1/budgets" { get v1::budgets::list, post v1::budgets::create }
    "/v1/budgets/{id}" { get v1::budgets::find, delete v1::budgets::end }
    "/v1/customers" { get v1::customers::list, post v1::customers::create }
    "/v1/customers/{id}" { get v1::customers::find, patch v1::customers::update }
    "/v1/customers/{id}/credit_balance" { get credits::credit_notes::balance }
    "/v1/customers/{id}/credit_balance/apply" { post credits::credit_balances::apply }
    "/v1/customers/{id}/credit_balance/pay_out" { post credits::credit_balances::pay_out }
    "/v1/customers/{id}/credit_balance/pay_outs" { get credits::credit_balances::pay_outs }
    "/v1/customers/{id}/credits" { get v1::credits::of_customer }
    "/v1/customers/{id}/credits/top_up" { put v1::credits::set, delete v1::credits::unset }
    "/v1/customers/{id}/children" { get v1::customers::children }
    "/v1/decline_codes" { get payments::retry_policies::decline_codes }
    "/v1/discounts" { get v1::discounts::list, post v1::discounts::create }
    "/v1/discounts/{id}" { get v1::discounts::find, delete v1::discounts::end }
    "/v1/customers/{id}/entitlements" { get v1::customers::entitlements }
    "/v1/customers/{id}/payment_preferences" { get payments::choosing::of_customer, patch payments::choosing::update_customer }
    "/v1/customers/{id}/tax_ids/checks" { get v1::customers::tax_ids::checks }
    "/v1/customers/{id}/tax_ids/verify" { post v1::customers::tax_ids::verify }
    "/v1/dispute_settings" { get payments::disputes::settings, patch payments::disputes::update_settings }
    "/v1/disputes" { get payments::disputes::list }
    "/v1/disputes/{id}" { get payments::disputes::find }
    "/v1/disputes/{id}/evidence" { get payments::disputes::evidence }
    "/v1/entities" { get v1::entities::list, post v1::entities::create }
    "/v1/entities/{id}" { get v1::entities::find, patch v1::entities::update }
    "/v1/events" { get v1::events::list }
    "/v1/exports/fec" { get v1::revenue::journals::fec }
    "/v1/exports/journals" { get v1::revenue::journals::list, post v1::revenue::journals::create }
    "/v1/exports/journals/{id}" { get v1::revenue::journals::find }
    "/v1/exports/journals/{id}/file" { get v1::revenue::journals::file }
    "/v1/exports/journals/{id}/reverse" { post v1::revenue::journals::reverse }
    "/v1/exchange_rates" { get v1::fx::list, post v1::fx::create }
    "/v1/exchange_rates/lookup" { get v1::fx::lookup }
    "/v1/parked_work" { get v1::parked_work::list }
    "/v1/parked_work/{id}" { get v1::parked_work::find }
    "/v1/parked_work/{id}/retry" { post v1::parked_work::retry }
    "/v1/health/work" { get v1::parked_work::health }
    "/v1/fraud_warnings" { get payments::disputes::warnings }
    "/v1/fulfilments" { get v1::revenue::fulfilments::list, post v1::revenue::fulfilments::create }
    "/v1/fulfilments/{id}" { get v1::revenue::fulfilments::find }
    "/v1/fulfilments/{id}/reverse" { post v1::revenue::fulfilments::reverse }
    "/v1/gateway_accounts" { get payments::gateway_accounts::list, post payments::gateway_accounts::create }
    "/v1/gateway_accounts/{id}" { delete payments::gateway_accounts::remove, get payments::gateway_accounts::find, patch payments::gateway_accounts::update }
    "/v1/gateway_accounts/{id}/dispute_ratio" { get payments::disputes::ratio }
    "/v1/gateway_accounts/{id}/events" { get payments::gateway_accounts::events }
    "/v1/inbound/{gateway}/{account_id}" { post payments::inbound::receive }
    "/v1/invoice_lines/{id}/explain" { get invoicing::invoice_lines::explain }
    "/v1/invoices" { get invoicing::invoices::list, post invoicing::invoices::create }
    "/v1/invoices/{id}" { get invoicing::invoices::find, delete invoicing::invoices::remove }
    "/v1/invoices/{id}/attempts" { get v1::payments::attempts }
    "/v1/invoices/{id}/correct" { post credits::credit_notes::correct }
    "/v1/invoices/{id}/correct/preview" { post credits::credit_notes::preview_correction }
    "/v1/invoices/{id}/finalize" { post invoicing::invoices::finalize }
    "/v1/invoices/{id}/lines" { post invoicing::invoice_lines::add }
    "/v1/invoices/{id}/lines/{line_no}" { patch invoicing::invoice_lines::change, delete invoicing::invoice_lines::remove }
    "/v1/invoices/{id}/mark_uncollectible" { post invoicing::invoices::mark_as_uncollectible }
    "/v1/invoices/{id}/pay" { post invoicing::invoices::pay }
    "/v1/invoices/{id}/payment_preferences" { get payments::choosing::of_invoice, patch payments::choosing::update_invoice }
    "/v1/invoices/{id}/void" { post invoicing::invoices::void }
    "/v1/ledger/accounts" { get v1::ledger::accounts }
    "/v1/ledger/balances" { get v1::ledger::balances }
    "/v1/ledger/entries" { get v1::ledger::entries }
    "/v1/ledger/revaluations" { get v1::ledger::revaluations::list, post v1::ledger::revaluations::create }
    "/v1/ledger/revaluations/preview" { post v1::ledger::revaluations::preview }
    "/v1/ledger/revaluations/{id}" { get v1::ledger::revaluations::find }
    "/v1/meters" { get usage::meters::list, post usage::meters::create }
    "/v1/meters/{id}" { get usage::meters::find }
    "/v1/payment_methods" { get payments::payment_methods::list, post payments::payment_methods::create }
    "/v1/payment_methods/{id}" { get payments::payment_methods::find, delete payments::payment_methods::detach }
    "/v1/payments" { get v1::payments::list, post v1::payments::create }
    "/v1/payments/{id}" { get v1::payments::find }
    "/v1/payouts" { get payments::payouts::list }
    "/v1/payouts/{id}" { get payments::payouts::find }
    "/v1/payouts/{id}/items" { get payments::payouts::items }
    "/v1/plans" { get catalog::plans::list, post catalog::plans::create }
    "/v1/plans/{id}" { get catalog::plans::find }
    "/v1/plans/{id}/migrations" { post subscriptions::plan_migrations::create }
    "/v1/plans/{id}/migrations/{migration_id}" { get subscriptions::plan_migrations::find }
    "/v1/plans/{id}/versions" { get catalog::plans::list_versions, post catalog::plans::publish }
    "/v1/plans/{id}/versions/{number}" { get catalog::plans::find_version }
    "/v1/products" { get catalog::products::list, post catalog::products::create }
    "/v1/products/{id}" { get catalog::products::find, patch catalog::products::update }
    "/v1/refunds" { get credits::refunds::list }
    "/v1/reports/mrr" { get v1::revenue::recurring::mrr }
    "/v1/reports/mrr/cohorts" { get v1::revenue::recurring::cohorts }
    "/v1/reports/mrr/movements" { get v1::revenue::recurring::movements }
    "/v1/retry_policies" { get payments::retry_policies::list, post payments::retry_policies::create }
    "/v1/retry_policies/{id}" { get payments::retry_policies::find, patch payments::retry_policies::update }
    "/v1/retry_policies/{id}/simulate" { post payments::retry_policies::simulate }
    "/v1/revenue/contract_balances" { get v1::revenue::contracts::balances }
    "/v1/revenue/contracts" { get v1::revenue::contracts::list, post v1::revenue::contracts::create }
    "/v1/revenue/contracts/{id}" { get v1::revenue::contracts::find }
    "/v1/revenue/remaining_obligations" { get v1::revenue::reports::remaining_obligations }
    "/v1/revenue/roll_forward" { get v1::revenue::reports::roll_forward }
    "/v1/revenue/rules" { get v1::revenue::rules::list, post v1::revenue::rules::create }
    "/v1/revenue/schedules" { get v1::revenue::schedules::list }
    "/v1/revenue/schedules/{id}" { get v1::revenue::schedules::explain }
    "/v1/revenue/standalone_prices" { get v1::revenue::contracts::list_prices, post v1::revenue::contracts::create_price }
    "/v1/revenue/waterfall" { get v1::revenue::reports::waterfall }
    "/v1/routing_rules" { get payments::choosing::rules, post payments::choosing::replace }
    "/v1/subscriptions" { get v1::subscriptions::list, post v1::subscriptions::create }
    "/v1/subscriptions/preview" { post v1::subscriptions::preview }
    "/v1/subscriptions/{id}" { get v1::subscriptions::find }
    "/v1/subscriptions/{id}/upcoming_invoice" { get v1::subscriptions::upcoming_invoice }
    "/v1/subscriptions/{id}/cancel" { post subscriptions::subscription_ends::cancel }
    "/v1/subscriptions/{id}/cancel/preview" { post subscriptions::subscription_ends::preview_cancel }
    "/v1/subscriptions/{id}/change" { post subscriptions::subscription_life::change }
    "/v1/subscriptions/{id}/change/preview" { post subscriptions::subscription_life::preview_change }
    "/v1/subscriptions/{id}/changes" { get subscriptions::subscription_life::list_changes }
    "/v1/subscriptions/{id}/charges" { post subscriptions::subscription_ends::charge }
    "/v1/subscriptions/{id}/charges/preview" { post subscriptions::subscription_ends::preview_charge }
    "/v1/subscriptions/{id}/pause" { post subscriptions::subscription_ends::pause }
    "/v1/subscriptions/{id}/pause/preview" { post subscriptions::subscription_ends::preview_pause }
    "/v1/subscriptions/{id}/payment_preferences" { get payments::choosing::of_subscription, patch payments::choosing::update_subscription }
    "/v1/subscriptions/{id}/renewal" { post subscriptions::subscription_ends::set_renewal }
    "/v1/subscriptions/{id}/renewal/preview" { post subscriptions::subscription_ends::preview_renewal }
    "/v1/subscriptions/{id}/resume" { post subscriptions::subscription_ends::resume }
    "/v1/subscriptions/{id}/resume/preview" { post subscriptions::subscription_ends::preview_resume }
    "/v1/subscriptions/{id}/uncancel" { post subscriptions::subscription_ends::uncancel }
    "/v1/subscriptions/{id}/uncancel/preview" { post subscriptions::subscription_ends::preview_uncancel }
    "/v1/tax/calculate" { post tax::calculations::calculate }
    "/v1/tax/codes" { get tax::rates::codes }
    "/v1/tax/nexus" { get tax::nexus::read }
    "/v1/tax/providers" { get tax::providers::list, post tax::providers::create }
    "/v1/tax/providers/{id}" { delete tax::providers::remove, get tax::providers::find, patch tax::providers::update }
    "/v1/tax/providers/{id}/differences" { get tax::providers::differences }
    "/v1/tax/rates" { get tax::rates::list, post tax::rates::create }
    "/v1/tax/rates/{id}" { delete tax::rates::remove }
    "/v1/tax/registrations" { get tax::registrations::list, post tax::registrations::create }
    "/v1/tax/registrations/{id}" { get tax::registrations::find, patch tax::registrations::update }
    "/v1/tax/report" { get tax::returns::report }
    "/v1/tax/report/lines" { get tax::returns::lines }
    "/v1/tax/returns/ec_sales" { get tax::returns::ec_sales }
    "/v1/tax/returns/oss" { get tax::returns::oss }
    "/v1/tax/returns/us" { get tax::returns::us }
    "/v1/tax/settings" { get tax::settings::find, patch tax::settings::update }
    "/v1/test_clock" { get tenants::test_clock::find }
    "/v1/test_clock/advance" { post tenants::test_clock::advance, delete tenants::test_clock::stop }
    "/v1/usage" { get v1::usage::read }
    "/v1/usage/backfills" { get usage::usage_corrections::list_backfills, post usage::usage_corrections::create_backfill }
    "/v1/usage/backfills/{id}" { get usage::usage_corrections::find_backfill }
    "/v1/usage/backfills/{id}/close" { post usage::usage_corrections::close_backfill }
    "/v1/usage/backfills/{id}/events" { post usage::usage_corrections::stage_events }
    "/v1/usage/backfills/{id}/revert" { post usage::usage_corrections::revert_backfill }
    "/v1/usage/events" { post v1::usage::ingest_events }
    "/v1/usage/events/void" { post usage::usage_corrections::void_event }
    "/v1/usage/replays" { post usage::usage_corrections::replay }
    "/v1/usage/settings" { get v1::usage::settings, patch v1::usage::update_settings }
    "/v1/webhook_endpoints" { get webhooks::endpoints::list, post webhooks::endpoints::create }
    "/v1/webhook_endpoints/{id}" { delete webhooks::endpoints::remove, get webhooks::endpoints::find, patch webhooks::endpoints::update }
    "/v1/webhook_endpoints/{id}/deliveries" { get webhooks::deliveries::list }
    "/v1/webhook_endpoints/{id}/replay" { post webhooks::deliveries::replay }
    "/v1/webhook_endpoints/{id}/rotate_secret" { post webhooks::endpoints::rotate_secret }
    "/v1/webhook_endpoints/{id}/test" { post webhooks::endpoints::test }
}

/// A method of the table. What answers GET answers HEAD too, without the body (RFC 9110 §9.3.2).
pub(super) fn route(method: &str) -> Route {
    match method {
        "get" => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        "post" => web::post(),
        "put" => web::put(),
        "patch" => web::patch(),
        _ => web::delete(),
    }
}

/// A URL whose other methods are answered 405 with what is allowed.
pub(super) fn resource(url: &str, methods: &[&str]) -> Resource {
    let mut allowed: Vec<String> = methods.iter().map(|method| method.to_ascii_uppercase()).collect();
    if methods.contains(&"get") {
        allowed.push("HEAD".to_owned());
    }
    allowed.sort();
    let allowed = allowed.join(", ");
    web::resource(url).default_service(web::to(move |req: HttpRequest| {
        let problem = Problem::method_not_allowed(req.method(), &allowed);
        async move { Err::<HttpResponse, Problem>(problem) }
    }))
}

/// Everything the server answers.
pub fn configure(config: &mut ServiceConfig) {
    serve_table(config);
    config
        .service(resource("/healthz", &["get"]).route(route("get").to(health::healthz)))
        .service(resource("/readyz", &["get"]).route(route("get").to(health::readyz)))
        .service(resource("/metrics", &["get"]).route(route("get").to(health::metrics)))
        .configure(docs::configure)
        .service(
            SwaggerUi::new("/docs/api/{_:.*}")
                .external_url_unchecked("/openapi.json", super::openapi().clone()),
        )
        .default_service(web::to(|| async { Err::<HttpResponse, Problem>(Problem::no_such_route()) }));
}

/// What is served where only the counters are.
pub fn metrics(config: &mut ServiceConfig) {
    config
        .service(resource("/metrics", &["get"]).route(route("get").to(health::metrics_apart)))
        .default_service(web::to(|| async { Err::<HttpResponse, Problem>(Problem::no_such_route()) }));
}
