//! How is each operation called so that it succeeds? One line for each operation of `openapi.json`; the walks of
//! `coverage.rs` call them all, and fail when an operation has no line here.

mod accounts_to_fulfilments;
mod invoices_to_webhooks;

use serde_json::Value;

pub use super::made::Made;
use crate::harness::Call;

/// How one operation is called.
pub struct Example {
    /// Method and URL, as in `openapi.json`.
    pub operation: &'static str,
    /// The `{id}` of its URL, made when there is none yet.
    pub id: Option<fn(&mut Made) -> String>,
    /// What stands after the `?` of its URL.
    pub query: Option<fn(&mut Made) -> String>,
    /// Its body.
    pub body: Option<fn(&mut Made) -> Value>,
    /// What it answers.
    pub status: u16,
    /// Whether its answer holds a secret that a replay leaves out.
    pub shows_once: bool,
}

const fn get(operation: &'static str, id: Option<fn(&mut Made) -> String>) -> Example {
    Example { operation, id, query: None, body: None, status: 200, shows_once: false }
}

const fn post(operation: &'static str, status: u16, body: fn(&mut Made) -> Value) -> Example {
    Example { operation, id: None, query: None, body: Some(body), status, shows_once: false }
}

/// A command on a thing, without a body.
const fn command(operation: &'static str, id: fn(&mut Made) -> String) -> Example {
    Example { operation, id: Some(id), query: None, body: None, status: 200, shows_once: false }
}

/// A command on a thing, with a body.
const fn on(operation: &'static str, id: fn(&mut Made) -> String, body: fn(&mut Made) -> Value) -> Example {
    Example { body: Some(body), ..command(operation, id) }
}

/// One line for each operation, in the order of their URLs.
pub fn all() -> impl Iterator<Item = &'static Example> {
    accounts_to_fulfilments::LIST.iter().chain(invoices_to_webhooks::LIST)
}

/// The example of an operation.
pub fn find(operation: &str) -> Option<&'static Example> {
    all().find(|example| example.operation == operation)
}

impl Example {
    /// Fills in what `made` has, making what is missing.
    pub fn call(&self, made: &mut Made) -> Call {
        let (method, url) = self.operation.split_once(' ').unwrap();
        let path = match self.id {
            Some(id) => url.replace("{id}", &id(made)).replace("{number}", "1").replace("{line_no}", "1"),
            None => url.to_owned(),
        };
        let path = match path.contains("{migration_id}") {
            true => path.replace("{migration_id}", &made.plan_migration()),
            false => path,
        };
        let path = match self.query {
            Some(query) => format!("{path}?{}", query(made)),
            None => path,
        };
        Call { method, path, body: self.body.map(|body| body(made)) }
    }
}

/// Every operation the API describes, as `METHOD /url`, with its description.
pub fn operations() -> Vec<(String, Value)> {
    let document = serde_json::to_value(billwright::http::openapi()).unwrap();
    let mut operations = Vec::new();
    for (url, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{} {url}", method.to_uppercase()), operation.clone()));
        }
    }
    operations
}
