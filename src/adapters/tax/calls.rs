//! How is a provider called? Once, within a bounded time and a bounded size, without following it elsewhere; what its credentials are stands in
//! no message.

use std::io::Read;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client, ClientBuilder, RequestBuilder};
use serde_json::Value;

use super::Trouble;
use crate::adapters::https;
use crate::platform::secrets::Secret;

/// An answer about a hundred invoices is a few hundred kilobytes.
const ANSWER_BYTES: u64 = 8 << 20;
/// Longest part of a provider's own words that is kept.
const WORDS: usize = 300;

/// Where a provider is, and how it is called.
#[derive(Clone)]
pub struct Endpoint {
    pub base_url: String,
    pub credentials: Option<Secret>,
    /// As it calls the seller.
    pub company: Option<String>,
    client: Client,
}

/// A status and a body.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Endpoint {
    /// An address with what calls it, waiting no longer than this for an answer.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(
        (client, base_url): (ClientBuilder, &str),
        credentials: Option<Secret>,
        patience: Duration,
    ) -> Result<Endpoint, Trouble> {
        let client = client.timeout(patience).build();
        let client = client.map_err(|error| Trouble::Unreachable(https::causes(&error)))?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Endpoint { base_url, credentials, company: None, client })
    }

    /// The same for a seller that the provider calls so.
    #[must_use]
    pub fn of_company(self, company: Option<String>) -> Endpoint {
        Endpoint { company, ..self }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base_url)).header("accept", "application/json")
    }

    /// A call with a body of JSON and the credentials as a bearer token.
    pub(super) fn bearing(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        let mut request = self.request(method, path);
        if let Some(token) = &self.credentials {
            request = request.bearer_auth(token.expose());
        }
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

/// Makes the call. Statuses of faults, and of too many calls, are trouble of the provider.
pub(super) fn send(request: RequestBuilder) -> Result<Reply, Trouble> {
    let lost = |error: &dyn std::error::Error| Trouble::Unreachable(https::causes(error));
    let answer = request.send().map_err(|error| lost(&error.without_url()))?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    answer.take(ANSWER_BYTES + 1).read_to_end(&mut bytes).map_err(|error| lost(&error))?;
    if bytes.len() as u64 > ANSWER_BYTES {
        return Err(Trouble::Unreachable("its answer is larger than one may be".to_owned()));
    }
    let body = serde_json::from_slice(&bytes).ok().filter(|body| !holds_nul(body));
    if status >= 500 || [408, 425, 429].contains(&status) {
        return Err(Trouble::Unreachable(format!(
            "the provider answered with status {status}{}",
            words(body.as_ref())
        )));
    }
    match body {
        Some(body) => Ok(Reply { status, body }),
        None if status >= 400 => Ok(Reply { status, body: Value::Null }),
        None => Err(Trouble::Unreachable("the answer of the provider cannot be read".to_owned())),
    }
}

/// Whether there is a NUL anywhere in it, which no database keeps.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Reply {
    /// The body of an answer that says yes.
    pub(super) fn accepted(self) -> Result<Value, Trouble> {
        match self.status {
            200..=299 => Ok(self.body),
            status => Err(Trouble::Refused(format!(
                "the provider answered with status {status}{}",
                words(Some(&self.body))
            ))),
        }
    }
}

/// What a provider says of an error, wherever it says it.
fn words(body: Option<&Value>) -> String {
    let Some(body) = body else { return String::new() };
    let places = ["/error/message", "/error", "/detail", "/message"];
    let said = places.iter().find_map(|place| body.pointer(place)?.as_str());
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(WORDS).collect::<String>();
    said.map(|text| format!(": {}", plain(text))).unwrap_or_default()
}

/// An answer that is none.
pub(super) fn unreadable(of_it: &str) -> Trouble {
    Trouble::Refused(format!("the answer of the provider cannot be read: {of_it}"))
}
