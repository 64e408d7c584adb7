//! How many are sent at once, and what is heard of each? Sixteen side by side over connections that stay open; an answer is its status, its
//! `Retry-After`, and the beginning of its text.
//!
//! Of 100 the third answers 429 with `Retry-After: 60`: those that have not begun are not begun.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response};
use tokio::runtime::{Builder, Runtime};

use super::signing::{Malformed, signatures};
use crate::adapters::https::causes;
use crate::adapters::reach::{Reach, Wrong};
use crate::platform::clock::{self, Stopwatch};
use crate::platform::secrets::Secret;

/// Sent at once to one endpoint.
const WIDTH: usize = 16;
/// The longest that one call may take, its connection and its answer included.
const TIMEOUT: Duration = Duration::from_secs(15);
/// What is read of an answer, and what is kept of that.
const READ: usize = 64 << 10;
const KEPT: usize = 500;
const AGENT: &str = concat!("billwright/", env!("CARGO_PKG_VERSION"));

/// An event to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The same whenever the same event is sent: receivers know by it what they have.
    pub id: String,
    pub body: Vec<u8>,
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was not begun.
    Unsent,
    Answered {
        status: u16,
        /// For how long nothing else is wanted.
        wait: Option<TimeDelta>,
        /// The beginning.
        text: String,
        milliseconds: u64,
    },
    /// Nothing was heard.
    Unanswered { trouble: String, milliseconds: u64 },
}

/// What one endpoint is written with.
pub struct Post {
    runtime: Runtime,
    client: Client,
    url: String,
    secrets: Vec<Secret>,
}

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Address(#[from] Wrong),
    #[error("{0}")]
    Client(String),
}

impl Post {
    /// To an endpoint of a test tenant, or of a live one, signed by each of these secrets.
    ///
    /// # Errors
    /// The address may not be called.
    pub fn to(url: &str, secrets: Vec<Secret>, (reach, is_test): (&Reach, bool)) -> Result<Post, Unusable> {
        let unusable = |error: &dyn std::error::Error| Unusable::Client(causes(error));
        let builder = reach.waiting_client(url, is_test)?;
        let client = builder.timeout(TIMEOUT).pool_max_idle_per_host(WIDTH).build();
        let client = client.map_err(|e| unusable(&e))?;
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(2).build();
        let runtime = runtime.map_err(|e| unusable(&e))?;
        Ok(Post { runtime, client, url: url.to_owned(), secrets })
    }

    /// Sends these in their order, several at once, as long as `within` is not over; what became of each, in the same order.
    #[must_use]
    pub fn send(&self, letters: &[Letter], within: Duration) -> Vec<Sent> {
        let (begun, is_over) = (&Stopwatch::start(), &AtomicBool::new(false));
        let each = letters.iter().enumerate().map(|(place, letter)| async move {
            if is_over.load(Ordering::Relaxed) || begun.elapsed() > within {
                return (place, Sent::Unsent);
            }
            let sent = self.send_one(letter).await;
            if matches!(sent, Sent::Answered { wait: Some(_), .. } | Sent::Answered { status: 410, .. }) {
                is_over.store(true, Ordering::Relaxed);
            }
            (place, sent)
        });
        // As they are answered: a slow one holds up none behind it.
        let mut sent: Vec<(usize, Sent)> =
            self.runtime.block_on(stream::iter(each).buffer_unordered(WIDTH).collect());
        sent.sort_by_key(|(place, _)| *place);
        sent.into_iter().map(|(_, sent)| sent).collect()
    }

    async fn send_one(&self, letter: &Letter) -> Sent {
        let begun = Stopwatch::start();
        let sent = self.call(letter).await;
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match sent {
            Ok((status, wait, text)) => Sent::Answered { status, wait, text, milliseconds },
            Err(trouble) => Sent::Unanswered { trouble, milliseconds },
        }
    }

    async fn call(&self, letter: &Letter) -> Result<(u16, Option<TimeDelta>, String), String> {
        let now = clock::now();
        let signature = signatures(&self.secrets, (&letter.id, now.timestamp()), &letter.body)
            .map_err(|Malformed| "its secret cannot be used: rotate it".to_owned())?;
        let answer = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .header("webhook-id", &letter.id)
            .header("webhook-timestamp", now.timestamp().to_string())
            .header("webhook-signature", signature)
            .body(letter.body.clone())
            .send()
            .await
            .map_err(|e| trouble(&e))?;
        let status = answer.status().as_u16();
        let wait = match status {
            429 | 500..=599 => wait(answer.headers(), now),
            _ => None,
        };
        // The status is the answer: what is wrong with the text after it changes nothing.
        let text = beginning(answer).await;
        Ok((status, wait, text))
    }
}

fn trouble(error: &reqwest::Error) -> String {
    let limit = TIMEOUT.as_secs();
    if error.is_timeout() { format!("no answer within {limit} seconds") } else { causes(error) }
}

/// Seconds, or a date.
fn wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(TimeDelta::seconds(i64::from(seconds)));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.with_timezone(&Utc) - now)
}

/// What is kept of an answer's text: nothing a database cannot hold.
async fn beginning(mut answer: Response) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(KEPT.saturating_sub(kept.len()))]);
        if read > READ {
            break;
        }
    }
    String::from_utf8_lossy(&kept).replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(text: &str) -> Option<i64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        wait(&headers, now).map(|wait| wait.num_seconds())
    }

    #[test]
    fn how_long_to_wait_is_said_in_seconds_or_as_a_date() {
        assert_eq!(waits("120"), Some(120));
        assert_eq!(waits("Thu, 01 Jan 2026 00:05:00 GMT"), Some(300));
        assert_eq!(waits("soon"), None);
        assert_eq!(waits("-5"), None);
    }
}
