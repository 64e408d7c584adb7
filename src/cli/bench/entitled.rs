//! Whose entitlements are read while they are measured? A hundred customers of a plan with a feature that is had, one counted and
//! one metered, each with usage: what a product asks on every request of its own.

use super::Fallible;
use super::api::post;
use super::load::Connection;
use super::served::Served;

/// Customers whose entitlements are read.
const CUSTOMERS: usize = 100;

/// Makes them over HTTP; gives their ids.
pub(super) fn make(served: &Served, key: &str) -> Fallible<Vec<String>> {
    let mut maker = Maker { connection: Connection::open(served.address())?, key };
    let meter = maker.made(
        "/v1/meters",
        r#"{"code":"calls","name":"Calls","event_type":"call","aggregation":"sum","value_property":"units"}"#,
    )?;
    let product = maker.made("/v1/products", r#"{"name":"API"}"#)?;
    let plan = format!(
        r#"{{"code":"entitled","name":"Entitled","product_id":"{product}","currency":"USD","interval":"month",
            "prices":[{{"code":"base","kind":"recurring","model":{{"type":"flat","amount":"10.00"}}}}],
            "features":[{{"code":"sso","type":"boolean"}},{{"code":"seats","type":"limit","limit":"10"}},
                        {{"code":"calls","type":"metered","meter_id":"{meter}","limit":"10000"}}]}}"#
    );
    let plan = maker.made("/v1/plans", &plan)?;
    let mut customers = Vec::with_capacity(CUSTOMERS);
    for n in 0..CUSTOMERS {
        let customer = maker.made("/v1/customers", &format!(r#"{{"name":"Entitled {n}"}}"#))?;
        let subscription =
            format!(r#"{{"customer_id":"{customer}","plan_id":"{plan}","collection":"send_invoice"}}"#);
        maker.made("/v1/subscriptions", &subscription)?;
        let event = format!(
            r#"{{"specversion":"1.0","id":"{n}","source":"bench","type":"call","subject":"{customer}","data":{{"units":"1"}}}}"#
        );
        maker.send("/v1/usage/events", &event, 200)?;
        customers.push(customer);
    }
    Ok(customers)
}

/// Makes things over one connection.
struct Maker<'a> {
    connection: Connection,
    key: &'a str,
}

impl Maker<'_> {
    fn send(&mut self, path: &str, body: &str, expected: u16) -> Fallible<String> {
        let mut call = Vec::new();
        post(&mut call, self.key, (path, body));
        let status = self.connection.send(&call)?;
        let answer = self.connection.answer().to_string();
        if status != expected {
            return Err(format!("POST {path} answered {status}: {answer}").into());
        }
        Ok(answer)
    }

    /// The id of what a POST makes.
    fn made(&mut self, path: &str, body: &str) -> Fallible<String> {
        let answer = self.send(path, body, 201)?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        let made: serde_json::Value = serde_json::from_str(body)?;
        let id = made.get("id").and_then(serde_json::Value::as_str);
        Ok(id.ok_or("an answer without an id")?.to_owned())
    }
}
