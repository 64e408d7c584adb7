//! How does the simulator tell of what happened? Each event is sent to the account's endpoint, signed when it is sent; as late, as often and in as
//! strange an order as was set, and again until somebody answers that it is taken.
//!
//! `{"delay_ms": 100, "spread_ms": 2000, "copies": 2}`: each event comes twice, each time after 0.1 to 2.1 seconds.

use std::time::Duration;

use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::adapters::gateway::notices::signature;
use crate::adapters::https;
use crate::platform::{clock, random};

/// How often a copy is sent that nobody takes: for about an hour.
const ATTEMPTS: u32 = 70;
/// The longest time between two of them, in seconds.
const LONGEST_WAIT: u64 = 60;
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the events of an account are sent, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub url: String,
    #[serde(skip_serializing)]
    pub secret: String,
    /// Milliseconds that each copy waits.
    #[serde(default)]
    pub delay_ms: u64,
    /// Milliseconds that a copy may wait beyond that, by chance: so they overtake each other.
    #[serde(default)]
    pub spread_ms: u64,
    #[serde(default = "once")]
    pub copies: u8,
}

fn once() -> u8 {
    1
}

/// What an event is about.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    pub charge: Option<String>,
    pub charge_key: Option<String>,
    pub refund_key: Option<String>,
    pub payout: Option<String>,
}

/// An event as it is sent.
pub(super) fn event(type_: &str, about: &About) -> Value {
    let id = format!("simevt_{}", random::mint(clock::now()).simple());
    json!({ "id": id, "type": type_, "created_at": clock::now(), "charge": about.charge,
        "charge_key": about.charge_key, "refund_key": about.refund_key, "payout": about.payout })
}

/// Sends it in the background.
pub(super) fn send(client: &Client, endpoint: &Endpoint, event: &Value) {
    for _ in 0..endpoint.copies {
        let (client, endpoint, body) = (client.clone(), endpoint.clone(), event.to_string());
        let spread = u64::from(random::cheap_u32()) % endpoint.spread_ms.saturating_add(1);
        let delay = Duration::from_millis(endpoint.delay_ms.saturating_add(spread));
        drop(actix_web::rt::spawn(async move {
            actix_web::rt::time::sleep(delay).await;
            deliver(&client, &endpoint, body).await;
        }));
    }
}

/// What events are sent with.
///
/// # Errors
/// It cannot be made.
pub(super) fn client() -> std::io::Result<Client> {
    https::waiting_client().no_proxy().timeout(PATIENCE).build().map_err(std::io::Error::other)
}

async fn deliver(client: &Client, endpoint: &Endpoint, body: String) {
    for attempt in 0..ATTEMPTS {
        let signed = signature(&endpoint.secret, clock::now().timestamp(), &body);
        let request = client.post(&endpoint.url).header("simulator-signature", signed);
        let answer = request.header("content-type", "application/json").body(body.clone()).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        let wait = 1_u64.checked_shl(attempt).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        actix_web::rt::time::sleep(Duration::from_secs(wait)).await;
    }
    tracing::warn!(url = endpoint.url, "nobody takes an event");
}
