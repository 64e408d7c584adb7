//! What was sent that is at fault? A refusal that points at a value names it: `an email address looks like billing@example.com; "nobody" was sent`. Secrets are
//! not repeated.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest};
use serde_json::Value;

use super::Problem;
use super::body::Sent;
use crate::domain::refusal::FieldError;

/// A longer value is not repeated.
const LONGEST: usize = 80;
/// What stands before a parameter's name in a pointer.
const QUERY: &str = "/query/";
/// Fields of which nothing is repeated, nor of what is in them.
const SECRETS: [&str; 9] = [
    "credentials",
    "iban",
    "account_number",
    "last4",
    "password",
    "secret",
    "secret_key",
    "token",
    "webhook_secrets",
];

/// The problem with the values that its sentences do not name yet.
pub(super) fn show(req: &HttpRequest, problem: Problem) -> Problem {
    // Of what the state of a thing does not allow, the value is not at fault.
    if problem.errors().is_empty() || problem.status() == StatusCode::CONFLICT {
        return problem;
    }
    let body = req.extensions().get::<Sent>().and_then(|sent| serde_json::from_slice::<Value>(&sent.0).ok());
    let errors = problem.errors().iter().map(|error| {
        // A card's number where none belongs was said once too often, and of a field that is not there its name says all.
        if ["card_number", "unknown_field", "missing_field"].contains(&error.code.as_str()) {
            return error.clone();
        }
        let sent = match error.pointer.strip_prefix(QUERY) {
            Some(name) => parameter(req.query_string(), name),
            None => body.as_ref().and_then(|body| value_at(body, &error.pointer)),
        };
        match sent {
            Some(sent) => FieldError { detail: naming(&error.detail, &sent), ..error.clone() },
            None => error.clone(),
        }
    });
    let errors = errors.collect();
    problem.reworded(errors)
}

/// A value that can be repeated: no secret, no long one, no object.
fn value_at(body: &Value, pointer: &str) -> Option<String> {
    if pointer.split('/').any(|part| SECRETS.contains(&part)) {
        return None;
    }
    let sent = match body.pointer(pointer)? {
        Value::Object(_) | Value::Array(_) | Value::Null => return None,
        scalar => scalar.to_string(),
    };
    (sent.len() <= LONGEST).then_some(sent)
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name)?;
    let sent = Value::from(value).to_string();
    (sent.len() <= LONGEST).then_some(sent)
}

/// The sentence, and the value after it unless it is in it.
fn naming(detail: &str, sent: &str) -> String {
    match detail.contains(sent.trim_matches('"')) && sent.trim_matches('"').trim() != "" {
        true => detail.to_owned(),
        false => format!("{detail}; {sent} was sent"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sentence_names_the_value_once() {
        assert_eq!(
            naming("an email address has one @", "\"nobody\""),
            "an email address has one @; \"nobody\" was sent"
        );
        assert_eq!(naming("there is no word `moon`", "\"moon\""), "there is no word `moon`");
        assert_eq!(naming("this text is blank", "\" \""), "this text is blank; \" \" was sent");
    }

    #[test]
    fn secrets_and_long_values_are_not_repeated() {
        let body = json!({ "token": "4242424242424242", "credentials": { "secret_key": "sk" }, "name": "x".repeat(100), "days": 7, "of": [1] });
        assert_eq!(value_at(&body, "/token"), None);
        assert_eq!(value_at(&body, "/credentials/secret_key"), None);
        assert_eq!(value_at(&body, "/name"), None);
        assert_eq!(value_at(&body, "/of"), None);
        assert_eq!(value_at(&body, "/days"), Some("7".to_owned()));
    }

    #[test]
    fn a_parameter_is_named_as_it_was_meant() {
        assert_eq!(parameter("limit=0&after=a%20b", "after"), Some("\"a b\"".to_owned()));
        assert_eq!(parameter("limit=0", "before"), None);
    }
}
