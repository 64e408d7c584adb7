//! How are the European Central Bank's files fetched? By two URLs below one address, each within seconds and a bounded size, or not at all.

use std::io::Read;
use std::time::Duration;

use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use super::file::read;
use super::published::{Published, Unread};
use crate::adapters::https;

/// A day's file is 2 kB, ninety days' 150.
const FETCHED_BYTES: u64 = 4 << 20;
/// What a file may take from the first byte sent to the last one read.
const PATIENCE: Duration = Duration::from_secs(20);
const REDIRECTS: usize = 3;

const DAY: &str = "eurofxref-daily.xml";
const NINETY_DAYS: &str = "eurofxref-hist-90d.xml";

/// Where the files lie.
#[derive(Debug, Clone)]
pub struct Ecb {
    address: String,
    patience: Duration,
}

impl Ecb {
    /// At an address such as `https://www.ecb.europa.eu/stats/eurofxref`.
    #[must_use]
    pub fn at(address: &str) -> Ecb {
        Ecb { address: address.trim_end_matches('/').to_owned(), patience: PATIENCE }
    }

    /// The same, waiting no longer than this for a file.
    #[must_use]
    pub fn within(self, patience: Duration) -> Ecb {
        Ecb { patience, ..self }
    }

    /// The rates of the last day of which there are some.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn of_the_day(&self) -> Result<Published, Unread> {
        self.fetch(DAY)
    }

    /// The rates of the last ninety days.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn of_ninety_days(&self) -> Result<Published, Unread> {
        self.fetch(NINETY_DAYS)
    }

    fn fetch(&self, file: &str) -> Result<Published, Unread> {
        let url = format!("{}/{file}", self.address);
        let unreachable = |reason: String| Unread::Unreachable { url: url.clone(), reason };
        let client = self.client().map_err(|e| unreachable(https::causes(&e)))?;
        let answer = client.get(&url).send().map_err(|e| unreachable(https::causes(&e)))?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(Unread::Refused { url, status });
        }
        let mut bytes = Vec::new();
        answer.take(FETCHED_BYTES + 1).read_to_end(&mut bytes).map_err(|e| unreachable(https::causes(&e)))?;
        if bytes.len() as u64 > FETCHED_BYTES {
            return Err(Unread::TooLarge);
        }
        read(&bytes)
    }

    fn client(&self) -> Result<Client, reqwest::Error> {
        https::client().timeout(self.patience).redirect(Policy::limited(REDIRECTS)).build()
    }
}
