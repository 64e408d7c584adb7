//! What does the API's description say? Made from the table of routes: OpenAPI 3.1, with what every operation has in
//! common (the key, the `Idempotency-Key` of a POST, the problem it may answer) added in one place.

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::info::{InfoBuilder, License};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Ref, RefOr, Required, Schema};
use utoipa::{OpenApi, PartialSchema};

use super::routes::Documented;
use crate::wire::problem::{FieldProblem, Problem};

const SCHEME: &str = "api_key";

/// The description of the whole API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = Documented::openapi();
    document.info = InfoBuilder::new()
        .title("Billwright")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Subscription billing from order to cash. Amounts and quantities are decimal strings in major units; \
             instants are RFC 3339 in UTC; lists are newest first and read in pages by cursor.",
        ))
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
    for (url, item) in &mut document.paths.paths {
        complete(url, item);
    }
    document
}

/// The description as the file `openapi/openapi.json` holds it.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    let mut text = openapi().to_pretty_json()?;
    text.push('\n');
    Ok(text)
}

fn complete(url: &str, item: &mut PathItem) {
    let PathItem { get, post, put, patch, delete, .. } = item;
    for operation in [get, put, patch, delete].into_iter().flatten() {
        complete_operation(url, operation);
    }
    if let Some(operation) = post {
        complete_operation(url, operation);
        let key = ParameterBuilder::new()
            .name(super::idempotency::HEADER)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("At most 255 characters. The same request sent again with it is answered alike and done once."))
            .schema(Some(text_schema()));
        // What a gateway sends has an id of its own.
        if operation.security.is_none() {
            operation.parameters.get_or_insert_default().push(RefOr::T(key.build()));
        }
    }
}

fn complete_operation(url: &str, operation: &mut Operation) {
    let tag = operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
    if let Some(id) = &mut operation.operation_id {
        *id = format!("{tag}_{id}");
    }
    let parameters = operation.parameters.get_or_insert_default();
    for name in url.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        if parameters.iter().any(|parameter| matches!(parameter, RefOr::T(known) if known.name == name)) {
            continue;
        }
        let parameter =
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        parameters.insert(0, RefOr::T(parameter.schema(Some(text_schema())).build()));
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response =
        ResponseBuilder::new().description("A problem").content("application/problem+json", problem).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response));
}

fn text_schema() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}
