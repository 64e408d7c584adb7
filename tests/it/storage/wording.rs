//! Does PostgreSQL still say what its errors are recognised by? Each is provoked, and read as what it means to us.

use std::thread;
use std::time::Duration;

use billwright::storage::StorageError;
use diesel::connection::SimpleConnection;

use crate::harness::Database;

/// What comes of statements that must fail.
fn refused(statements: &str) -> StorageError {
    Database::shared().connect().batch_execute(statements).unwrap_err().into()
}

#[test]
fn values_that_no_column_can_hold_are_recognised() {
    // `string too long` is not among them: JSON refuses a text only from 256 MB on.
    let statements = [
        "SELECT 2147483647::int + 1",
        "SELECT 1e131071::numeric * 1e131071",
        r"SELECT convert_from('\xff'::bytea, 'UTF8')",
        r#"SELECT '"\u0000"'::jsonb"#,
        "CREATE TEMP TABLE short (a varchar(1)); INSERT INTO short VALUES ('ab')",
        "SELECT 'x'::int",
        "CREATE TEMP TABLE keys (a text PRIMARY KEY);
         INSERT INTO keys SELECT string_agg(md5(n::text), '') FROM generate_series(1, 160) n",
    ];
    for statement in statements {
        let error = refused(statement);
        assert!(error.is_unstorable(), "{statement}: {error}");
    }
    let other = refused("SELECT 1 / 0");
    assert!(!other.is_unstorable(), "{other}");
}

#[test]
fn a_sum_that_does_not_fit_is_refused_with_its_code() {
    let error = refused("SELECT 9223372036854775807 + 1");
    assert!(matches!(error, StorageError::Conflict { code: "amount_out_of_range", .. }), "{error}");
}

#[test]
fn limits_of_time_are_recognised() {
    let error = refused("SET statement_timeout = '20ms'; SELECT pg_sleep(20)");
    assert!(matches!(error, StorageError::TooLong), "{error}");
    let mut holder = Database::shared().connect();
    holder.batch_execute("SELECT pg_advisory_lock(774411)").unwrap();
    let error = refused("SET lock_timeout = '20ms'; SELECT pg_advisory_lock(774411)");
    assert!(matches!(error, StorageError::Busy), "{error}");
}

#[test]
fn a_deadlock_is_run_again() {
    let step = |first: i32, then: i32| {
        move || {
            let mut conn = Database::shared().connect();
            conn.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock({first})")).unwrap();
            thread::sleep(Duration::from_millis(500));
            conn.batch_execute(&format!("SELECT pg_advisory_xact_lock({then}); COMMIT"))
        }
    };
    let other = thread::spawn(step(774_412, 774_413));
    let outcomes = [step(774_413, 774_412)(), other.join().unwrap()];
    let errors: Vec<StorageError> =
        outcomes.into_iter().filter_map(Result::err).map(StorageError::from).collect();
    assert!(matches!(errors.as_slice(), [StorageError::Retry(_)]), "{errors:?}");
}
