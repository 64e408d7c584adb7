//! `billwright bench ingest`: how many events a second go in, one by one, by the thousand and as a stream, beside `COPY` of the same events?
//!
//! Worked number: where COPY writes 150,000 events a second and a stream of lines brings in 90,000, the ratio is 0.6.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use rust_decimal::Decimal;

use super::commits;
use super::load::{Connection, Load, measure};
use super::served::{Hushed, Served};
use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::money::Currency;
use crate::domain::usage::{Aggregation, MeterDraft};
use crate::platform::memory;
use crate::platform::random;
use crate::storage::bench::usage;
use crate::storage::tenants::Mode;
use crate::storage::{Session, bench};
use crate::workflows::Scope;
use crate::workflows::tenants::create_tenant::{self, NewTenant};
use crate::workflows::usage::create_meter;

/// Clients a case is measured at.
const CLIENTS: [usize; 3] = [1, 16, 64];
/// Where single events are aimed at.
const MANY: usize = 256;
/// Events of one request in a batch.
const BATCH: u64 = 1_000;
/// The case whose speed is the bench's: streams of lines from some clients, as log shippers send them.
const HEADLINE: (&str, usize) = ("ndjson", 16);

/// Ingest events over HTTP and compare with plain COPY of the same events
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench ingest --events 500000 --json")]
pub(super) struct Ingest {
    /// Events of each stream
    #[arg(long, default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1..))]
    events: u64,
    /// Customers they are of
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    customers: u64,
    /// How long single events and batches are measured at each number of clients
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// One line of the table.
struct Row {
    case: &'static str,
    clients: usize,
    per_second: Decimal,
    /// Of a call, where calls are timed.
    p50_us: Option<u32>,
    p99_us: Option<u32>,
}

/// What was measured.
struct Measured {
    rows: Vec<Row>,
    copied: i64,
    copy_per_second: Decimal,
    /// Commits that share nothing; `None`: not measured.
    commits_per_second: Option<Decimal>,
    peak_mb: u64,
}

/// What events are made of.
struct Maker<'a> {
    key: &'a str,
    customers: u64,
    start: DateTime<Utc>,
}

impl Maker<'_> {
    /// An event: a millisecond after the one before, of one customer after the other, with an id that is a UUIDv7.
    fn write(&self, n: u64, out: &mut Vec<u8>) {
        let time = self.start + TimeDelta::milliseconds(i64::try_from(n % 3_000_000).unwrap_or(0));
        let event = format!(
            r#"{{"specversion":"1.0","id":"{}","source":"api.example.com","type":"llm.request","subject":"c{}","time":"{}","data":{{"tokens":{},"model":"large","region":"eu"}}}}"#,
            random::mint(time),
            1 + n % self.customers,
            time.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
            1 + n % 4_999
        );
        out.extend_from_slice(event.as_bytes());
    }

    /// A whole request with events `first` to `first + count`.
    fn request(&self, kind: &str, first: u64, count: u64, out: &mut Vec<u8>) {
        let mut body = Vec::with_capacity(usize::try_from(count).unwrap_or(0) * 260);
        let (open, between, close): (&[u8], &[u8], &[u8]) = match kind {
            "application/json" if count > 1 => (b"[", b",", b"]"),
            "application/json" => (b"", b"", b""),
            _ => (b"", b"\n", b""),
        };
        body.extend_from_slice(open);
        for n in first..first + count {
            if n > first {
                body.extend_from_slice(between);
            }
            self.write(n, &mut body);
        }
        body.extend_from_slice(close);
        let head = format!(
            "POST /v1/usage/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        out.extend_from_slice(head.as_bytes());
        out.append(&mut body);
    }
}

impl Ingest {
    /// Runs the bench on a cluster and a server of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("ingest", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let cluster = &fresh.cluster;
        let start = super::start()?;
        let key = self.seed(session, start)?;
        let maker = Maker { key: &key, customers: self.customers, start };
        let hushed = Hushed::to(&fresh.path().join("server.log"))?;
        let served = Served::start(cluster)?;
        let mut rows = Vec::new();
        let mut copied = (0, Decimal::ONE);
        for clients in CLIENTS {
            hushed.say(&format!("streaming {} events from {clients} clients …", self.events));
            let streams = self.streams(&maker, clients);
            let per_second = send(&served, &streams, self.events)?;
            rows.push(Row { case: "ndjson", clients, per_second, p50_us: None, p99_us: None });
            if (HEADLINE.0, clients) == HEADLINE {
                hushed.say("sending the same events again …");
                let per_second = send(&served, &streams, self.events)?;
                rows.push(Row {
                    case: "ndjson, duplicates",
                    clients,
                    per_second,
                    p50_us: None,
                    p99_us: None,
                });
                hushed.say("copying the same events …");
                copied = copy(session, &super::shared_dir(cluster)?)?;
            }
            usage::clear(session)?;
            bench::settle(session)?;
        }
        for (case, count, clients) in CLIENTS
            .map(|n| ("batches of 1000", BATCH, n))
            .into_iter()
            .chain([1, 16, 64, MANY].map(|n| ("single", 1, n)))
        {
            hushed.say(&format!("measuring {case} from {clients} clients …"));
            rows.push(self.calls(&served, &maker, case, count, clients)?);
            usage::clear(session)?;
        }
        served.stop()?;
        hushed.say("measuring commits that share nothing …");
        Ok(Measured {
            rows,
            copied: copied.0,
            copy_per_second: copied.1,
            commits_per_second: commits::per_second(cluster, fresh.path()),
            peak_mb: memory::peak_rss_mb(),
        })
    }

    /// A tenant with customers and a meter; gives its key.
    fn seed(&self, session: &mut Session, start: DateTime<Utc>) -> Fallible<String> {
        let new = NewTenant {
            name: "bench".to_owned(),
            zone: Zone::UTC,
            currency: Currency::parse("USD")?,
            mode: Mode::Test,
            test_clock: Some(start + TimeDelta::days(1)),
        };
        let created = session.transaction("create_tenant", |tx| create_tenant::run(tx, &new))?;
        usage::seed_customers(session, created.tenant_id, u32::try_from(self.customers)?)?;
        let word = |word: &str| word.to_owned();
        let draft = MeterDraft {
            code: word("tokens"),
            name: word("Tokens"),
            event_type: word("llm.request"),
            aggregation: Aggregation::Sum,
            value_property: Some(word("tokens")),
            price_property: None,
            filters: Vec::new(),
            dimensions: Vec::new(),
        };
        session.transaction("create_meter", |tx| {
            let scope = Scope::load(tx, created.tenant_id)?;
            create_meter::run(tx, &scope, draft.clone())
        })?;
        Ok(created.api_key.expose().to_owned())
    }

    /// A request for each client, made before anything is timed.
    fn streams(&self, maker: &Maker<'_>, clients: usize) -> Vec<Vec<u8>> {
        let clients = u64::try_from(clients).unwrap_or(1);
        let share = |n: u64| (self.events * n / clients, self.events * (n + 1) / clients);
        (0..clients)
            .map(|n| {
                let (first, end) = share(n);
                let mut request = Vec::new();
                maker.request("application/x-ndjson", first, end - first, &mut request);
                request
            })
            .collect()
    }

    fn calls(
        &self,
        served: &Served,
        maker: &Maker<'_>,
        case: &'static str,
        count: u64,
        clients: usize,
    ) -> Fallible<Row> {
        let call = |call: &mut Vec<u8>| {
            let first = u64::from(random::cheap_u32());
            maker.request("application/json", first, count, call);
        };
        let load = Load { address: served.address(), connections: clients, call: &call, status: 200 };
        let (timings, ()) = measure(&load, || thread::sleep(Duration::from_secs(self.seconds)))?;
        Ok(Row {
            case,
            clients,
            per_second: timings.per_second * Decimal::from(count),
            p50_us: Some(timings.p50_us),
            p99_us: Some(timings.p99_us),
        })
    }

    fn print(&self, m: &Measured) {
        let headline = m.rows.iter().find(|row| (row.case, row.clients) == HEADLINE);
        let per_second = headline.map_or(Decimal::ZERO, |row| row.per_second);
        let ratio = (per_second / m.copy_per_second).round_dp(3);
        let shared = m.events_a_commit();
        if self.json {
            let line = serde_json::json!({
                "bench": "ingest",
                "measured": "CloudEvents with UUIDv7 ids over HTTP to the server with its log and jobs, counted once and rolled up by hour and day; then COPY of the very events into an identical table with the same primary key and the same unique key",
                "events": self.events,
                "customers": self.customers,
                "events_per_second": number(per_second),
                "ratio": number(ratio),
                "copy_events_per_second": number(m.copy_per_second),
                "copied": m.copied,
                "commits_per_second": m.commits_per_second.map(number),
                "single_events_of_many_clients_per_commit": shared.map(number),
                "peak_memory_mb": m.peak_mb,
                "table": m.rows.iter().map(Row::json).collect::<Vec<_>>(),
            });
            println!("{line}");
            return;
        }
        println!("| case | clients | events/s | of COPY | p50 ms | p99 ms |");
        println!("|---|---|---|---|---|---|");
        for row in &m.rows {
            let ms =
                |us: Option<u32>| us.map(|us| Decimal::new(i64::from(us), 3).to_string()).unwrap_or_default();
            let ratio = (row.per_second / m.copy_per_second).round_dp(2);
            println!(
                "| {} | {} | {} | {ratio} | {} | {} |",
                row.case,
                row.clients,
                row.per_second,
                ms(row.p50_us),
                ms(row.p99_us)
            );
        }
        println!("| COPY of the same {} events | 1 | {} | 1 | | |", m.copied, m.copy_per_second);
        if let (Some(commits), Some(shared)) = (m.commits_per_second, shared) {
            println!(
                "commits that share nothing: {commits}/s; {MANY} clients, one by one: {shared} times that"
            );
        }
        println!("peak memory {} MB, client included", m.peak_mb);
    }
}

impl Measured {
    /// What many clients that send one by one reach, in commits of one alone.
    fn events_a_commit(&self) -> Option<Decimal> {
        let row = self.rows.iter().find(|row| (row.case, row.clients) == ("single", MANY))?;
        let commits = self.commits_per_second.filter(|commits| !commits.is_zero())?;
        Some((row.per_second / commits).round_dp(2))
    }
}

impl Row {
    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "case": self.case,
            "clients": self.clients,
            "events_per_second": number(self.per_second),
            "p50_us": self.p50_us,
            "p99_us": self.p99_us,
        })
    }
}

/// Sends each request on a connection of its own, all at once; gives the events a second.
fn send(served: &Served, streams: &[Vec<u8>], events: u64) -> Fallible<Decimal> {
    let mut connections =
        streams.iter().map(|_| Connection::open(served.address())).collect::<std::io::Result<Vec<_>>>()?;
    let began = Instant::now();
    thread::scope(|scope| {
        let senders: Vec<_> = connections
            .iter_mut()
            .zip(streams)
            .map(|(connection, request)| scope.spawn(move || (connection.send(request), connection.answer())))
            .collect();
        senders.into_iter().try_for_each(|sender| {
            let (status, answer) = sender.join().map_err(|_| "a sending thread panicked")?;
            match status? {
                200 if answer.contains("\"rejected_count\":0") => Fallible::Ok(()),
                status => Err(format!("the stream was answered {status}: {answer}").into()),
            }
        })
    })?;
    Ok((Decimal::from(events) / seconds(began.elapsed())).round())
}

/// Copies what was ingested; gives how many events, and how many a second.
fn copy(session: &mut Session, dir: &Path) -> Fallible<(i64, Decimal)> {
    let rows = usage::prepare_copy(session, dir)?;
    let began = Instant::now();
    usage::copy(session, dir)?;
    Ok((rows, (Decimal::from(rows) / seconds(began.elapsed())).round()))
}
