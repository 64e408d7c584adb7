//! Who tries keys that are none? Each unknown key costs a look into the database; so an address is given a number of them a second, and ten
//! times as many at once, and is told to wait before the next. A key that was good lately is looked up whoever else comes from its address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

use crate::http::Problem;
use crate::platform::clock::Stopwatch;
use crate::platform::limits::Limits;

/// How long a key is known to be none without another look.
const BELIEVED: Duration = Duration::from_secs(5);
/// How many keys that are none, and how many addresses, are remembered.
const REMEMBERED: usize = 10_000;
/// Where proxies tell addresses, unless another header is named.
const FORWARDED: &str = "X-Forwarded-For";
/// Looks at once, in seconds' worth.
const BURST: u32 = 10;

/// Keys that are none, and the addresses they came from.
pub struct Guesses {
    header: Option<String>,
    trusted: Vec<IpNet>,
    looks: Option<DefaultKeyedRateLimiter<IpAddr>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    keys: HashMap<[u8; 32], Stopwatch>,
    /// Addresses that have used up their looks, since when, and how long they wait.
    waiting: HashMap<IpAddr, (Stopwatch, Duration)>,
}

impl Guesses {
    /// As the operator has set it.
    pub fn new(limits: &Limits) -> Guesses {
        let looks = NonZeroU32::new(limits.failed_key_rate).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::MIN.saturating_add(BURST - 1));
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        });
        let (header, trusted) = (limits.address_header.clone(), limits.trusted_proxies.clone());
        Guesses { header, trusted, looks, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a key is worth a look into the database: `Some(false)` when it was none a moment ago.
    ///
    /// # Errors
    /// Too many keys that are none came from this address.
    pub fn is_worth_a_look(&self, hash: &[u8; 32], from: IpAddr) -> Result<bool, Problem> {
        let mut seen = self.seen();
        if seen.keys.get(hash).is_some_and(|since| since.elapsed() < BELIEVED) {
            return Ok(false);
        }
        let Some((since, wait)) = seen.waiting.get(&from).copied() else { return Ok(true) };
        let left = wait.saturating_sub(since.elapsed());
        if left.is_zero() {
            seen.waiting.remove(&from);
            return Ok(true);
        }
        let detail = "too many unknown API keys came from your address: wait, and send a good one";
        Err(Problem::too_many("too_many_failed_keys", detail, left.as_secs() + 1))
    }

    /// A look has shown that a key is none.
    pub fn note(&self, hash: [u8; 32], from: IpAddr) {
        let Some(looks) = &self.looks else { return };
        let wait = looks.check_key(&from).err().map(|until| until.wait_time_from(looks.clock().now()));
        if looks.len() > REMEMBERED {
            looks.retain_recent();
        }
        let mut seen = self.seen();
        if seen.keys.len() >= REMEMBERED {
            seen.keys.clear();
        }
        seen.keys.insert(hash, Stopwatch::start());
        if let Some(wait) = wait {
            if seen.waiting.len() >= REMEMBERED {
                seen.waiting.clear();
            }
            seen.waiting.insert(from, (Stopwatch::start(), wait.max(Duration::from_secs(1))));
        }
    }

    /// Where a request comes from: its connection's address, unless a proxy in front tells another. Where proxies are named, only theirs is
    /// believed: the last address in the header that is none of them. Otherwise a header that is named is, in its last word. All of a
    /// network of IPv6 that one customer of a provider has (/64) are one.
    pub fn address(&self, req: &HttpRequest) -> IpAddr {
        let peer = req.peer_addr().map(|address| address.ip().to_canonical());
        let address = match (peer, self.trusted.is_empty()) {
            (_, true) => self.header.as_ref().and_then(|name| forwarded(req, name).next().flatten()).or(peer),
            (Some(peer), false) if self.is_trusted(peer) => {
                let name = self.header.as_deref().unwrap_or(FORWARDED);
                Some(self.behind(peer, forwarded(req, name)))
            }
            (peer, false) => peer,
        };
        match address {
            Some(IpAddr::V6(v6)) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
            Some(v4) => v4,
            None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        }
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// The last of these addresses, from the nearest on, that is no proxy's. Where one cannot be read, or all are proxies, the furthest proxy.
    fn behind(&self, nearest: IpAddr, addresses: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut furthest = nearest;
        for address in addresses {
            match address {
                None => return furthest,
                Some(address) if self.is_trusted(address) => furthest = address,
                Some(address) => return address,
            }
        }
        furthest
    }
}

/// The addresses that a header names, the last one first; `None`: a word that is none.
fn forwarded(req: &HttpRequest, name: &str) -> impl Iterator<Item = Option<IpAddr>> {
    let values: Vec<&str> = req.headers().get_all(name).map(|value| value.to_str().unwrap_or("?")).collect();
    let words = values.into_iter().rev().flat_map(|value| value.rsplit(','));
    let words: Vec<Option<IpAddr>> = words.map(|word| address(word.trim())).collect();
    words.into_iter()
}

/// Reads an address; some proxies add the port.
fn address(word: &str) -> Option<IpAddr> {
    let alone = word.parse::<IpAddr>();
    let address = alone.or_else(|_| word.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn an_address_that_guesses_waits_and_another_does_not() {
        let guesses = Guesses::new(&Limits { failed_key_rate: 1, ..Limits::default() });
        let [one, other] = [1, 2].map(|n| IpAddr::from([192, 0, 2, n]));
        let looks = (0..20_u8).filter(|n| {
            let worth = guesses.is_worth_a_look(&[*n; 32], one).unwrap_or(false);
            if worth {
                guesses.note([*n; 32], one);
            }
            worth
        });
        assert_eq!(looks.count(), 11, "ten at once, and the one that was too many");
        let refused = guesses.is_worth_a_look(&[99; 32], one).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (429, "too_many_failed_keys"));
        assert!(guesses.is_worth_a_look(&[99; 32], other).unwrap());
        assert!(!guesses.is_worth_a_look(&[0; 32], one).unwrap(), "known to be none: refused as that");
    }

    #[test]
    fn an_address_is_the_connections_or_the_one_a_trusted_proxy_tells() {
        let request = TestRequest::default()
            .peer_addr("192.0.2.1:4711".parse().unwrap())
            .insert_header(("x-forwarded-for", "10.0.0.1, 2001:db8::1234:5678"))
            .to_http_request();
        let address = |header: Option<&str>| {
            let address_header = header.map(str::to_owned);
            Guesses::new(&Limits { address_header, ..Limits::default() }).address(&request).to_string()
        };
        assert_eq!(address(None), "192.0.2.1");
        assert_eq!(address(Some("X-Forwarded-For")), "2001:db8::");
        assert_eq!(address(Some("X-Real-Ip")), "192.0.2.1");
    }

    #[test]
    fn behind_proxies_the_last_address_that_is_none_of_theirs_counts_and_others_are_not_believed() {
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap(), "192.0.2.1/32".parse().unwrap()];
        let guesses = Guesses::new(&Limits { trusted_proxies, ..Limits::default() });
        let address = |peer: &str, values: &[&str]| {
            let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
            for value in values {
                request = request.append_header(("x-forwarded-for", *value));
            }
            guesses.address(&request.to_http_request()).to_string()
        };
        assert_eq!(address("192.0.2.1:1", &["198.51.100.9, 203.0.113.7, 10.1.1.1"]), "203.0.113.7");
        assert_eq!(address("192.0.2.1:1", &["198.51.100.9", "203.0.113.7:443", "10.1.1.1"]), "203.0.113.7");
        assert_eq!(address("[::ffff:10.0.0.2]:1", &["203.0.113.8"]), "203.0.113.8");
        assert_eq!(address("192.0.2.1:1", &["203.0.113.7, 10.0.0.3"]), "203.0.113.7");
        assert_eq!(address("192.0.2.1:1", &["203.0.113.7, unknown, 10.0.0.3"]), "10.0.0.3");
        assert_eq!(address("192.0.2.1:1", &[]), "192.0.2.1");
        assert_eq!(address("198.51.100.9:1", &["203.0.113.7"]), "198.51.100.9", "a caller cannot make it up");
    }
}
