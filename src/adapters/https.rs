//! With what are remote parties called? One kind of client: TLS by Rust alone, with the certificates that the system trusts.

use std::sync::Once;

use reqwest::blocking::{Client, ClientBuilder};
use rustls::crypto::ring;

/// A client to be given its limits.
pub fn client() -> ClientBuilder {
    choose();
    Client::builder()
}

/// The same for calls that are made side by side by one thread.
pub fn waiting_client() -> reqwest::ClientBuilder {
    choose();
    reqwest::Client::builder()
}

fn choose() {
    static CHOSEN: Once = Once::new();
    // Whoever chose before chose for the whole process: that is as good.
    CHOSEN.call_once(|| drop(ring::default_provider().install_default()));
}

/// An error with what caused it: reqwest's own words name only the URL.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
