//! What surrounds every call? An id (`req_…`, or the caller's own sane one) in the header `X-Request-Id`, its problem
//! written out with that id, one line in the log, and one count.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpResponse};

use super::limits::rates::CallLimits;
use super::metrics::Counted;
use super::{App, Problem, values_sent};
use crate::domain::ids::RequestId;
use crate::platform::clock::{self, Stopwatch};
use crate::platform::random;
use crate::storage::tenants::api_keys::Owner;

/// The header of a call's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where the description of the API is read.
const REFERENCE: [&str; 2] = ["/docs/api/", "/openapi.json"];

/// Wraps every call.
pub async fn surround(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let watch = Stopwatch::start();
    // The pages of the reference know no HEAD; what a GET is answered is written without its body to who asked for the head.
    if req.method() == Method::HEAD && REFERENCE.iter().any(|page| req.path().starts_with(page)) {
        req.head_mut().method = Method::GET;
    }
    let id = request_id(&req);
    let mut response = match next.call(req).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => return Err(error),
    };
    let problem = response.response().error().map(problem_of);
    let problem = problem.map(|problem| values_sent::show(response.request(), problem));
    if let Some(problem) = &problem {
        let written: HttpResponse = problem.respond(Some(&id));
        response = response.into_response(written);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let limits = response.request().extensions_mut().remove::<CallLimits>();
    if let Some(limits) = limits {
        limits.write(response.headers_mut());
    }
    tell(&response, &id, problem.as_ref(), watch);
    Ok(response)
}

/// The caller's own id when it has 1 to 100 harmless characters, else a new one.
fn request_id(req: &ServiceRequest) -> String {
    let given = req.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let sane = |text: &&str| {
        (1..=100).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    match given.filter(sane) {
        Some(text) => text.to_owned(),
        None => RequestId::from_uuid(random::mint(clock::now())).to_string(),
    }
}

/// Our own problem, or one for an error the framework made.
fn problem_of(error: &Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => Problem::new(error.as_response_error().status_code(), "malformed_request", error),
    }
}

/// The log line and the count of a finished call.
fn tell(response: &ServiceResponse<BoxBody>, id: &str, problem: Option<&Problem>, watch: Stopwatch) {
    let req = response.request();
    let (method, status, took) = (req.method().as_str(), response.status().as_u16(), watch.elapsed());
    let route = req.match_pattern();
    let route = route.as_deref().unwrap_or("unmatched");
    if let Some(app) = req.app_data::<Data<App>>() {
        app.metrics.count(Counted { method, route, status, took });
    }
    let tenant = req.extensions().get::<Owner>().map(|owner| owner.tenant_id.to_string());
    let tenant = tenant.as_deref();
    let ms = took.as_millis() as u64;
    let code = problem.map(Problem::code);
    match problem.and_then(Problem::cause) {
        Some(cause) => {
            tracing::error!(request_id = id, method, route, status, ms, tenant, code, cause, "answered")
        }
        None => tracing::info!(request_id = id, method, route, status, ms, tenant, code, "answered"),
    }
}
