//! `billwright backup`: everything in the embedded database, as of one instant, in one file.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::file::Partial;
use crate::cli::Outcome;
use crate::platform::clock::{self, Stopwatch};
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;

/// Write a backup of the embedded database, beside a running server or without one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright backup --data-dir data --to /backups/monday.backup\n  \
    billwright backup --data-dir data --to /backups          names the file after the time\n\n\
    It holds one instant, whatever goes on meanwhile. A file that is there already is not touched, and one that is there is whole.")]
pub(crate) struct Backup {
    #[command(flatten)]
    database: DatabaseSettings,
    /// The file to write, or a directory to write one into
    #[arg(long, value_name = "FILE|DIR")]
    to: PathBuf,
    /// Print one JSON line
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// Runs the command.
    pub(crate) fn run(self) -> Outcome {
        let database = self.database.check()?;
        if database.url().is_some() {
            return Err(
                "DATABASE_URL names a PostgreSQL of your own: back it up with its own tools, such as pg_dump"
                    .into(),
            );
        }
        let watch = Stopwatch::start();
        let target = self.target();
        let access = Access::open_existing(&database.data_dir)?;
        let program = Access::program(&database.data_dir, "pg_dump")?;
        let mut partial = Partial::begin(&target)?;
        let mut dump = Command::new(program);
        dump.args(["--format=custom", "--no-password", "--dbname", access.url()]).stdin(Stdio::null());
        let bytes = match pour(&mut dump, &mut partial.file) {
            Ok(bytes) => bytes,
            Err(error) => {
                partial.discard();
                return Err(format!("no backup was written: {error}").into());
            }
        };
        partial.finish()?;
        access.close();
        let (file, seconds) = (target.display().to_string(), watch.elapsed().as_secs());
        match self.json {
            true => println!("{}", json!({ "file": file, "bytes": bytes, "seconds": seconds })),
            false => println!("wrote {file}: {bytes} bytes in {seconds} s"),
        }
        Ok(())
    }

    fn target(&self) -> PathBuf {
        if !fs::metadata(&self.to).is_ok_and(|found| found.is_dir()) {
            return self.to.clone();
        }
        self.to.join(clock::now().format("billwright-%Y%m%dT%H%M%SZ.backup").to_string())
    }
}

/// Writes what a program prints to a file, and gives how much it was. The program ends when this process does: it has nobody to print to.
fn pour(command: &mut Command, to: &mut impl Write) -> Result<u64, String> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|e| format!("pg_dump cannot be started: {e}"))?;
    let bar = ProgressBar::new_spinner();
    bar.set_style(
        ProgressStyle::with_template("{spinner} {bytes} written, {bytes_per_sec}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    let mut poured = Ok(0);
    if let Some(mut from) = child.stdout.take() {
        poured = copy(&mut from, to, |bytes| bar.set_position(bytes));
    }
    bar.finish_and_clear();
    let ended = child.wait().map_err(|e| e.to_string())?;
    let bytes = poured.map_err(|e| e.to_string())?;
    if ended.success() { Ok(bytes) } else { Err(format!("pg_dump ended with {ended}")) }
}

fn copy(from: &mut impl Read, to: &mut impl Write, mut progress: impl FnMut(u64)) -> io::Result<u64> {
    let (mut buffer, mut bytes) = (vec![0; 256 << 10], 0);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(bytes);
        }
        to.write_all(&buffer[..read])?;
        bytes += read as u64;
        progress(bytes);
    }
}
