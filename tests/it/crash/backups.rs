//! Is a backup taken beside a server at work a whole and consistent one, and is a half-made one never taken for it?

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use billwright::platform::random;
use serde_json::Value;

use super::business::Business;
use super::machine::Machine;

/// A place for files of one test.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        let dir =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("backups_{:08x}", random::cheap_u32()));
        fs::create_dir_all(&dir).unwrap();
        Place(dir)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// A command that is about no running server: what it printed, and what it complained of.
fn billwright(arguments: &[&str]) -> (bool, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_billwright"))
        .args(arguments)
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.success(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn a_backup_taken_at_work_is_restored_with_right_books_whoever_dies_on_the_way() {
    let mut machine = Machine::started();
    let business = Business::seeded(&machine);
    let place = Place::new();
    let (file, restored) = (place.at("a.backup"), place.at("restored"));

    // It is written while customers are billed and charged.
    let work = business.advance_in_background(&machine, business.now(&machine) + chrono::TimeDelta::days(40));
    let written = machine.run(&["backup", "--to", &file, "--json"]);
    let report: Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!(report["bytes"].as_u64(), Some(fs::metadata(&file).unwrap().len()));
    assert!(work.join().unwrap());
    let again = machine.run(&["backup", "--to", &file]);
    assert!(
        !again.status.success() && String::from_utf8_lossy(&again.stderr).contains("exists already"),
        "{again:?}"
    );
    let by_time = machine.run(&["backup", "--to", &place.at("")]);
    assert!(by_time.status.success(), "{by_time:?}");
    // Killed on the way, it leaves nothing that looks like a backup.
    for pause in [1, 30, 80, 150] {
        let mut killed = machine.program(&["backup", "--to", &place.at("killed.backup")]);
        let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(pause));
        let _ended = killed.kill();
        if !killed.wait().unwrap().success() {
            assert!(!fs::exists(place.at("killed.backup")).unwrap());
        } else {
            fs::remove_file(place.at("killed.backup")).unwrap();
        }
    }
    machine.stop();

    for pause in [300, 1_500] {
        let mut killed = Command::new(env!("CARGO_BIN_EXE_billwright"));
        killed
            .args(["restore", "--from", &file, "--data-dir", &restored])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut killed = killed.spawn().unwrap();
        thread::sleep(Duration::from_millis(pause));
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert!(!fs::exists(&restored).unwrap(), "it has its name when it is whole");
    }
    let (is_well, report, said) =
        billwright(&["restore", "--from", &file, "--data-dir", &restored, "--json"]);
    assert!(is_well, "{said}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["right"], &report["tenants"], &report["migrations"]),
        (&true.into(), &1.into(), &0.into()),
        "{report}"
    );
    assert!(!fs::exists(place.at("restored.partial")).unwrap());
    let (is_well, report, said) = billwright(&["verify-books", "--data-dir", &restored]);
    assert!(is_well && report.contains("the books are right"), "{report} {said}");
    let (is_well, _, said) = billwright(&["restore", "--from", &file, "--data-dir", &restored]);
    assert!(!is_well && said.contains("not empty"), "{said}");
}

#[test]
fn what_is_no_whole_backup_is_refused_in_words_and_leaves_nothing() {
    let mut machine = Machine::started();
    let place = Place::new();
    let (file, target) = (place.at("a.backup"), place.at("restored"));
    assert!(machine.run(&["backup", "--to", &file]).status.success());
    let refused = |file: &str, because: &str| {
        let (is_well, _, said) = billwright(&["restore", "--from", file, "--data-dir", &target]);
        assert!(!is_well && said.contains(because), "{said}");
        assert!(!fs::exists(&target).unwrap() && !fs::exists(format!("{target}.partial")).unwrap());
    };
    refused(&place.at("none.backup"), "cannot be read");
    let whole = fs::read(&file).unwrap();
    fs::write(place.at("cut.backup"), &whole[..whole.len() / 2]).unwrap();
    refused(&place.at("cut.backup"), "cut.backup");
    fs::write(place.at("text.backup"), "not a backup").unwrap();
    refused(&place.at("text.backup"), "no backup that can be read");

    use diesel::connection::SimpleConnection;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000100')";
    machine.connect().batch_execute(newer).unwrap();
    assert!(machine.run(&["backup", "--to", &place.at("newer.backup")]).status.success());
    refused(&place.at("newer.backup"), "was written by a newer version of billwright");
    machine.stop();

    let (is_well, _, said) =
        billwright(&["backup", "--data-dir", &place.at("nowhere"), "--to", &place.at("b.backup")]);
    assert!(!is_well && said.contains("there is no database in"), "{said}");
    assert!(!fs::exists(place.at("nowhere")).unwrap() && !fs::exists(place.at("b.backup")).unwrap());
}
