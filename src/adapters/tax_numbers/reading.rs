//! What does an answer of VIES say? Valid or invalid only where it says just that, of the number that was sent; everything else is unknown.
//!
//! `{"valid": true, "requestIdentifier": "WAPIAAAA…", "name": "ACME"}` is valid. `{"valid": false, "userError": "MS_MAX_CONCURRENT_REQ"}` is
//! unknown, and so are status 500, an empty body and a page of HTML.

use serde::Deserialize;

use crate::domain::customers::verification::{Answer, Evidence};

/// What VIES writes where it says nothing of a name or an address.
const NOTHING: &str = "---";
/// Longest text that is kept.
const LONGEST: usize = 500;

/// The errors of one that did not succeed, and the fields of one that did.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    valid: Option<bool>,
    user_error: Option<String>,
    country_code: Option<String>,
    vat_number: Option<String>,
    request_identifier: Option<String>,
    name: Option<String>,
    address: Option<String>,
    action_succeed: Option<bool>,
    error_wrappers: Vec<ErrorWrapper>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorWrapper {
    error: Option<String>,
}

/// Reads an answer about a number of a state, `("DE", "136695976")`.
pub(super) fn read((state, number): (&str, &str), status: u16, bytes: &[u8]) -> Answer {
    let unknown = |reason: String| Answer::Unknown { reason };
    let body: Body = match serde_json::from_slice(bytes) {
        Ok(body) => body,
        Err(_) if status != 200 => return unknown(format!("the register answered with status {status}")),
        Err(_) => return unknown("the answer of the register cannot be read".to_owned()),
    };
    let wrapped = body.error_wrappers.into_iter().find_map(|wrapper| wrapper.error);
    if let Some(error) = wrapped.and_then(shown) {
        return unknown(error);
    }
    if status != 200 || body.action_succeed == Some(false) {
        return unknown(format!("the register answered with status {status}"));
    }
    let is_other = |given: &Option<String>, sent: &str| {
        given.as_deref().is_some_and(|given| !given.trim().eq_ignore_ascii_case(sent))
    };
    if is_other(&body.country_code, state) || is_other(&body.vat_number, number) {
        return unknown("the register answered about another number".to_owned());
    }
    let evidence = Evidence {
        consultation: body.request_identifier.and_then(shown),
        name: body.name.and_then(shown),
        address: body.address.and_then(shown),
    };
    match (body.valid, body.user_error.as_deref().map(str::trim).filter(|error| !error.is_empty())) {
        (Some(true), None | Some("VALID")) => Answer::Valid(evidence),
        (Some(false), None | Some("INVALID")) => Answer::Invalid(evidence),
        (_, Some(error)) => unknown(shown(error.to_owned()).unwrap_or_default()),
        (None, None) => unknown("the register did not say whether the number is valid".to_owned()),
    }
}

/// A text that says something, as it is kept: without what no database keeps, and not longer than is sensible.
fn shown(text: String) -> Option<String> {
    let plain: String = text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).take(LONGEST).collect();
    (!plain.is_empty() && plain != NOTHING).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(status: u16, body: &str) -> String {
        match read(("DE", "136695976"), status, body.as_bytes()) {
            Answer::Valid(evidence) => format!("valid {evidence:?}"),
            Answer::Invalid(_) => "invalid".to_owned(),
            Answer::Unknown { reason } => format!("unknown: {reason}"),
        }
    }

    #[test]
    fn valid_is_valid_with_its_evidence_and_invalid_is_invalid() {
        let valid = r#"{"countryCode":"DE","vatNumber":"136695976","requestDate":"2026-01-05T12:00:00.000Z","valid":true,
            "requestIdentifier":"WAPIAAAAZ1","name":"---","address":"Berlin\u0000"}"#;
        let evidence =
            r#"Evidence { consultation: Some("WAPIAAAAZ1"), name: None, address: Some("Berlin") }"#;
        assert_eq!(standing(200, valid), format!("valid {evidence}"));
        assert_eq!(standing(200, r#"{"valid":false,"requestIdentifier":"","name":"---"}"#), "invalid");
        assert_eq!(standing(200, r#"{"valid":false,"userError":"INVALID"}"#), "invalid");
    }

    #[test]
    fn all_else_is_unknown() {
        let cap = r#"{"actionSucceed":false,"errorWrappers":[{"error":"MS_MAX_CONCURRENT_REQ"}]}"#;
        assert_eq!(standing(200, cap), "unknown: MS_MAX_CONCURRENT_REQ");
        assert_eq!(standing(400, cap), "unknown: MS_MAX_CONCURRENT_REQ");
        for error in
            ["MS_UNAVAILABLE", "TIMEOUT", "SERVICE_UNAVAILABLE", "GLOBAL_MAX_CONCURRENT_REQ", "VALID"]
        {
            let body = format!(r#"{{"valid":false,"userError":"{error}"}}"#);
            assert_eq!(standing(200, &body), format!("unknown: {error}"));
        }
        assert_eq!(standing(200, r#"{"valid":true,"userError":"INVALID"}"#), "unknown: INVALID");
        let plain = "unknown: the register did not say whether the number is valid";
        assert_eq!(standing(200, "{}"), plain);
        assert_eq!(standing(200, r#"{"valid":null}"#), plain);
        assert_eq!(standing(500, r#"{"valid":false}"#), "unknown: the register answered with status 500");
        assert_eq!(standing(502, "<html>Bad gateway"), "unknown: the register answered with status 502");
        for unreadable in ["", "<html>", "[]x", r#"{"valid":"false"}"#, r#"{"valid":fal"#] {
            assert_eq!(standing(200, unreadable), "unknown: the answer of the register cannot be read");
        }
        let other = r#"{"countryCode":"DE","vatNumber":"999999999","valid":false}"#;
        assert_eq!(standing(200, other), "unknown: the register answered about another number");
    }
}
