//! Is this body JSON, and of the right shape? 400 with line and column when it is not JSON, 422 with a pointer when a
//! field is unknown, missing or of another type: `{"nmae": "A"}` is refused at `/nmae`. What no field can be is refused for all of
//! them here: U+0000, and a leap second.

mod every;
mod objects;
mod shape;
mod wording;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{self, Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use self::shape::read_shape;
pub(in crate::http) use self::shape::{not_json, shape};
pub use self::wording::shape_problem;
use super::unkeepable;
use super::{App, Problem};
use crate::storage::StorageError;
use crate::storage::tenants::api_keys::Owner;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much memory a body is given before anything of it has arrived.
const AT_FIRST: usize = 16 << 10;

/// In a body longer than this the first fault of shape is named and no other looked for.
const SEARCHED: usize = 16 << 10;

/// A body longer than this is read on a thread of its own: those that take up requests go on meanwhile.
const LONG: usize = 64 << 10;

/// The body as it was sent, for whoever names a value in it.
#[derive(Debug, Clone)]
pub struct Sent(pub Bytes);

/// Reads the whole body of a caller, if it is JSON by its header and not longer than the server takes.
pub async fn read(req: &HttpRequest, payload: Payload, app: &App, owner: Owner) -> Result<Bytes, Problem> {
    // A caller that trickles its body must not hold a connection for ever.
    let body = timeout(PATIENCE, collect(req, payload, (app, owner))).await.map_err(|_| {
        let detail = format!("the body did not arrive within {} seconds", PATIENCE.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
    })??;
    let encoding = req.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "encoded_body",
            "send the body as it is, without the header Content-Encoding",
        ));
    }
    if !body.is_empty() && !is_json(req) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "send the body as JSON, with the header Content-Type: application/json",
        ));
    }
    Ok(body)
}

/// Takes memory for what has arrived, not for what was announced: a thousand callers who announce two megabytes and send a byte hold 16 kB each.
async fn collect(
    req: &HttpRequest,
    mut payload: Payload,
    (app, owner): (&App, Owner),
) -> Result<Bytes, Problem> {
    let limit = app.max_body;
    let announced: Option<usize> =
        req.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut held = app.shares.body(owner);
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).min(AT_FIRST));
    while let Some(part) = payload.next().await {
        let part =
            part.map_err(|e| Problem::malformed("unreadable_body", format!("the body cannot be read: {e}")))?;
        if body.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        if !held.grow(part.len()) {
            return Err(app.shares.too_many_bodies());
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("a body is at most {limit} bytes long"),
    )
}

/// `application/json` or `application/something+json`.
fn is_json(req: &HttpRequest) -> bool {
    let header = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads a body that is kept: its shape, of which every fault is named, and that nothing in it is what cannot be stored.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = match read_shape::<T>(bytes)? {
        Ok(value) => value,
        Err(first) if bytes.len() <= SEARCHED => return Err(every::fault::<T>(bytes, first).into()),
        Err(first) => return Err(first.into()),
    };
    unkeepable::check_body(bytes)?;
    Ok(value)
}

/// Does work on a body: at once, or on a thread of its own when the body is long.
pub async fn apart<T: Send + 'static>(
    length: usize,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    if length <= LONG {
        return work();
    }
    let done = web::block(work).await;
    done.map_err(|error| Problem::from(StorageError::Internal(format!("a body was not read: {error}"))))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "its fields are only there to be asked for")]
    struct Order {
        name: String,
        #[serde(default)]
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Interval {
        Month,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "its fields are only there to be asked for")]
    struct Item {
        quantity: String,
        interval: Option<Interval>,
    }

    fn refused(body: &str) -> (u16, String, String) {
        let problem = parse::<Order>(body.as_bytes()).unwrap_err().to_wire(None);
        (problem.status, problem.code, problem.errors.first().map(|e| e.pointer.clone()).unwrap_or_default())
    }

    #[test]
    fn each_fault_of_a_body_is_named_with_its_place() {
        let field = |code: &str, pointer: &str| (422, code.to_owned(), pointer.to_owned());
        assert_eq!(refused(r#"{"name":"A","nmae":"B"}"#), field("unknown_field", "/nmae"));
        assert_eq!(
            refused(r#"{"name":"A","items":[{"quantity":"1","a/b":2}]}"#),
            field("unknown_field", "/items/0/a~1b")
        );
        assert_eq!(refused(r#"{}"#), field("missing_field", "/name"));
        assert_eq!(refused(""), field("missing_field", "/name"));
        assert_eq!(refused(r#"{"name":"A","items":[{}]}"#), field("missing_field", "/items/0/quantity"));
        assert_eq!(refused(r#"{"name":1}"#), field("wrong_type", "/name"));
        assert_eq!(
            refused(r#"{"name":"A","items":[{"quantity":7}]}"#),
            field("wrong_type", "/items/0/quantity")
        );
        assert_eq!(refused(r#"{"name":"A","name":"B"}"#), field("duplicate_field", "/name"));
        let each = |interval| format!(r#"{{"name":"A","items":[{{"quantity":"1","interval":{interval}}}]}}"#);
        assert!(
            parse::<Order>(each("\"month\"").as_bytes())
                .is_ok_and(|o| matches!(o.items[0].interval, Some(Interval::Month)))
        );
        assert_eq!(refused(&each("[[[]]]")), field("wrong_type", "/items/0/interval"));
        assert_eq!(refused(&each("7")), field("wrong_type", "/items/0/interval"));
        assert_eq!(refused(&each("\"moon\"")), field("bad_value", "/items/0/interval"));
        assert_eq!(refused("[1]"), field("wrong_type", ""));
    }

    #[test]
    fn all_faults_of_a_shape_are_named_at_once() {
        let body = r#"{"nmae": "B", "items": [{"quantity": 7}, {"quantity": "1", "interval": "moon"}, {"interval": "month"}, [1]], "more": 1}"#;
        let mut errors: Vec<String> = parse::<Order>(body.as_bytes())
            .unwrap_err()
            .to_wire(None)
            .errors
            .into_iter()
            .map(|error| format!("{} {}", error.code, error.pointer))
            .collect();
        errors.sort();
        assert_eq!(
            errors,
            [
                "bad_value /items/1/interval",
                "missing_field /items/2/quantity",
                "missing_field /name",
                "unknown_field /more",
                "unknown_field /nmae",
                "wrong_type /items/0/quantity",
                "wrong_type /items/3",
            ]
        );
        assert_eq!(refused(r#"{"name":"A","name":"B","x":1}"#).1, "invalid");
    }

    #[test]
    fn no_fault_is_told_by_the_name_of_a_type_of_ours() {
        for body in [
            "[1]",
            r#"{"name":"A","items":[[]]}"#,
            r#"{"name":"A","items":{}}"#,
            r#"{"name":"A","items":[{"interval":[]}]}"#,
        ] {
            let problem = parse::<Order>(body.as_bytes()).unwrap_err().to_wire(None);
            for word in ["struct", "Order", "Item", "Interval", "sequence", "variant"] {
                assert!(!problem.detail.contains(word), "{}", problem.detail);
            }
        }
    }

    #[test]
    fn what_is_not_json_is_refused_with_line_and_column() {
        for bad in [
            r#"{"name":"A""#,
            r#"{"name":"A"} x"#,
            "nonsense",
            r#"{"x": "#,
            "{\"name\":\"A\",\n}",
            "\u{feff}{}",
        ] {
            assert_eq!((refused(bad).0, refused(bad).1.as_str()), (400, "malformed_json"), "{bad}");
        }
    }
}
