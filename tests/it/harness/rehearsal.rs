//! Who plays the provider? The reference server, in this process, with the faults that a test orders.

use std::net::TcpListener;
use std::thread;

use billwright::cli::tax_provider::serve;
use billwright::http::server::block_on;
use serde_json::{Value, json};

use super::Client;

/// A reference server until the process ends.
pub struct Rehearsal {
    pub url: String,
    client: Client,
}

impl Rehearsal {
    pub fn open() -> Rehearsal {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || block_on(async { serve(listener).unwrap().await }));
        let client = Client::new(&url, None);
        Rehearsal { url, client }
    }

    /// The next calls of a kind fail so.
    pub fn fail(&self, call: &str, how: &str, times: u32) {
        let faults = json!([{ "call": call, "how": how, "times": times }]);
        self.client.patch("/_state", json!({ "faults": faults })).is(200);
    }

    pub fn set(&self, setting: Value) {
        self.client.patch("/_state", setting).is(200);
    }

    /// Locks a document, or changes its tax.
    pub fn change(&self, id: &str, change: Value) {
        self.client.patch(&format!("/_state/documents/{id}"), change).is(200);
    }

    pub fn state(&self) -> Value {
        self.client.get("/_state").is(200).json
    }

    /// `committed 8.25 1 0`: status, tax, how often it was sent, and how often voided.
    pub fn document(&self, id: &str) -> String {
        let document = &self.state()["documents"][id];
        if document.is_null() {
            return "nothing".to_owned();
        }
        format!(
            "{} {} {} {}",
            document["status"].as_str().unwrap(),
            document["tax"].as_str().unwrap(),
            document["sent"],
            document["voided"]
        )
    }

    /// A document as it was sent first.
    pub fn sent(&self, id: &str) -> Value {
        self.state()["documents"][id]["document"].clone()
    }

    pub fn calls(&self, call: &str) -> u64 {
        self.state()["calls"][call].as_u64().unwrap_or(0)
    }
}
