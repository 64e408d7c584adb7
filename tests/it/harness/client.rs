//! How does a test call the API? With a key, and with answers that print themselves when they are not what was expected.

use billwright::adapters::https;
use reqwest::Method;
use reqwest::blocking::{Client as Http, RequestBuilder};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::described;

/// A caller with a key.
#[derive(Clone)]
pub struct Client {
    http: Http,
    url: String,
    key: Option<String>,
}

/// A call ready to be made.
#[derive(Debug, Clone)]
pub struct Call {
    /// Such as `POST`.
    pub method: &'static str,
    /// Such as `/v1/customers`.
    pub path: String,
    /// JSON.
    pub body: Option<Value>,
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Client {
    /// A caller of the server at `url`.
    pub fn new(url: &str, key: Option<&str>) -> Client {
        let http = https::client().tls_certs_only([]).no_proxy().timeout(None).build().unwrap();
        Client { http, url: url.to_owned(), key: key.map(str::to_owned) }
    }

    /// The same caller at another server.
    pub fn at(&self, url: &str) -> Client {
        Client { url: url.to_owned(), ..self.clone() }
    }

    /// The same caller with another key, or none.
    pub fn with_key(&self, key: Option<&str>) -> Client {
        Client { key: key.map(str::to_owned), ..self.clone() }
    }

    /// A request to be filled in.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Any call, with JSON or without a body.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let request = self.request(method, path);
        Reply::of(match body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    /// Any call with an `Idempotency-Key`.
    pub fn call_once(&self, key: &str, call: &Call) -> Reply {
        let request = self.request(call.method, &call.path).header("Idempotency-Key", key);
        Reply::of(match &call.body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    /// POST with an `Idempotency-Key`.
    pub fn post_once(&self, key: &str, path: &str, body: Value) -> Reply {
        self.call_once(key, &Call { method: "POST", path: path.to_owned(), body: Some(body) })
    }

    /// GET.
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, None)
    }

    /// POST.
    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path, Some(&body))
    }

    /// PATCH.
    pub fn patch(&self, path: &str, body: Value) -> Reply {
        self.call("PATCH", path, Some(&body))
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, None)
    }
}

impl Reply {
    /// Sends a request, and holds what is refused, and events, to what is described.
    #[track_caller]
    pub fn of(request: RequestBuilder) -> Reply {
        let (http, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let sent = request.body().and_then(|body| serde_json::from_slice(body.as_bytes()?).ok());
        let response = http.execute(request).unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let reply = Reply { status, headers, text, json };
        if reply.header("content-type") == "application/problem+json" && reply.json.is_object() {
            described::check_problem((&method, &path), status, &reply.json);
            described::check_pointers(&path, sent.as_ref(), &reply.json);
        }
        if status < 300 {
            described::check_answer((&method, &path), status, &reply.json);
        }
        if path == "/v1/events" && status == 200 {
            described::check_events(reply.json["data"].as_array().map_or(&[], Vec::as_slice));
        }
        reply
    }

    /// Insists on a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Insists on a problem with this status and code.
    #[track_caller]
    pub fn is_problem(self, status: u16, code: &str) -> Reply {
        let reply = self.is(status);
        assert_eq!(reply.header("content-type"), "application/problem+json", "{}", reply.text);
        assert_eq!(reply.text_at("/code"), code, "{}", reply.text);
        assert_eq!(reply.json["status"], status, "{}", reply.text);
        assert_eq!(reply.text_at("/request_id"), reply.header("x-request-id"));
        reply
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        match self.json.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            _ => panic!("no text at {pointer} in {}", self.text),
        }
    }

    /// The pointers and codes of what is at fault.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let errors = self.json["errors"].as_array().unwrap_or_else(|| panic!("no errors in {}", self.text));
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect()
    }

    /// The `id` of what was made.
    #[track_caller]
    pub fn id(&self) -> String {
        self.text_at("/id")
    }

    /// The rows of a list.
    #[track_caller]
    pub fn data(&self) -> &Vec<Value> {
        self.json["data"].as_array().unwrap_or_else(|| panic!("no list in {}", self.text))
    }

    /// A header, empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
