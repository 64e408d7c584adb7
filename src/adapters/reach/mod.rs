//! Which addresses that tenants name may be called? Those of the internet; others only where the server says so. A name is looked up whenever a
//! connection is made, and what the look-up gives is checked and then called: a name that leads elsewhere a moment later leads nobody anywhere.

mod internet;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::Url;
use reqwest::blocking::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

use super::https;
use internet::{is_public, plain};

/// The name of this machine, whatever a look-up says.
const HERE: &str = "localhost";

/// What may be called beside the internet.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// `None`: this machine, by test tenants.
    networks: Option<Arc<[IpNet]>>,
}

/// Why an address is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("this is no address of the web: it is such as https://tax.example")]
    NotAnAddress,
    #[error(
        "an address begins with https://; for test tenants also with http://127.0.0.1 or http://localhost"
    )]
    Insecure,
    #[error("leave user and password out of the address")]
    Credentials,
    #[error("paths are put behind this address: leave out what follows `?` or `#`, and `..`")]
    NotABase,
    #[error(
        "{0} is not of the internet (private, of this machine, link-local or reserved): use a public address, or have the server started with \
         --private-networks naming its network"
    )]
    Private(String),
}

impl Wrong {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Wrong::NotAnAddress | Wrong::NotABase => "malformed_url",
            Wrong::Insecure => "insecure_url",
            Wrong::Credentials => "credentials_in_url",
            Wrong::Private(_) => "private_address",
        }
    }
}

impl Reach {
    /// The internet and these networks; `None`: and this machine, by test tenants.
    #[must_use]
    pub fn beside(networks: Option<&[IpNet]>) -> Reach {
        Reach { networks: networks.map(Arc::from) }
    }

    fn admits(&self, address: IpAddr, is_test: bool) -> bool {
        let plain = plain(address);
        is_public(plain)
            || match &self.networks {
                Some(networks) => networks.iter().any(|network| network.contains(&plain)),
                None => is_test && plain.is_loopback(),
            }
    }

    /// Checks of an address all that can be without a look-up.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn check(&self, text: &str, is_test: bool) -> Result<(), Wrong> {
        let url = Url::parse(text).map_err(|_| Wrong::NotAnAddress)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Wrong::NotAnAddress)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let is_here = bare == HERE || bare.ends_with(".localhost");
        let literal = bare.parse::<IpAddr>().ok();
        let address = literal.or(is_here.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        match url.scheme() {
            "https" => {}
            "http" if is_test && address.is_some_and(|address| plain(address).is_loopback()) => {}
            "http" => return Err(Wrong::Insecure),
            _ => return Err(Wrong::NotAnAddress),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Wrong::Credentials);
        }
        match address {
            Some(address) if !self.admits(address, is_test) => Err(Wrong::Private(host.to_owned())),
            _ => Ok(()),
        }
    }

    /// A client that calls this address, where a look-up leads to what may be called, and follows nobody elsewhere. No proxy stands between: it
    /// would look names up itself.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn client(&self, address: &str, is_test: bool) -> Result<ClientBuilder, Wrong> {
        self.check(address, is_test)?;
        let resolver = Arc::new(self.resolver(is_test));
        Ok(https::client().redirect(Policy::none()).no_proxy().dns_resolver(resolver))
    }

    /// The same for calls that are made side by side by one thread.
    pub(super) fn waiting_client(
        &self,
        address: &str,
        is_test: bool,
    ) -> Result<reqwest::ClientBuilder, Wrong> {
        self.check(address, is_test)?;
        let resolver = Arc::new(self.resolver(is_test));
        Ok(https::waiting_client().redirect(Policy::none()).no_proxy().dns_resolver(resolver))
    }

    fn resolver(&self, is_test: bool) -> Checked {
        Checked {
            reach: self.clone(),
            is_test,
            look_up: Arc::new(|name| Ok((name, 0).to_socket_addrs()?.collect())),
        }
    }
}

/// Gives the addresses of a name.
type LookUp = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Looks names up, and gives only what may be called.
struct Checked {
    reach: Reach,
    is_test: bool,
    look_up: Arc<LookUp>,
}

/// Those of the addresses of a name that may be called.
fn admitted(
    (reach, is_test): (&Reach, bool),
    name: &str,
    found: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, Wrong> {
    let admitted: Vec<SocketAddr> =
        found.into_iter().filter(|address| reach.admits(address.ip(), is_test)).collect();
    if admitted.is_empty() { Err(Wrong::Private(name.to_owned())) } else { Ok(admitted) }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, is_test, look_up) = (self.reach.clone(), self.is_test, Arc::clone(&self.look_up));
        Box::pin(async move {
            let looked_up = tokio::task::spawn_blocking(move || {
                let found = look_up(name.as_str())?;
                admitted((&reach, is_test), name.as_str(), found).map_err(io::Error::other)
            });
            Ok(Box::new(looked_up.await??.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn code(reach: &Reach, url: &str, is_test: bool) -> &'static str {
        reach.check(url, is_test).map_or_else(|wrong| wrong.code(), |()| "ok")
    }

    #[test]
    fn live_tenants_reach_the_internet_by_https_and_nothing_else() {
        let reach = Reach::default();
        let code = |url: &str| code(&reach, url, false);
        assert_eq!(code("https://tax.example/v2"), "ok");
        assert_eq!(code("http://tax.example/v2"), "insecure_url");
        assert_eq!(code("https://user:pass@tax.example/"), "credentials_in_url");
        for url in ["tax.example", "", "ftp://tax.example", "file:///etc/passwd", "https://", "https://x y"] {
            assert_eq!(code(url), "malformed_url", "{url}");
        }
        let private = "127.0.0.1 10.0.0.8 169.254.169.254 [::1] [fd00::1] [::ffff:10.0.0.1] localhost localhost. a.localhost 2130706433 0x7f.1 0";
        for host in private.split(' ') {
            let url = format!("https://{host}/v2");
            assert_eq!(code(&url), "private_address", "{host}");
        }
    }

    #[test]
    fn test_tenants_reach_this_machine_until_the_server_says_what_else_is_reached() {
        let usual = Reach::default();
        for url in ["http://127.0.0.1:8000/", "http://localhost:8000/", "http://[::1]:8000/"] {
            assert_eq!(code(&usual, url, true), "ok", "{url}");
        }
        assert_eq!(code(&usual, "http://127.0.0.1.tax.example/", true), "insecure_url");
        assert_eq!(code(&usual, "https://10.0.0.8/", true), "private_address");
        assert_eq!(code(&usual, "https://169.254.169.254/latest", true), "private_address");
        let within = Reach::beside(Some(&["10.0.0.0/8".parse().unwrap()]));
        assert_eq!(code(&within, "https://10.0.0.8/", false), "ok");
        assert_eq!(code(&within, "http://127.0.0.1/", true), "private_address");
    }

    #[tokio::test]
    async fn a_name_is_called_where_its_look_up_leads_now_and_only_if_that_may_be_called() {
        let moved = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&moved);
        let look_up = move |_: &str| {
            let text = if seen.load(Ordering::SeqCst) { "169.254.169.254:0" } else { "93.184.216.34:0" };
            Ok(vec![text.parse().unwrap(), "10.0.0.1:0".parse().unwrap()])
        };
        let resolver = Checked { reach: Reach::default(), is_test: true, look_up: Arc::new(look_up) };
        let resolve =
            async || resolver.resolve("tax.example".parse().unwrap()).await.map(Iterator::collect::<Vec<_>>);
        let public = ["93.184.216.34:0".parse().unwrap()];
        assert_eq!(resolve().await.unwrap(), public, "and not the private one beside it");
        moved.store(true, Ordering::SeqCst);
        assert!(resolve().await.unwrap_err().to_string().contains("not of the internet"));
    }
}
