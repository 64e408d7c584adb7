//! Are the tables brought up to date once, whoever asks, and can every step be taken back?

use std::fs;
use std::path::Path;
use std::thread;

use billwright::storage::Session;
use billwright::storage::migrate::{self, Standing};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::harness::Database;

#[test]
fn servers_started_at_once_on_an_empty_database_run_each_migration_once() {
    let database = Database::empty();
    let ran: usize = thread::scope(|scope| {
        let run = || migrate::run(&mut Session::open(&database.url).unwrap()).unwrap().len();
        let calls: Vec<_> = (0..3).map(|_| scope.spawn(run)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).sum()
    });
    assert_eq!(ran, folders().len());
    let mut session = Session::open(&database.url).unwrap();
    assert_eq!(migrate::standing(&mut session).unwrap(), Standing::Ready);
}

#[test]
fn taking_back_every_migration_leaves_an_empty_database() {
    let database = Database::own();
    let mut conn = database.connect();
    for folder in folders().iter().rev() {
        conn.batch_execute(&fs::read_to_string(folder.join("down.sql")).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    }
    let left = "(SELECT count(*) FROM information_schema.tables WHERE table_name NOT LIKE '%schema_migrations' \
                AND table_schema NOT IN ('pg_catalog', 'information_schema'))";
    let left: i64 = diesel::select(diesel::dsl::sql::<BigInt>(left)).get_result(&mut conn).unwrap();
    assert_eq!(left, 0);
}

fn folders() -> Vec<std::path::PathBuf> {
    let all = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap();
    let mut folders: Vec<_> = all.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
