//! Who is in a test? A tenant of its own with a key, on a server of its own; more tenants when asked for.

use std::ops::Deref;
use std::sync::OnceLock;

use billwright::domain::calendar::Zone;
use billwright::domain::ids::TenantId;
use billwright::domain::money::Currency;
use billwright::storage::tenants::Mode;
use billwright::storage::{Db, Session};
use billwright::workflows::relay_events;
use billwright::workflows::tenants::create_tenant::{self, NewTenant};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::client::Client;
use super::cluster::Database;
use super::server::Server;

/// Database threads of one test's server.
const DB_THREADS: usize = 3;
/// Where a test tenant's clock stands unless the test says otherwise.
const START: &str = "2026-01-01T00:00:00Z";

/// A tenant and how to call for it.
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its first key.
    pub key: String,
    /// A caller with that key.
    pub client: Client,
}

/// A server, and one tenant on it, which calls made on the world itself are for.
pub struct World {
    /// The tenant calls are for.
    pub tenant: Tenant,
    /// Where the rows are.
    pub database: Where,
    /// The server's threads to the database.
    pub db: Db,
    server: Server,
}

/// The database all tests share, or one of the test's own.
pub enum Where {
    /// Shared: look only at rows of your tenants.
    Shared(&'static Database),
    /// Alone in it.
    Own(Database),
}

impl Deref for Where {
    type Target = Database;
    fn deref(&self) -> &Database {
        match self {
            Where::Shared(database) => database,
            Where::Own(database) => database,
        }
    }
}

/// Calls on the world are calls for its tenant.
impl Deref for World {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.tenant.client
    }
}

impl World {
    /// A test tenant in UTC and USD whose clock stands at the beginning of 2026.
    pub fn new() -> World {
        World::at(START)
    }

    /// The same with its clock at another instant (RFC 3339).
    pub fn at(instant: &str) -> World {
        // One set of threads for all tests of a process: the cluster takes 100 connections.
        static THREADS: OnceLock<Db> = OnceLock::new();
        let shared = Database::shared();
        let db = THREADS.get_or_init(|| Db::start(&shared.url, DB_THREADS).unwrap()).clone();
        World::on(Where::Shared(shared), db, new_tenant(instant, "UTC", "USD"))
    }

    /// The same in another zone and currency.
    pub fn of(instant: &str, zone: &str, currency: &str) -> World {
        let mut world = World::at(instant);
        world.tenant = world.add_tenant(new_tenant(instant, zone, currency));
        world
    }

    /// Alone in a database of its own.
    pub fn own_database(instant: &str) -> World {
        let database = Database::own();
        let db = Db::start(&database.url, DB_THREADS).unwrap();
        World::on(Where::Own(database), db, new_tenant(instant, "UTC", "USD"))
    }

    /// A live tenant, alone in a database of its own: it lives by the wall clock, and its jobs are run by whoever starts a runner.
    pub fn live() -> World {
        let database = Database::own();
        let db = Db::start(&database.url, DB_THREADS).unwrap();
        let new = NewTenant { mode: Mode::Live, test_clock: None, ..new_tenant(START, "UTC", "USD") };
        World::on(Where::Own(database), db, new)
    }

    fn on(database: Where, db: Db, new: NewTenant) -> World {
        let server = Server::start(db.clone());
        let tenant = create(&database, &server, &new);
        World { tenant, database, db, server }
    }

    /// Another tenant on the same server.
    pub fn add_tenant(&self, new: NewTenant) -> Tenant {
        create(&self.database, &self.server, &new)
    }

    /// Another tenant like this one.
    pub fn another_tenant(&self) -> Tenant {
        self.add_tenant(new_tenant(START, "UTC", "USD"))
    }

    /// Another tenant whose books are in this currency.
    pub fn another_tenant_in(&self, currency: &str) -> Tenant {
        self.add_tenant(new_tenant(START, "UTC", currency))
    }

    /// The server's address, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// A connection to run workflows on.
    pub fn session(&self) -> Session {
        Session::open(&self.database.url).unwrap()
    }

    /// Leaves what a server leaves that dies before the answers of its commands are kept: their keys, and what they have begun.
    pub fn lose_answers(&self) {
        let lost = format!(
            "UPDATE idempotency_keys SET response_status = NULL, response_body = NULL WHERE tenant_id = '{}'",
            self.tenant.id.uuid()
        );
        self.database.connect().batch_execute(&lost).unwrap();
    }

    /// Moves committed events to the tenant's feed, as the job does every second.
    pub fn relay_events(&self) -> u64 {
        relay_events::run(&mut self.session(), Some(self.tenant.id)).unwrap()
    }

    /// The tenant's now.
    pub fn now(&self) -> DateTime<Utc> {
        self.get("/v1/test_clock").is(200).text_at("/now").parse().unwrap()
    }

    /// Advances the tenant's clock and runs every job that falls due.
    pub fn advance_to(&self, instant: &str) -> super::Reply {
        self.post("/v1/test_clock/advance", serde_json::json!({ "to": instant })).is(200)
    }

    /// A digest of every row a tenant has in any table but `idempotency_keys`: equal digests mean that nothing was written.
    pub fn rows_of(&self, tenant: TenantId) -> String {
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text)]
            text: String,
        }
        let mut conn = self.database.connect();
        let tables = "SELECT table_name::text AS text FROM information_schema.columns WHERE table_schema = 'public' \
                      AND column_name = 'tenant_id' AND table_name <> 'idempotency_keys' ORDER BY 1";
        let mut digest = Vec::new();
        for Line { text: table } in diesel::sql_query(tables).load::<Line>(&mut conn).unwrap() {
            let rows = format!(
                "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS text \
                 FROM {table} t WHERE tenant_id = '{}'",
                tenant.uuid()
            );
            let line: Line = diesel::sql_query(rows).get_result(&mut conn).unwrap();
            digest.push(format!("{table}: {}", line.text));
        }
        digest.join("\n")
    }
}

fn new_tenant(instant: &str, zone: &str, currency: &str) -> NewTenant {
    NewTenant {
        name: "Test tenant".to_owned(),
        zone: Zone::parse(zone).unwrap(),
        currency: Currency::parse(currency).unwrap(),
        mode: Mode::Test,
        test_clock: Some(instant.parse().unwrap()),
    }
}

fn create(database: &Database, server: &Server, new: &NewTenant) -> Tenant {
    let mut session = Session::open(&database.url).unwrap();
    let created = session.transaction("create_tenant", |tx| create_tenant::run(tx, new)).unwrap();
    let key = created.api_key.expose().to_owned();
    Tenant { id: created.tenant_id, client: Client::new(&server.url, Some(&key)), key }
}
