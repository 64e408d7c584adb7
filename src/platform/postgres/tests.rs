//! Does the embedded PostgreSQL start, refuse a second holder, and recover from every kind of sudden death?
//! Each test has a data directory of its own and talks to the cluster through `psql`, as this ring knows no
//! database driver.
#![expect(
    clippy::disallowed_methods,
    reason = "a process that a test starts and kills is told its directory by an environment variable"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::*;
use crate::platform::clock::Stopwatch;
use crate::platform::random;

/// A data directory that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        Scratch(std::env::temp_dir().join(format!("bw-{:08x}", random::cheap_u32())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start(dir: &Path) -> Result<Embedded, StartError> {
    Embedded::start_tuned(dir, &Tuning::for_tests())
}

fn ask(url: &str, sql: &str) -> Result<String, String> {
    let out = Command::new("psql").args(["-XAtqc", sql, url]).output().unwrap();
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if out.status.success() { Ok(said(out.stdout)) } else { Err(said(out.stderr)) }
}

fn ask_until_answered(url: &str, sql: &str) -> String {
    let waiting = Stopwatch::start();
    loop {
        match ask(url, sql) {
            Ok(answer) => return answer,
            Err(error) => assert!(waiting.elapsed() < Duration::from_secs(30), "{error}"),
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

#[test]
fn a_cluster_is_made_once_and_keeps_its_data_over_a_restart() {
    let dir = Scratch::new();
    let first = start(&dir.0).unwrap();
    ask(first.url(), "CREATE TABLE t AS SELECT 42 AS answer").unwrap();
    let settings = "SELECT concat_ws(' ', current_database(), current_setting('server_encoding'), \
        current_setting('listen_addresses'), current_setting('data_checksums'), current_setting('shared_buffers'), lower('ÄÖ'))";
    assert_eq!(ask(first.url(), settings).unwrap(), "billwright UTF8  on 128MB äö");
    assert_eq!(ask(&first.url_of("postgres"), "SELECT current_database()").unwrap(), "postgres");
    let home = first.data_dir().join("postgres");
    first.stop();
    assert!(leftovers::processes_on(&home.join("cluster")).is_empty());

    let second = start(&dir.0).unwrap();
    assert_eq!(ask(second.url(), "SELECT answer FROM t").unwrap(), "42");
}

#[test]
fn a_second_server_on_the_same_directory_is_refused_and_told_who_holds_it() {
    let dir = Scratch::new();
    let first = start(&dir.0).unwrap();
    let refused = start(&dir.0).unwrap_err().to_string();
    assert!(refused.contains(&format!("(process {})", std::process::id())), "{refused}");

    let access = Access::open(&dir.0, None).unwrap();
    assert_eq!(ask(access.url(), "SELECT 1").unwrap(), "1");
    assert!(access.embedded().is_none(), "a command uses the cluster of the server that holds the directory");
    drop(access);
    drop(first);
    assert!(start(&dir.0).is_ok());
}

#[test]
fn a_command_starts_the_cluster_when_no_server_runs_and_waits_for_those_it_lent_it_to() {
    let dir = Scratch::new();
    let lender = Access::open_tuned(&dir.0, None, &Tuning::for_tests()).unwrap();
    assert!(lender.embedded().is_some());
    let borrower = Access::open(&dir.0, None).unwrap();
    let ending = thread::spawn(move || lender.close());
    thread::sleep(Duration::from_millis(300));
    assert_eq!(ask(borrower.url(), "SELECT 1").unwrap(), "1");
    borrower.close();
    ending.join().unwrap();
}

#[test]
fn a_lent_cluster_ends_when_nobody_has_used_it_for_a_while() {
    let dir = Scratch::new();
    assert!(Access::borrow(&dir.0).unwrap().is_none());
    let lender = Access::open_tuned(&dir.0, None, &Tuning::for_tests()).unwrap();
    let lending = thread::spawn(move || lender.lend_until_unused(Duration::from_millis(500)));
    let borrower = Access::borrow(&dir.0).unwrap().unwrap();
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(ask(borrower.url(), "SELECT 1").unwrap(), "1");
    borrower.close();
    lending.join().unwrap().unwrap();
    assert!(Access::borrow(&dir.0).unwrap().is_none());
}

#[test]
fn a_database_url_wins_over_the_data_directory() {
    let dir = Scratch::new();
    let access = Access::open(&dir.0, Some("postgresql://elsewhere/db")).unwrap();
    assert_eq!(access.url(), "postgresql://elsewhere/db");
    assert!(!dir.0.exists());
}

#[test]
fn a_killed_postgresql_is_started_again_with_everything_committed() {
    let dir = Scratch::new();
    let embedded = start(&dir.0).unwrap();
    ask(embedded.url(), "CREATE TABLE t AS SELECT 42 AS answer").unwrap();
    let killed = embedded.postmaster_pid();
    send(killed, Signal::SIGKILL);
    assert_eq!(ask_until_answered(embedded.url(), "SELECT answer FROM t"), "42");
    assert_ne!(embedded.postmaster_pid(), killed);
}

#[test]
fn a_cluster_whose_making_was_cut_short_is_made_again() {
    let dir = Scratch::new();
    let half_made = dir.0.join("postgres/cluster.new/base");
    fs::create_dir_all(&half_made).unwrap();
    let embedded = start(&dir.0).unwrap();
    assert_eq!(ask(embedded.url(), "SELECT 1").unwrap(), "1");
    assert!(!half_made.exists());
}

#[test]
fn a_data_directory_too_long_for_a_socket_gets_a_short_private_one_elsewhere() {
    let dir = Scratch::new();
    let long = dir.0.join("a-long-directory-name".repeat(5));
    let embedded = start(&long).unwrap();
    assert!(embedded.url().contains("host=%2Ftmp%2Fbillwright-"), "{}", embedded.url());
    assert_eq!(ask(embedded.url(), "SELECT 1").unwrap(), "1");
    let borrowed = Access::open(&long, None).unwrap();
    assert_eq!(borrowed.url(), embedded.url());
    let socket_dir = ask(embedded.url(), "SHOW unix_socket_directories").unwrap();
    drop(embedded);
    fs::remove_dir_all(socket_dir).unwrap();
}

/// Not a test of its own: the process that the next test starts and kills.
#[test]
#[ignore = "started by a_killed_server_leaves_nothing_that_its_next_start_does_not_put_right"]
fn a_server_that_waits_to_be_killed() {
    let Some(dir) = std::env::var_os("BILLWRIGHT_TEST_VICTIM") else { return };
    let embedded = start(Path::new(&dir)).unwrap();
    ask(embedded.url(), "CREATE TABLE IF NOT EXISTS t AS SELECT 42 AS answer").unwrap();
    fs::write(Path::new(&dir).join("ready"), embedded.postmaster_pid().to_string()).unwrap();
    thread::sleep(Duration::from_secs(120));
}

#[expect(clippy::zombie_processes, reason = "the caller kills it and waits for it")]
fn start_victim(dir: &Path) -> (Child, u32) {
    let name = "platform::postgres::tests::a_server_that_waits_to_be_killed";
    let victim = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored"])
        .env("BILLWRIGHT_TEST_VICTIM", dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let waiting = Stopwatch::start();
    loop {
        if let Ok(Ok(pid)) = fs::read_to_string(dir.join("ready")).map(|text| text.parse()) {
            fs::remove_file(dir.join("ready")).unwrap();
            return (victim, pid);
        }
        assert!(waiting.elapsed() < Duration::from_secs(60), "the server did not start");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_killed_server_leaves_nothing_that_its_next_start_does_not_put_right() {
    let dir = Scratch::new();
    // The server alone: its PostgreSQL may still be shutting down when the next one starts.
    let (mut victim, _) = start_victim(&dir.0);
    victim.kill().unwrap();
    victim.wait().unwrap();
    let next = start(&dir.0).unwrap();
    assert_eq!(ask(next.url(), "SELECT answer FROM t").unwrap(), "42");
    drop(next);

    // Both at once, PostgreSQL first: its postmaster.pid stays behind.
    let (mut victim, postmaster) = start_victim(&dir.0);
    send(victim.id(), Signal::SIGSTOP);
    send(postmaster, Signal::SIGKILL);
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(dir.0.join("postgres/cluster/postmaster.pid").exists());
    let next = start(&dir.0).unwrap();
    assert_eq!(ask(next.url(), "SELECT answer FROM t").unwrap(), "42");
    drop(next);

    // The server alone, and nobody comes: PostgreSQL ends by itself.
    let (mut victim, _) = start_victim(&dir.0);
    victim.kill().unwrap();
    victim.wait().unwrap();
    let cluster = fs::canonicalize(&dir.0).unwrap().join("postgres/cluster");
    let waiting = Stopwatch::start();
    while !leftovers::processes_on(&cluster).is_empty() {
        assert!(waiting.elapsed() < Duration::from_secs(20), "PostgreSQL outlived its killed server");
        thread::sleep(Duration::from_millis(50));
    }
}
