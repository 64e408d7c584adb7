//! What is read at `/docs/`? The guides of the folder `docs`, which are a part of the program: rendered once, searched in the
//! reader's browser, without a network. The reference of every operation is beside them, at `/docs/api/`.

mod commands;
mod page;
mod render;
mod search;

use std::collections::HashMap;
use std::sync::OnceLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::Problem;
use super::routes::{resource, route};
pub use commands::is_whole;
pub use render::anchor;

/// A guide.
pub struct Guide {
    /// Its name in the folder and in the address: `usage`.
    pub file: &'static str,
    /// Its text, in Markdown.
    pub text: &'static str,
}

impl Guide {
    /// Where it is read, from `/docs/`.
    fn address(&self) -> &'static str {
        if self.file == "README" { "./" } else { self.file }
    }

    /// Its first heading.
    fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

macro_rules! guides {
    ($($file:literal)+) => {
        /// Every guide, in the order in which they are listed.
        pub const GUIDES: &[Guide] =
            &[$(Guide { file: $file, text: include_str!(concat!("../../../docs/", $file, ".md")) }),+];
    };
}

guides! {
    "README" "concepts" "catalog" "subscriptions" "usage" "discounts-and-credits" "tax" "tax-providers" "entities" "currencies" "invoices"
    "collect-with-stripe" "collect-by-debit" "retries" "disputes" "payouts" "revenue" "webhooks" "testing" "operations" "conventions" "errors" "speed"
    "glossary"
}

/// What pages are made with, and what the guides' commands are.
const FILES: [(&str, &str, &str); 3] = [
    ("/docs/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/docs/search.js", "text/javascript; charset=utf-8", include_str!("search.js")),
    ("/docs/guide.sh", "text/plain; charset=utf-8", include_str!("../../../docs/guide.sh")),
];

/// Pages load nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";

/// All that is served under `/docs/`, but for the reference.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(web::redirect("/docs", "/docs/")).service(web::redirect("/docs/api", "/docs/api/"));
    for (url, kind, text) in FILES {
        let file = move || async move { answer(kind, text) };
        config.service(resource(url, &["get"]).route(route("get").to(file)));
    }
    config
        .service(resource("/docs/", &["get"]).route(route("get").to(guide)))
        .service(resource("/docs/search.json", &["get"]).route(route("get").to(index)))
        .service(resource("/docs/{guide}", &["get"]).route(route("get").to(guide)));
}

async fn guide(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().get("guide").unwrap_or("./");
    let page = pages().get(name).ok_or_else(Problem::no_such_route)?;
    Ok(answer("text/html; charset=utf-8", page))
}

async fn index() -> HttpResponse {
    static INDEX: OnceLock<String> = OnceLock::new();
    answer("application/json", INDEX.get_or_init(|| search::index(GUIDES)))
}

fn answer(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CACHE_CONTROL, "max-age=60"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(text)
}

/// Every page by its address.
fn pages() -> &'static HashMap<&'static str, String> {
    static PAGES: OnceLock<HashMap<&'static str, String>> = OnceLock::new();
    PAGES.get_or_init(|| GUIDES.iter().map(|guide| (guide.address(), page::render(guide))).collect())
}
