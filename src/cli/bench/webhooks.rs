//! `billwright bench webhooks`: how many events a second reach an endpoint, beside what a bare client sends to the same endpoint in the same run; and
//! how many while other endpoints of the tenant never answer.
//!
//! Worked number: an endpoint that a bare client reaches 8,000 times a second hears of 5,000 events: 0.63.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Args;
use futures_util::{StreamExt, stream};
use rust_decimal::Decimal;
use serde_json::json;

use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::adapters::https;
use crate::adapters::reach::Reach;
use crate::cli::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{EventId, TenantId, WebhookEndpointId};
use crate::domain::money::Currency;
use crate::domain::webhooks::{PayloadForm, Signature};
use crate::http::server::block_on;
use crate::jobs::{JOBS, Runner, Sources, defaults};
use crate::platform::clock::{self, Stopwatch};
use crate::platform::random;
use crate::platform::secrets::Secret;
use crate::storage::tenants::Mode;
use crate::storage::{Db, Session, events};
use crate::workflows::payments::gateways;
use crate::workflows::tenants::create_tenant::{self, NewTenant};
use crate::workflows::webhooks::Courier;
use crate::workflows::webhooks::change_endpoints::{self, Change, NewEndpoint};
use crate::workflows::{Error, Scope, relay_events};

/// Calls at once, of the bare client as of ours.
const WIDTH: usize = 16;
/// Endpoints that never answer.
const DEAD: usize = 8;
/// The longest that one measurement may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measure deliveries to a webhook endpoint beside a bare client
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench webhooks --events 50000 --json")]
pub(super) struct Webhooks {
    /// Events that are sent, each time
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    events: u32,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

struct Measured {
    bare: Decimal,
    ours: Decimal,
    beside_dead: Decimal,
}

/// The endpoint that is measured.
struct Desk {
    tenant_id: TenantId,
    id: WebhookEndpointId,
    courier: Courier,
}

/// A receiver in this process, which counts.
struct Receiver {
    url: String,
    count: Arc<AtomicU64>,
}

impl Webhooks {
    /// Runs the bench on a cluster of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("webhooks", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let receiver = receiver()?;
        let tenant_id = tenant(session)?;
        let courier = Courier::new(Some(&Secret::new("bench")), Reach::default());
        let id = endpoint(session, (tenant_id, &courier), &receiver.url)?;
        eprintln!("sending {} calls by a bare client …", self.events);
        let bare = self.bare(&receiver.url)?;
        let runner = runner(fresh, &courier)?;
        eprintln!("sending {} events …", self.events);
        let desk = Desk { tenant_id, id, courier: courier.clone() };
        let ours = self.ours(session, &desk, &receiver)?;
        let silent = TcpListener::bind("127.0.0.1:0")?;
        let dead = format!("http://{}/", silent.local_addr()?);
        for _ in 0..DEAD {
            endpoint(session, (tenant_id, &courier), &dead)?;
        }
        eprintln!("and again, beside {DEAD} endpoints that never answer …");
        let beside_dead = self.ours(session, &desk, &receiver)?;
        runner.stop_within(Duration::from_secs(40));
        Ok(Measured { bare, ours, beside_dead })
    }

    /// Calls a second of a client that only calls.
    fn bare(&self, url: &str) -> Fallible<Decimal> {
        let body = serde_json::to_vec(&data(0))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = https::waiting_client().no_proxy().build()?;
        let call = |_| async { client.post(url).body(body.clone()).send().await.map(|_| ()) };
        let begun = Stopwatch::start();
        let calls = stream::iter(0..self.events).map(call).buffer_unordered(WIDTH);
        let failed = runtime.block_on(calls.filter(|sent| std::future::ready(sent.is_err())).count());
        if failed > 0 {
            return Err(format!("{failed} calls of the bare client failed").into());
        }
        Ok(self.rate(begun.elapsed()))
    }

    /// Deliveries a second of what lies in the feed when the endpoint is enabled.
    fn ours(&self, session: &mut Session, desk: &Desk, receiver: &Receiver) -> Fallible<Decimal> {
        desk.enable(session, false)?;
        for first in (0..self.events).step_by(1_000) {
            let some: Vec<Event> = (first..self.events.min(first + 1_000)).map(event).collect();
            session.transaction::<_, Error>("make_events", |tx| {
                Ok(events::record(tx, desk.tenant_id, &some)?)
            })?;
        }
        relay_events::run(session, Some(desk.tenant_id))?;
        let before = receiver.count.load(Ordering::Relaxed);
        let begun = Stopwatch::start();
        desk.enable(session, true)?;
        while receiver.count.load(Ordering::Relaxed) - before < u64::from(self.events) {
            if begun.elapsed() > PATIENCE {
                return Err("the events do not come".into());
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(self.rate(begun.elapsed()))
    }

    fn rate(&self, elapsed: Duration) -> Decimal {
        (Decimal::from(self.events) / seconds(elapsed)).round_dp(0)
    }

    fn print(&self, m: &Measured) {
        let share = |rate: Decimal| (rate / m.bare.max(Decimal::ONE)).round_dp(2);
        if self.json {
            let line = json!({
                "bench": "webhooks",
                "measured": "events of a feed sent to one endpoint, from the moment it is enabled to the last call; and calls of a bare client to the same endpoint, 16 at once",
                "events": self.events,
                "bare_calls_per_second": number(m.bare),
                "deliveries_per_second": number(m.ours),
                "share_of_bare": number(share(m.ours)),
                "beside_dead_endpoints_per_second": number(m.beside_dead),
            });
            println!("{line}");
        } else {
            println!(
                "{} deliveries/s, {} of the {} calls/s of a bare client; {} beside {DEAD} endpoints that never answer",
                m.ours,
                share(m.ours),
                m.bare,
                m.beside_dead
            );
        }
    }
}

fn receiver() -> Fallible<Receiver> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/hooks", listener.local_addr()?);
    let count = Arc::new(AtomicU64::new(0));
    let counted = web::Data::from(Arc::clone(&count));
    let serve = move || {
        let app = move || App::new().app_data(counted.clone()).default_service(web::to(answer));
        HttpServer::new(app).workers(1).disable_signals().listen(listener)
    };
    thread::Builder::new()
        .name("receiver".to_owned())
        .spawn(move || block_on(async move { serve()?.run().await }))?;
    Ok(Receiver { url, count })
}

async fn answer(_body: web::Bytes, count: web::Data<AtomicU64>) -> HttpResponse {
    count.fetch_add(1, Ordering::Relaxed);
    HttpResponse::NoContent().finish()
}

fn tenant(session: &mut Session) -> Fallible<TenantId> {
    let new = NewTenant {
        name: "Bench".to_owned(),
        zone: Zone::parse("UTC")?,
        currency: Currency::parse("USD")?,
        mode: Mode::Test,
        test_clock: None,
    };
    Ok(session.transaction("create_tenant", |tx| create_tenant::run(tx, &new))?.tenant_id)
}

fn endpoint(
    session: &mut Session,
    (tenant_id, courier): (TenantId, &Courier),
    url: &str,
) -> Fallible<WebhookEndpointId> {
    let new = NewEndpoint {
        url: url.to_owned(),
        description: None,
        event_types: Some(["customer.created".to_owned()].into()),
        payload: PayloadForm::Full,
        signature: Signature::Hmac,
        secret: None,
    };
    let made = session.transaction::<_, Error>("create_endpoint", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        change_endpoints::create(tx, &scope, courier, new.clone())
    })?;
    Ok(made.endpoint.id)
}

impl Desk {
    fn enable(&self, session: &mut Session, enabled: bool) -> Fallible<()> {
        session.transaction::<_, Error>("enable_endpoint", |tx| {
            let change = Change { enabled: Some(enabled), ..Change::default() };
            let scope = Scope::load(tx, self.tenant_id)?;
            change_endpoints::update(tx, &scope, &self.courier, (self.id, change)).map(|_| ())
        })?;
        Ok(())
    }
}

fn runner(fresh: &Fresh, courier: &Courier) -> Fallible<Runner> {
    let db = Db::start(fresh.cluster.url(), 2)?;
    let gateways = Arc::new(gateways::all(&db));
    let schedules: BTreeMap<_, _> = defaults()
        .into_iter()
        .map(|(name, cron)| Ok((name.to_owned(), cron.parse()?)))
        .collect::<Fallible<_>>()?;
    let sources = Sources { courier: courier.clone(), ..Sources::default() };
    Ok(Runner::start_with(JOBS, (&db, &gateways), &schedules, sources)?)
}

/// About 800 bytes.
fn data(n: u32) -> serde_json::Value {
    json!({ "object": "customer", "name": format!("Customer {n}"), "metadata": { "note": "x".repeat(700) } })
}

fn event(n: u32) -> Event {
    let now = clock::now();
    let id = EventId::from_uuid(random::mint(now));
    let object_id = random::mint(now);
    Event { id, type_: EventType::CustomerCreated, object_id, data: data(n), occurred_at: now }
}
