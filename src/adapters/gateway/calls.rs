//! How is a gateway called? Once, by a deadline, with the key of its account, and not at all while it keeps failing. What comes back is a status
//! and JSON, or nothing: 402 and `{"error": …}` from Stripe.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::Value;

use crate::adapters::https;
use crate::domain::ids::GatewayAccountId;
use crate::platform::breakers::Breakers;
use crate::platform::clock;
use crate::platform::secrets::Secret;

/// A page of a hundred intents is a few hundred kilobytes.
const ANSWER_BYTES: u64 = 8 << 20;
/// What is sent with a call.
struct Body {
    content_type: &'static str,
    text: String,
}

/// How calls of a gateway are made: the headers that each has besides its key, and the longest wait for one answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub headers: &'static [(&'static str, &'static str)],
    pub patience: Duration,
}

/// A call to be made.
pub(super) struct Wish {
    method: Method,
    path: String,
    body: Option<Body>,
    key: Option<String>,
}

impl Wish {
    pub(super) fn of(method: Method, path: &str) -> Wish {
        Wish { method, path: path.to_owned(), body: None, key: None }
    }

    pub(super) fn post(path: &str, form: &[(&str, String)]) -> Wish {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let body = Body { content_type: "application/x-www-form-urlencoded", text };
        Wish { body: Some(body), ..Wish::of(Method::POST, path) }
    }

    pub(super) fn post_json(path: &str, value: &Value) -> Wish {
        let body = Body { content_type: "application/json", text: value.to_string() };
        Wish { body: Some(body), ..Wish::of(Method::POST, path) }
    }

    /// The same, done once however often it is sent within a day.
    pub(super) fn once(self, key: &str) -> Wish {
        Wish { key: Some(key.to_owned()), ..self }
    }
}

/// A status and a body.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub body: Value,
}

/// How an account is reached.
pub(super) struct Line {
    base_url: String,
    client: Client,
    breakers: Arc<Breakers<GatewayAccountId>>,
    id: GatewayAccountId,
    secret_key: Secret,
    manner: Manner,
}

impl Line {
    pub(super) fn new(
        base_url: &str,
        client: Client,
        (breakers, id): (Arc<Breakers<GatewayAccountId>>, GatewayAccountId),
        (secret_key, manner): (&str, Manner),
    ) -> Line {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Line { base_url, client, breakers, id, secret_key: Secret::new(secret_key), manner }
    }

    /// Makes it. `None`: nobody knows whether it was done; or it was not sent, because time is over or the gateway keeps failing.
    pub(super) fn call(&self, wish: &Wish, deadline: DateTime<Utc>) -> Option<Reply> {
        let left = deadline.signed_duration_since(clock::now()).to_std().ok()?;
        if !self.breakers.admits(&self.id) {
            return None;
        }
        let answer = self.send(wish, left.min(self.manner.patience));
        let is_well = answer.as_ref().is_ok_and(|reply| reply.status < 500);
        self.breakers.note(self.id, is_well);
        match answer {
            Ok(reply) => Some(reply),
            Err(error) => {
                tracing::warn!(account = %self.id, path = wish.path.split('?').next(), error, "a gateway gave no answer");
                None
            }
        }
    }

    fn send(&self, wish: &Wish, patience: Duration) -> Result<Reply, String> {
        let url = format!("{}{}", self.base_url, wish.path);
        let mut request = self
            .client
            .request(wish.method.clone(), url)
            .timeout(patience)
            .bearer_auth(self.secret_key.expose());
        for (name, value) in self.manner.headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = &wish.body {
            request = request.header("content-type", body.content_type).body(body.text.clone());
        }
        if let Some(key) = &wish.key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().map_err(|error| https::causes(&error.without_url()))?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        answer.take(ANSWER_BYTES + 1).read_to_end(&mut bytes).map_err(|error| https::causes(&error))?;
        if bytes.len() as u64 > ANSWER_BYTES {
            return Err("its answer is larger than one may be".to_owned());
        }
        match serde_json::from_slice(&bytes) {
            Ok(body) => Ok(Reply { status, body }),
            // A proxy's page of an error is none of the gateway's words.
            Err(_) if status >= 400 => Ok(Reply { status: status.max(500), body: Value::Null }),
            Err(_) => Err("its answer cannot be read".to_owned()),
        }
    }
}
