//! How does a cluster come into being?
//!
//! Once, and whole or not at all: everything happens in `cluster.new`, which is renamed to `cluster` as the
//! last step. It takes about a second. UTF-8, byte order for sorting (an index on `text` is then usable for
//! prefixes, and no upgrade of the system's locales can corrupt it), checksums on every page, and the
//! database `billwright` inside.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::StartError;
use super::layout::Layout;
use super::locate::Binaries;
use super::os_user::OsUser;
use super::tuning::Tuning;

/// The database's superuser, and the name of the database.
pub(super) const NAME: &str = "billwright";

/// Added to what `initdb` found out about the machine (which kind of shared memory works, for one).
const CONFIGURATION: &str = "
# What billwright sets is in this file, written anew at every start:
include = 'billwright.conf'
# Your own settings go below, and win.
";

/// Only the unix socket is open, and only its owner (and root) can reach that.
const ACCESS: &str = "local all all trust\nlocal replication all trust\n";

/// Makes the cluster if there is none, and writes its settings.
pub(super) fn ensure(
    layout: &Layout,
    user: &OsUser,
    binaries: &Binaries,
    tuning: &Tuning,
) -> Result<(), StartError> {
    if !layout.cluster.join("PG_VERSION").exists() {
        make(layout, user, binaries, tuning)?;
    }
    write_settings(layout, user, binaries, tuning)
}

fn make(layout: &Layout, user: &OsUser, binaries: &Binaries, tuning: &Tuning) -> Result<(), StartError> {
    let new = layout.home.join("cluster.new");
    if new.exists() {
        fs::remove_dir_all(&new).map_err(StartError::io("removing", &new))?;
    }
    tracing::info!(cluster = %layout.cluster.display(), postgresql = binaries.major, user = user.name, "making the database");
    // Not every system has the locale C.UTF-8, in which lower-casing knows more letters than a to z.
    if let Err(first) = initdb(&new, user, binaries, ("C.UTF-8", tuning)) {
        let second = initdb(&new, user, binaries, ("C", tuning));
        second.map_err(|_| first)?;
    }
    let file = new.join("postgresql.conf");
    let settings = fs::read_to_string(&file).map_err(StartError::io("reading", &file))?;
    write(&file, &(settings + CONFIGURATION), user)?;
    write(&new.join("billwright.conf"), "", user)?;
    write(&new.join("pg_hba.conf"), ACCESS, user)?;
    create_database(&new, user, binaries, tuning)?;
    fs::rename(&new, &layout.cluster).map_err(StartError::io("renaming", &new))?;
    sync(&layout.home)
}

fn initdb(new: &Path, user: &OsUser, binaries: &Binaries, how: (&str, &Tuning)) -> Result<(), StartError> {
    let (ctype, tuning) = how;
    let mut command = user.command(binaries.program("initdb"));
    command.arg("-D").arg(new).args(["-U", NAME, "-E", "UTF8", "-A", "trust", "--data-checksums"]);
    command.args(["--lc-collate=C", "--lc-messages=C", "--locale=C"]).arg(format!("--lc-ctype={ctype}"));
    if !tuning.durable {
        command.arg("--no-sync");
    }
    run(&mut command, "").map(|_| ())
}

/// Makes the database in single-user mode, so that no half-made cluster is ever served.
fn create_database(
    new: &Path,
    user: &OsUser,
    binaries: &Binaries,
    tuning: &Tuning,
) -> Result<(), StartError> {
    let mut command = user.command(binaries.program("postgres"));
    command.arg("--single");
    if !tuning.durable {
        command.arg("-F");
    }
    command.arg("-D").arg(new).arg("postgres");
    let said = run(&mut command, &format!("CREATE DATABASE {NAME}\n"))?;
    if said.contains("ERROR:") || said.contains("FATAL:") {
        return Err(StartError::Failed { program: "CREATE DATABASE".to_owned(), output: said });
    }
    Ok(())
}

fn write_settings(
    layout: &Layout,
    user: &OsUser,
    binaries: &Binaries,
    tuning: &Tuning,
) -> Result<(), StartError> {
    let file = layout.cluster.join("billwright.conf");
    // A settings file from another build must not keep this question from being asked.
    write(&file, "", user)?;
    let mut probe = user.command(binaries.program("postgres"));
    probe.args(["-c", "wal_compression=lz4", "-C", "wal_compression", "-D"]).arg(&layout.cluster);
    let lz4 = run(&mut probe, "").is_ok_and(|said| said.contains("lz4"));
    write(&file, &tuning.settings(lz4), user)
}

fn write(path: &Path, text: &str, user: &OsUser) -> Result<(), StartError> {
    let mut file = File::create(path).map_err(StartError::io("creating", path))?;
    file.write_all(text.as_bytes()).map_err(StartError::io("writing", path))?;
    file.sync_all().map_err(StartError::io("writing", path))?;
    user.give(path)
}

fn sync(dir: &Path) -> Result<(), StartError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StartError::io("writing", dir))
}

/// Runs a program to its end with `input`, and gives what it printed; its failure tells the end of that.
pub(super) fn run(command: &mut Command, input: &str) -> Result<String, StartError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |output: String| StartError::Failed { program: program.clone(), output };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading its input says why in its output.
        let _unread = stdin.write_all(input.as_bytes());
    }
    let out = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    if out.status.success() { Ok(said) } else { Err(failed(last_lines(&said, 12))) }
}

/// The last `count` lines of a text.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
