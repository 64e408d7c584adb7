//! What do this process's flags and environment set? The only place that reads the environment.
//!
//! Everything is read and checked once, before anything is opened, so a wrong setting is one clear message at
//! start and never a surprise at night. A flag wins over its environment variable: `--listen 127.0.0.1:9000`
//! over `BILLWRIGHT_LISTEN=127.0.0.1:8000`.
#![expect(
    clippy::disallowed_methods,
    reason = "the room of the environment: the one place where the ban is lifted"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use cron::Schedule;
use ipnet::IpNet;

use super::clock;
pub use super::config_error::ConfigError;
use super::config_error::within;
use super::limits::Limits;
use super::secrets::Secret;

/// Where the database is: what every command that touches it needs to know.
#[derive(Debug, Clone, Args)]
pub struct DatabaseSettings {
    /// Directory of the embedded database and its logs
    #[arg(long, value_name = "DIR", env = "BILLWRIGHT_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// Use this PostgreSQL (13 or newer) instead of the embedded one
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true, value_parser = secret)]
    pub database_url: Option<Secret>,

    /// Connections to the database, each with a thread of its own [default: two for each core]
    #[arg(long, value_name = "N", env = "BILLWRIGHT_DB_THREADS")]
    pub db_threads: Option<usize>,
}

/// What goes to the log, and how it looks.
#[derive(Debug, Clone, Args)]
pub struct LogSettings {
    /// What is logged: error, warn, info, debug, trace, or a filter such as `info,billwright::jobs=debug`
    #[arg(long, value_name = "LEVEL", env = "BILLWRIGHT_LOG", default_value = "info", global = true)]
    pub log_level: String,

    /// How a log line looks
    #[arg(long, value_name = "FORMAT", env = "BILLWRIGHT_LOG_FORMAT", default_value = "json", global = true)]
    pub log_format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line, for collectors.
    Json,
    /// For people.
    Text,
}

/// What a server needs to know beyond its database.
#[derive(Debug, Clone, Args)]
pub struct ServerSettings {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", env = "BILLWRIGHT_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// When a job looks for work, as NAME=CRON (second minute hour day month weekday); may be repeated
    #[arg(long = "schedule", value_name = "NAME=CRON", env = "BILLWRIGHT_SCHEDULES", value_delimiter = ';')]
    pub schedules: Vec<String>,

    /// Seconds that requests and jobs in progress are given to finish at shutdown
    #[arg(long, value_name = "SECONDS", env = "BILLWRIGHT_SHUTDOWN_GRACE", default_value_t = 30)]
    pub shutdown_grace: u64,

    /// Largest request body, in bytes
    #[arg(long, value_name = "BYTES", env = "BILLWRIGHT_MAX_BODY", default_value_t = 2 << 20)]
    pub max_body: usize,

    /// Address and port of /metrics, which is then served there alone
    #[arg(long, value_name = "ADDRESS", env = "BILLWRIGHT_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,

    /// Where the European Central Bank's exchange rates are fetched, such as `https://www.ecb.europa.eu/stats/eurofxref` [default: nowhere]
    #[arg(long, value_name = "URL", env = "BILLWRIGHT_ECB_RATES")]
    pub ecb_rates: Option<String>,

    /// Where VIES is asked about VAT numbers of live tenants' customers, such as `https://ec.europa.eu/taxation_customs/vies/rest-api` [default: nowhere]
    #[arg(long, value_name = "URL", env = "BILLWRIGHT_VIES")]
    pub vies: Option<String>,

    /// What seals secrets such as credentials of providers of tax and of gateway accounts: a long random text, the same for every server of a
    /// database [default: a key made in the data directory; with DATABASE_URL none, and no secrets are kept]
    #[arg(long, value_name = "TEXT", env = "BILLWRIGHT_SECRETS_KEY", hide_env_values = true, value_parser = secret)]
    pub secrets_key: Option<Secret>,

    /// Networks that addresses named by tenants may lead to though they are not of the internet, such as `10.0.0.0/8,fd00::/8`; `none`: none
    /// at all [default: this machine, for test tenants alone]
    #[arg(long, value_name = "NETWORKS", env = "BILLWRIGHT_PRIVATE_NETWORKS")]
    pub private_networks: Option<String>,

    #[command(flatten)]
    pub limits: Limits,
}

/// A checked configuration of the database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Directory of the embedded database.
    pub data_dir: PathBuf,
    /// Another database to use instead.
    pub database_url: Option<Secret>,
    /// How many connections, each with a thread of its own.
    pub db_threads: usize,
}

/// A checked configuration of a server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// When each job looks for work: every known job is in here.
    pub schedules: BTreeMap<String, Schedule>,
    /// What requests and jobs in progress are given to finish at shutdown.
    pub shutdown_grace: Duration,
    /// Largest request body, in bytes.
    pub max_body: usize,
    /// Address and port of the counters, when they have their own.
    pub metrics_listen: Option<SocketAddr>,
    /// Where the European Central Bank's files of exchange rates lie; `None`: they are not fetched.
    pub ecb_rates: Option<String>,
    /// Where VIES is; `None`: nobody is asked about numbers of live tenants' customers.
    pub vies: Option<String>,
    /// What seals credentials; `None`: none are kept.
    pub secrets_key: Option<Secret>,
    /// Networks that tenants' addresses may lead to beside the internet; `None`: this machine, of test tenants.
    pub private_networks: Option<Vec<IpNet>>,
    /// What one caller may take of the server.
    pub limits: Limits,
}

impl DatabaseSettings {
    /// Checks the settings and fills in what depends on the machine.
    pub fn check(&self) -> Result<DatabaseConfig, ConfigError> {
        let threads = self.db_threads.unwrap_or_else(|| 2 * cores());
        // The embedded cluster takes 100 connections; commands beside the server need some too.
        within("--db-threads", threads as u64, (1, 80))?;
        let database_url = self.database_url.clone().filter(|url| !url.expose().is_empty());
        Ok(DatabaseConfig { data_dir: self.data_dir.clone(), database_url, db_threads: threads })
    }
}

impl DatabaseConfig {
    /// The text of `DATABASE_URL`, for opening it.
    pub fn url(&self) -> Option<&str> {
        self.database_url.as_ref().map(Secret::expose)
    }
}

impl ServerSettings {
    /// Checks the settings. `jobs` are all jobs there are, each with the cron expression it has when none is
    /// given.
    pub fn check(&self, jobs: &[(&str, &str)]) -> Result<ServerConfig, ConfigError> {
        within("--shutdown-grace", self.shutdown_grace, (0, 3_600))?;
        within("--max-body", self.max_body as u64, (1 << 10, 1 << 30))?;
        self.limits.check(self.max_body)?;
        let mut schedules = BTreeMap::new();
        for (name, cron) in jobs {
            schedules.insert((*name).to_owned(), schedule(name, cron)?);
        }
        for given in self.schedules.iter().map(|it| it.trim()).filter(|it| !it.is_empty()) {
            let example = jobs.first().map_or("job", |(name, _)| name).to_owned();
            let (name, cron) =
                given.split_once('=').ok_or_else(|| ConfigError::NotASchedule(given.to_owned(), example))?;
            let name = name.trim();
            if !schedules.contains_key(name) {
                let known: Vec<&str> = jobs.iter().map(|(name, _)| *name).collect();
                return Err(ConfigError::UnknownJob { name: name.to_owned(), known: known.join(", ") });
            }
            schedules.insert(name.to_owned(), schedule(name, cron)?);
        }
        Ok(ServerConfig {
            listen: self.listen,
            schedules,
            shutdown_grace: Duration::from_secs(self.shutdown_grace),
            max_body: self.max_body,
            metrics_listen: self.metrics_listen,
            ecb_rates: address("--ecb-rates", self.ecb_rates.as_deref())?,
            vies: address("--vies", self.vies.as_deref())?,
            secrets_key: self.secrets_key.clone().filter(|key| !key.expose().trim().is_empty()),
            private_networks: networks(self.private_networks.as_deref())?,
            limits: self.limits.clone(),
        })
    }
}

/// An address of the web; `None`: there is none.
fn address(name: &'static str, given: Option<&str>) -> Result<Option<String>, ConfigError> {
    let Some(address) = given.map(str::trim).filter(|it| !it.is_empty()) else { return Ok(None) };
    let is_web = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    let refused = || ConfigError::NotAnAddress { name, given: address.to_owned() };
    is_web.then(|| Some(address.to_owned())).ok_or_else(refused)
}

/// Networks by their addresses and the length of their prefixes; `None`: nothing was said.
fn networks(given: Option<&str>) -> Result<Option<Vec<IpNet>>, ConfigError> {
    let Some(given) = given.map(str::trim).filter(|it| !it.is_empty()) else { return Ok(None) };
    let parts = given.split(',').map(str::trim).filter(|part| *part != "none");
    let read = |part: &str| part.parse().map_err(|_| ConfigError::NotANetwork(part.to_owned()));
    parts.map(read).collect::<Result<_, _>>().map(Some)
}

/// Reads a cron expression; the five fields of the classic `cron` mean second 0.
fn schedule(name: &str, cron: &str) -> Result<Schedule, ConfigError> {
    let cron = cron.trim();
    let full = if cron.split_whitespace().count() == 5 { format!("0 {cron}") } else { cron.to_owned() };
    let bad = |reason: String| ConfigError::BadCron { name: name.to_owned(), cron: cron.to_owned(), reason };
    let schedule = Schedule::from_str(&full).map_err(|error| bad(error.to_string()))?;
    match schedule.after(&clock::now()).next() {
        Some(_) => Ok(schedule),
        None => Err(bad("such a time never comes".to_owned())),
    }
}

fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

/// Processor cores this process may use.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}

/// The directories in which the system looks for programs.
pub fn program_dirs() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    const JOBS: [(&str, &str); 2] = [("hourly", "0 0 * * * *"), ("nightly", "0 30 3 * * *")];

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        database: DatabaseSettings,
        #[command(flatten)]
        server: ServerSettings,
    }

    fn line(flags: &[&str]) -> Line {
        Line::try_parse_from([&["billwright"], flags].concat()).unwrap()
    }

    #[test]
    fn without_flags_every_setting_has_its_default() {
        let line = line(&[]);
        let server = line.server.check(&JOBS).unwrap();
        assert_eq!(server.max_body, 2_097_152);
        assert_eq!(server.schedules.len(), 2);
        assert_eq!(line.database.check().unwrap().db_threads, 2 * cores());
    }

    #[test]
    fn a_schedule_given_by_name_replaces_the_default_and_five_fields_mean_second_zero() {
        let server = line(&["--schedule", "hourly=*/5 * * * *"]).server.check(&JOBS).unwrap();
        assert_eq!(server.schedules["hourly"].to_string(), "0 */5 * * * *");
        assert_eq!(server.schedules["nightly"].to_string(), "0 30 3 * * *");
    }

    #[test]
    fn a_schedule_for_a_job_that_does_not_exist_names_those_that_do() {
        let said = line(&["--schedule", "dayly=0 0 0 * * *"]).server.check(&JOBS).unwrap_err().to_string();
        assert_eq!(said, "there is no job named \"dayly\"; the jobs are: hourly, nightly");
    }

    #[test]
    fn a_cron_expression_that_cannot_be_read_is_refused() {
        let refused = line(&["--schedule", "hourly=sometimes"]).server.check(&JOBS).unwrap_err();
        assert!(matches!(refused, ConfigError::BadCron { .. }), "{refused}");
    }

    #[test]
    fn a_schedule_that_can_never_fire_is_refused() {
        for never in ["0 0 0 30 2 *", "0 0 0 1 1 * 2020"] {
            let given = format!("hourly={never}");
            let said = line(&["--schedule", &given]).server.check(&JOBS).unwrap_err().to_string();
            assert!(said.contains("hourly") && said.ends_with("such a time never comes"), "{said}");
        }
        assert!(line(&["--schedule", "hourly=0 0 0 29 2 *"]).server.check(&JOBS).is_ok());
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_the_range() {
        let refused = line(&["--db-threads", "0"]).database.check().unwrap_err().to_string();
        assert_eq!(refused, "--db-threads is 0, but must be between 1 and 80");
    }

    #[test]
    fn the_address_of_exchange_rates_is_of_the_web_and_none_is_a_setting_too() {
        let address = |given: &str| line(&["--ecb-rates", given]).server.check(&JOBS).map(|s| s.ecb_rates);
        assert_eq!(address(" ").unwrap(), None);
        assert_eq!(address("https://rates.test/ecb").unwrap().as_deref(), Some("https://rates.test/ecb"));
        let refused = address("rates.test").unwrap_err().to_string();
        assert_eq!(refused, "--ecb-rates is \"rates.test\", but must begin with https:// or http://");
    }

    #[test]
    fn the_database_url_is_never_printed_for_debugging() {
        let database = line(&["--database-url", "postgresql://u:hidden@h/d"]).database;
        assert!(!format!("{database:?}").contains("hidden"));
        assert_eq!(database.check().unwrap().url(), Some("postgresql://u:hidden@h/d"));
    }
}
