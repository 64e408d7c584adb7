//! How much of the server may one caller take? Generous bounds that an operator can set, checked at start like all settings.

use std::net::IpAddr;

use clap::Args;
use ipnet::IpNet;

use super::config_error::{ConfigError, within};

/// What one caller may take of the server.
#[derive(Debug, Clone, Args)]
pub struct Limits {
    /// Calls that one API key may have under way at once
    #[arg(long, value_name = "N", env = "BILLWRIGHT_OPEN_CALLS", default_value_t = DEFAULTS.open_calls)]
    pub open_calls: usize,

    /// Bytes that may have arrived of unfinished bodies of one API key
    #[arg(long, value_name = "BYTES", env = "BILLWRIGHT_BODY_MEMORY", default_value_t = DEFAULTS.body_memory)]
    pub body_memory: usize,

    /// Streams of events that one tenant may send at once
    #[arg(long, value_name = "N", env = "BILLWRIGHT_STREAMS", default_value_t = DEFAULTS.streams)]
    pub streams: usize,

    /// Bytes a second below which a stream of events is ended, after its first ten seconds
    #[arg(long, value_name = "BYTES", env = "BILLWRIGHT_STREAM_RATE", default_value_t = DEFAULTS.stream_rate)]
    pub stream_rate: u64,

    /// Seconds that a stream of events may take
    #[arg(long, value_name = "SECONDS", env = "BILLWRIGHT_STREAM_TIME", default_value_t = DEFAULTS.stream_time)]
    pub stream_time: u64,

    /// Calls a second that one API key may make; 0: any number
    #[arg(long, value_name = "N", env = "BILLWRIGHT_KEY_RATE", default_value_t = DEFAULTS.key_rate)]
    pub key_rate: u32,

    /// Calls a second that one tenant may make with all its keys; 0: any number
    #[arg(long, value_name = "N", env = "BILLWRIGHT_TENANT_RATE", default_value_t = DEFAULTS.tenant_rate)]
    pub tenant_rate: u32,

    /// Another rate for one API key or tenant, by its id; may be repeated
    #[arg(long = "rate", value_name = "ID=N", env = "BILLWRIGHT_RATES", value_delimiter = ';')]
    pub rates: Vec<String>,

    /// Unknown API keys a second that are looked up for one address; 0: any number
    #[arg(long, value_name = "N", env = "BILLWRIGHT_FAILED_KEY_RATE", default_value_t = DEFAULTS.failed_key_rate)]
    pub failed_key_rate: u32,

    /// Header in which a proxy in front tells the caller's address, such as X-Forwarded-For
    #[arg(long, value_name = "NAME", env = "BILLWRIGHT_ADDRESS_HEADER")]
    pub address_header: Option<String>,

    /// Proxies in front, as addresses or networks: where one of them connects, the last address that X-Forwarded-For (or --address-header)
    /// names and that is none of them is the caller's
    #[arg(long, value_name = "ADDRESS|NETWORK", env = "BILLWRIGHT_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Connections that may be open at once
    #[arg(long, value_name = "N", env = "BILLWRIGHT_CONNECTIONS", default_value_t = DEFAULTS.connections)]
    pub connections: usize,
}

/// Without any flag.
const DEFAULTS: Limits = Limits {
    open_calls: 1_000,
    body_memory: 64 << 20,
    streams: 8,
    stream_rate: 1_024,
    stream_time: 3_600,
    key_rate: 0,
    tenant_rate: 0,
    rates: Vec::new(),
    failed_key_rate: 10,
    address_header: None,
    trusted_proxies: Vec::new(),
    connections: 10_000,
};

impl Default for Limits {
    fn default() -> Limits {
        DEFAULTS
    }
}

impl Limits {
    /// Checks the settings.
    ///
    /// # Errors
    /// One is out of its range.
    pub fn check(&self, max_body: usize) -> Result<(), ConfigError> {
        within("--open-calls", self.open_calls as u64, (1, 1_000_000))?;
        within("--body-memory", self.body_memory as u64, (max_body as u64, 1 << 40))?;
        within("--streams", self.streams as u64, (1, 10_000))?;
        within("--stream-rate", self.stream_rate, (0, 1 << 30))?;
        within("--stream-time", self.stream_time, (1, 86_400))?;
        within("--connections", self.connections as u64, (1, 1_000_000))
    }
}

/// Reads `10.0.0.0/8`, or `10.0.0.7`: a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(|_| one())
        .map_err(|_| "this is neither an address nor a network such as 10.0.0.0/8".to_owned())
}
