//! Which PostgreSQL do the tests use? One cluster under the target directory for all tests of a run, whatever process
//! they run in: the first test starts `billwright database`, which ends by itself when it was not used for 30 seconds.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use billwright::platform::postgres::Access;
use billwright::platform::random;
use billwright::storage::{Session, migrate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// How long a cluster may take to start on a busy machine: making it takes two seconds on an idle one.
const PATIENCE: Duration = Duration::from_secs(120);

/// A migrated database.
pub struct Database {
    /// Its connection string.
    pub url: String,
    drop_at_end: Option<String>,
}

impl Database {
    /// The one all tests share, each with a tenant of its own. Made anew each time the cluster is started.
    pub fn shared() -> &'static Database {
        static SHARED: OnceLock<Database> = OnceLock::new();
        SHARED.get_or_init(|| {
            let name = format!("it_{:016x}_{}", migrations_hash(), cluster_started());
            create(&name, true);
            Database { url: url_of(&name), drop_at_end: None }
        })
    }

    /// One for a single test that must be alone in it; dropped with the value.
    pub fn own() -> Database {
        let name = own_name();
        create(&name, false);
        let own = Database { url: url_of(&name), drop_at_end: Some(name) };
        migrate::run(&mut Session::open(&own.url).unwrap()).unwrap();
        own
    }

    /// One without any table.
    pub fn empty() -> Database {
        let name = own_name();
        create(&name, false);
        Database { url: url_of(&name), drop_at_end: Some(name) }
    }

    /// A plain connection.
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.drop_at_end {
            let _ = admin().batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A name nobody has, which tells since when the cluster runs.
fn own_name() -> String {
    format!("own_{}_{:08x}{:08x}", cluster_started(), random::cheap_u32(), random::cheap_u32())
}

/// Creates a database, once for all processes that ask for the same name; the shared one is migrated, and what
/// earlier runs left behind is dropped.
fn create(name: &str, shared: bool) {
    let mut conn = admin();
    conn.batch_execute("SELECT pg_advisory_lock(7)").unwrap();
    let there: i64 = diesel::select(diesel::dsl::sql::<BigInt>(&format!(
        "(SELECT count(*) FROM pg_database WHERE datname = '{name}')"
    )))
    .get_result(&mut conn)
    .unwrap();
    if there == 0 {
        if shared {
            drop_older(&mut conn);
        }
        conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    }
    if shared {
        migrate::run(&mut Session::open(&url_of(name)).unwrap()).unwrap();
    }
    conn.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
}

/// Drops what was left behind before the cluster was started: what is of this run may be about to be connected to.
fn drop_older(conn: &mut PgConnection) {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        datname: String,
    }
    let query = format!(
        "SELECT datname::text FROM pg_database d WHERE datname ~ '^(it|own)_' AND datname !~ '_{}(_|$)' \
         AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
        cluster_started()
    );
    for Name { datname } in diesel::sql_query(query).load::<Name>(conn).unwrap() {
        let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {datname}"));
    }
}

fn admin() -> PgConnection {
    PgConnection::establish(cluster().url()).unwrap()
}

fn cluster_started() -> i64 {
    let epoch = diesel::dsl::sql::<BigInt>("(extract(epoch FROM pg_postmaster_start_time()))::bigint");
    diesel::select(epoch).get_result(&mut admin()).unwrap()
}

/// The connection string of another database of the cluster.
fn url_of(name: &str) -> String {
    cluster().url().replacen("/billwright?", &format!("/{name}?"), 1)
}

/// The running cluster, held for as long as this process lives.
fn cluster() -> &'static Access {
    static CLUSTER: OnceLock<Access> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cluster");
        fs::create_dir_all(&dir).unwrap();
        let begun = Instant::now();
        let mut last_request = Instant::now();
        let mut is_requested = false;
        loop {
            if let Some(access) = Access::borrow(&dir).unwrap() {
                return access;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the test cluster did not start; see {}/keeper.log",
                dir.display()
            );
            // Asked again when the keeper that was about to end took our first request for its last user's.
            if !is_requested || last_request.elapsed() > Duration::from_secs(10) {
                start_keeper(&dir);
                (last_request, is_requested) = (Instant::now(), true);
            }
            thread::sleep(Duration::from_millis(50));
        }
    })
}

/// Starts the process that keeps the cluster. It outlives this test, and ends when no test has used the cluster for a while.
#[expect(clippy::zombie_processes, reason = "nobody waits for what is meant to outlive us")]
fn start_keeper(dir: &Path) {
    let log = fs::OpenOptions::new().create(true).append(true).open(dir.join("keeper.log")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_billwright"))
        .args(["database", "--tuning", "tests", "--until-unused", "30", "--data-dir"])
        .arg(dir)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .process_group(0)
        .spawn()
        .unwrap();
}

/// Changes when a migration does.
fn migrations_hash() -> u64 {
    let mut files: Vec<PathBuf> = Vec::new();
    for dir in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap() {
        files.push(dir.unwrap().path().join("up.sql"));
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read_to_string(file).unwrap_or_default().hash(&mut hasher);
    }
    hasher.finish()
}
