//! `billwright tenants`: creates tenants and lists them. `create --json` prints `{"tenant_id":"ten_…","api_key":"bw_test_…"}`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use super::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::money::Currency;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::tenants::{self, Tenant};
use crate::storage::{Session, StorageError, migrate};
use crate::workflows::tenants::create_tenant::{self, NewTenant};

/// Create and list tenants: the businesses that bill with this server
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  billwright tenants create --name 'Acme' --time-zone Europe/Paris --currency EUR --mode test --json\n  \
    billwright tenants list"
)]
pub(super) struct Tenants {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(Create),
    List(List),
}

/// Create a tenant and print its first API key, which is shown only now
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  billwright tenants create --name 'Acme' --time-zone Europe/Paris --currency EUR --mode test \
    --clock 2026-01-01T00:00:00Z --json"
)]
struct Create {
    #[command(flatten)]
    database: DatabaseSettings,

    /// What it is called
    #[arg(long)]
    name: String,

    /// Time zone of customers that name none, such as Europe/Paris
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,

    /// Currency of customers that name none, such as EUR
    #[arg(long, value_name = "CODE")]
    currency: String,

    /// test: a clock of its own and simulated money; live: the wall clock and real money
    #[arg(long, value_name = "test|live", default_value = "test")]
    mode: String,

    /// Where a test tenant's clock starts [default: now]
    #[arg(long, value_name = "INSTANT")]
    clock: Option<DateTime<Utc>>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List all tenants
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright tenants list --json")]
struct List {
    #[command(flatten)]
    database: DatabaseSettings,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Tenants {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        match self.command {
            Command::Create(create) => create.run(),
            Command::List(list) => list.run(),
        }
    }
}

impl Create {
    fn run(self) -> Outcome {
        let new = NewTenant {
            name: self.name.clone(),
            zone: Zone::parse(&self.time_zone).map_err(|e| format!("--time-zone {}: {e}", self.time_zone))?,
            currency: Currency::parse(&self.currency)
                .map_err(|e| format!("--currency {}: {e}", self.currency))?,
            mode: self.mode.parse().map_err(|_| format!("--mode {}: must be test or live", self.mode))?,
            test_clock: self.clock,
        };
        let created = on_database(&self.database, |session| {
            Ok(session.transaction("create_tenant", |tx| create_tenant::run(tx, &new))?)
        })?;
        let key = created.api_key.expose();
        if self.json {
            println!("{}", json!({ "tenant_id": created.tenant_id, "api_key": key }));
        } else {
            println!("tenant   {}\nAPI key  {key}   (shown only now: keep it)", created.tenant_id);
        }
        Ok(())
    }
}

impl List {
    fn run(self) -> Outcome {
        let all = on_database(&self.database, |session| Ok(session.read::<_, StorageError>(tenants::all)?))?;
        if self.json {
            println!("{}", serde_json::Value::from(all.iter().map(as_json).collect::<Vec<_>>()));
            return Ok(());
        }
        for tenant in &all {
            let clock = tenant.test_clock.map_or_else(|| "wall clock".to_owned(), |at| at.to_rfc3339());
            let (mode, currency) = (tenant.mode.into_str(), tenant.currency.code());
            println!("{}  {mode}  {currency}  {}  {clock}  {}", tenant.id, tenant.zone, tenant.name);
        }
        Ok(())
    }
}

fn as_json(tenant: &Tenant) -> serde_json::Value {
    json!({
        "tenant_id": tenant.id, "name": tenant.name, "time_zone": tenant.zone.to_string(),
        "currency": tenant.currency.code(), "mode": tenant.mode.into_str(), "test_clock": tenant.test_clock,
    })
}

/// Opens the database, brings its tables up to date, and does `work` on it.
fn on_database<T>(
    settings: &DatabaseSettings,
    work: impl FnOnce(&mut Session) -> Result<T, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    let database = settings.check()?;
    let access = Access::open(&database.data_dir, database.url())?;
    let mut session = Session::open(access.url())?;
    migrate::run(&mut session)?;
    let done = work(&mut session);
    drop(session);
    access.close();
    done
}
