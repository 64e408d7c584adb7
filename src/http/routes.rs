//! What is served where? Every URL of the API in one table; the server and `openapi.json` are both made from it.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route, guard};
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use super::{Problem, health, v1};

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
    "/v1/api_keys" { get v1::api_keys::list, post v1::api_keys::create }
    "/v1/api_keys/{id}" { get v1::api_keys::find, delete v1::api_keys::revoke }
    "/v1/bill_runs" { get v1::bill_runs::list, post v1::bill_runs::create }
    "/v1/bill_runs/{id}" { get v1::bill_runs::find }
    "/v1/coupons" { get v1::coupons::list, post v1::coupons::create }
    "/v1/coupons/{id}" { get v1::coupons::find, patch v1::coupons::update }
    "/v1/billing_settings" { get v1::billing_settings::find, patch v1::billing_settings::update }
    "/v1/credit_notes" { get v1::credit_notes::list, post v1::credit_notes::create }
    "/v1/credit_notes/preview" { post v1::credit_notes::preview }
    "/v1/credit_notes/{id}" { get v1::credit_notes::find }
    "/v1/credit_grants" { get v1::credits::list, post v1::credits::create }
    "/v1/credit_grants/{id}" { get v1::credits::find }
    "/v1/credit_grants/{id}/void" { post v1::credits::void }
    "/v1/budgets" { get v1::budgets::list, post v1::budgets::create }
    "/v1/budgets/{id}" { get v1::budgets::find, delete v1::budgets::end }
    "/v1/customers" { get v1::customers::list, post v1::customers::create }
    "/v1/customers/{id}" { get v1::customers::find, patch v1::customers::update }
    "/v1/customers/{id}/credit_balance" { get v1::credit_notes::balance }
    "/v1/customers/{id}/credit_balance/apply" { post v1::credit_balances::apply }
    "/v1/customers/{id}/credit_balance/pay_out" { post v1::credit_balances::pay_out }
    "/v1/customers/{id}/credit_balance/pay_outs" { get v1::credit_balances::pay_outs }
    "/v1/customers/{id}/credits" { get v1::credits::of_customer }
    "/v1/customers/{id}/credits/top_up" { put v1::credits::set, delete v1::credits::unset }
    "/v1/customers/{id}/children" { get v1::customers::children }
    "/v1/discounts" { get v1::discounts::list, post v1::discounts::create }
    "/v1/discounts/{id}" { get v1::discounts::find, delete v1::discounts::end }
    "/v1/customers/{id}/entitlements" { get v1::customers::entitlements }
    "/v1/events" { get v1::events::list }
    "/v1/invoice_lines/{id}/explain" { get v1::invoice_lines::explain }
    "/v1/invoices" { get v1::invoices::list, post v1::invoices::create }
    "/v1/invoices/{id}" { get v1::invoices::find, delete v1::invoices::remove }
    "/v1/invoices/{id}/correct" { post v1::credit_notes::correct }
    "/v1/invoices/{id}/correct/preview" { post v1::credit_notes::preview_correction }
    "/v1/invoices/{id}/finalize" { post v1::invoices::finalize }
    "/v1/invoices/{id}/lines" { post v1::invoice_lines::add }
    "/v1/invoices/{id}/lines/{line_no}" { patch v1::invoice_lines::change, delete v1::invoice_lines::remove }
    "/v1/invoices/{id}/mark_uncollectible" { post v1::invoices::mark_as_uncollectible }
    "/v1/invoices/{id}/pay" { post v1::invoices::pay }
    "/v1/invoices/{id}/void" { post v1::invoices::void }
    "/v1/ledger/accounts" { get v1::ledger::accounts }
    "/v1/ledger/balances" { get v1::ledger::balances }
    "/v1/ledger/entries" { get v1::ledger::entries }
    "/v1/meters" { get v1::meters::list, post v1::meters::create }
    "/v1/meters/{id}" { get v1::meters::find }
    "/v1/payment_methods" { get v1::payment_methods::list, post v1::payment_methods::create }
    "/v1/payment_methods/{id}" { get v1::payment_methods::find, delete v1::payment_methods::detach }
    "/v1/payments" { get v1::payments::list, post v1::payments::create }
    "/v1/payments/{id}" { get v1::payments::find }
    "/v1/plans" { get v1::plans::list, post v1::plans::create }
    "/v1/plans/{id}" { get v1::plans::find }
    "/v1/plans/{id}/migrations" { post v1::plan_migrations::create }
    "/v1/plans/{id}/migrations/{migration_id}" { get v1::plan_migrations::find }
    "/v1/plans/{id}/versions" { get v1::plans::list_versions, post v1::plans::publish }
    "/v1/plans/{id}/versions/{number}" { get v1::plans::find_version }
    "/v1/products" { get v1::products::list, post v1::products::create }
    "/v1/products/{id}" { get v1::products::find }
    "/v1/subscriptions" { get v1::subscriptions::list, post v1::subscriptions::create }
    "/v1/subscriptions/preview" { post v1::subscriptions::preview }
    "/v1/subscriptions/{id}" { get v1::subscriptions::find }
    "/v1/subscriptions/{id}/upcoming_invoice" { get v1::subscriptions::upcoming_invoice }
    "/v1/subscriptions/{id}/cancel" { post v1::subscription_ends::cancel }
    "/v1/subscriptions/{id}/cancel/preview" { post v1::subscription_ends::preview_cancel }
    "/v1/subscriptions/{id}/change" { post v1::subscription_life::change }
    "/v1/subscriptions/{id}/change/preview" { post v1::subscription_life::preview_change }
    "/v1/subscriptions/{id}/changes" { get v1::subscription_life::list_changes }
    "/v1/subscriptions/{id}/charges" { post v1::subscription_ends::charge }
    "/v1/subscriptions/{id}/charges/preview" { post v1::subscription_ends::preview_charge }
    "/v1/subscriptions/{id}/pause" { post v1::subscription_ends::pause }
    "/v1/subscriptions/{id}/pause/preview" { post v1::subscription_ends::preview_pause }
    "/v1/subscriptions/{id}/renewal" { post v1::subscription_ends::set_renewal }
    "/v1/subscriptions/{id}/renewal/preview" { post v1::subscription_ends::preview_renewal }
    "/v1/subscriptions/{id}/resume" { post v1::subscription_ends::resume }
    "/v1/subscriptions/{id}/resume/preview" { post v1::subscription_ends::preview_resume }
    "/v1/subscriptions/{id}/uncancel" { post v1::subscription_ends::uncancel }
    "/v1/subscriptions/{id}/uncancel/preview" { post v1::subscription_ends::preview_uncancel }
    "/v1/test_clock" { get v1::test_clock::find }
    "/v1/test_clock/advance" { post v1::test_clock::advance }
    "/v1/usage" { get v1::usage::read }
    "/v1/usage/backfills" { get v1::usage_corrections::list_backfills, post v1::usage_corrections::create_backfill }
    "/v1/usage/backfills/{id}" { get v1::usage_corrections::find_backfill }
    "/v1/usage/backfills/{id}/close" { post v1::usage_corrections::close_backfill }
    "/v1/usage/backfills/{id}/events" { post v1::usage_corrections::stage_events }
    "/v1/usage/backfills/{id}/revert" { post v1::usage_corrections::revert_backfill }
    "/v1/usage/events" { post v1::usage::ingest_events }
    "/v1/usage/events/void" { post v1::usage_corrections::void_event }
    "/v1/usage/replays" { post v1::usage_corrections::replay }
    "/v1/usage/settings" { get v1::usage::settings, patch v1::usage::update_settings }
}

/// A method of the table. What answers GET answers HEAD too, without the body (RFC 9110 §9.3.2).
fn route(method: &str) -> Route {
    match method {
        "get" => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        "post" => web::post(),
        "put" => web::put(),
        "patch" => web::patch(),
        _ => web::delete(),
    }
}

/// A URL whose other methods are answered 405 with what is allowed.
fn resource(url: &str, methods: &[&str]) -> Resource {
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
        .service(web::redirect("/docs", "/docs/"))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", super::openapi()))
        .default_service(web::to(|| async { Err::<HttpResponse, Problem>(Problem::no_such_route()) }));
}
