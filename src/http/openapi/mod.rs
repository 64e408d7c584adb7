//! What does the API's description say? Made from the table of routes: OpenAPI 3.1, with what every operation has in
//! common (its name, the key, the `Idempotency-Key` of a POST, the headers, what it may refuse) added in one place, and the webhooks.

mod bodies;
mod bounds;
mod catalogue;
mod discriminators;
mod enums;
mod headers;
mod names;
mod problems;
mod refusals;
mod tags;
mod webhooks;

use std::sync::OnceLock;

use serde_json::{Value, json};
use utoipa::openapi::info::{InfoBuilder, License};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::{OpenApi, PartialSchema};

use super::routes::Documented;
use crate::wire::problem::{FieldProblem, Problem};
pub use names::VERBS;
use refusals::Kind;

const SCHEME: &str = "api_key";

/// What is read first.
const GUIDE: &str = "Subscription billing from order to cash.\n\n\
    **Keys.** Every call has `Authorization: Bearer bw_test_…` or `bw_live_…`; a key belongs to one tenant.\n\n\
    **Values.** Amounts and quantities are decimal strings in major units (`\"19.99\"`), instants RFC 3339 in UTC, days `YYYY-MM-DD`. A field that \
    does not exist is refused.\n\n\
    **Lists** are newest first and read in pages: give `next_cursor` as `after`.\n\n\
    **Once.** What changes something takes an `Idempotency-Key`: sent again with it, the same call is done once and answered alike.\n\n\
    **Problems** are `application/problem+json` (RFC 9457): `code` says what is wrong, `errors` where, and `type` leads to what to do. Each operation \
    names the codes that it can give, by status, in `x-codes`.\n\n\
    **Webhooks.** What is sent to your endpoints is described under `webhooks`.\n\n\
    The guides are at `/docs/`.";

/// The description of the whole API.
pub fn openapi() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(documented()).unwrap_or_default();
        document["servers"] = json!([
            { "url": "/", "description": "The server that shows this description" },
            { "url": "http://127.0.0.1:8080", "description": "A server on this machine, as `billwright serve` starts it" },
        ]);
        discriminators::describe(&mut document);
        enums::describe(&mut document);
        bounds::describe(&mut document);
        bodies::describe(&mut document);
        headers::describe(&mut document);
        problems::describe(&mut document);
        tags::describe(&mut document);
        webhooks::describe(&mut document);
        for (url, item) in document["paths"].as_object_mut().into_iter().flatten() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(&format!("{} {url}", method.to_ascii_uppercase()), operation);
            }
        }
        document
    })
}

/// The description as the file `openapi/openapi.json` holds it.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(openapi())?;
    text.push('\n');
    Ok(text)
}

/// What the handlers and the shapes say of themselves.
fn documented() -> utoipa::openapi::OpenApi {
    let mut document = Documented::openapi();
    document.info = InfoBuilder::new()
        .title("Billwright")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(GUIDE))
        .license(Some(License::new("Apache-2.0")))
        .build();
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), Problem::schema());
    components.schemas.insert("FieldProblem".to_owned(), FieldProblem::schema());
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("bw_test_… or bw_live_…")
        .description(Some("An API key, as `billwright tenants create` or `POST /v1/api_keys` shows it once."))
        .build();
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    document.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
    document
}

/// Adds what an operation has in common with others.
fn complete(name: &str, operation: &mut Value) {
    let Some((method, url)) = name.split_once(' ') else { return };
    operation["operationId"] = names::name(method, url).into();
    // What a gateway sends has an id of its own.
    let keyed = operation["security"].is_null();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let queried = |name: Option<&str>| {
        let mut of_query = parameters.iter().filter(|parameter| parameter["in"] == "query");
        of_query.any(|parameter| name.is_none_or(|name| parameter["name"] == name))
    };
    let kind = Kind {
        name,
        keyed,
        queried: queried(None),
        paged: queried(Some("after")),
        filtered: queried(Some("totals")),
    };
    let responses = &mut operation["responses"];
    for (_, response) in responses.as_object_mut().into_iter().flatten() {
        response["headers"] = headers::of_success(&response["content"], keyed, method == "GET");
    }
    problems::complete(responses, kind);
    operation["parameters"] = described_parameters(parameters, (method, url), keyed).into();
    bodies::complete(name, operation);
}

/// The parameters of the URL, those that are described, and the key of idempotency.
fn described_parameters(known: Vec<Value>, (method, url): (&str, &str), keyed: bool) -> Vec<Value> {
    let in_url = url.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let missing = in_url.filter(|name| !known.iter().any(|parameter| parameter["name"] == *name));
    let mut parameters: Vec<Value> = missing
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": schema_of(name) }))
        .collect();
    parameters.extend(known);
    if method != "GET" && keyed {
        parameters.push(json!({
            "name": super::idempotency::HEADER, "in": "header", "required": false, "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
            "description": "1 to 255 visible ASCII characters. The same request sent again with it is answered alike and done once.",
        }));
    }
    parameters
}

fn schema_of(parameter: &str) -> Value {
    match parameter {
        "number" | "line_no" => json!({ "type": "integer", "format": "int32", "minimum": 1 }),
        _ => json!({ "type": "string" }),
    }
}
