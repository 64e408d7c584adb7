//! `billwright restore`: a new data directory from a backup, proven by its books before it gets its name.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use crate::cli::Outcome;
use crate::platform::clock::Stopwatch;
use crate::platform::config;
use crate::platform::postgres::{Aside, Embedded};
use crate::storage::{Session, migrate, tenants};
use crate::workflows::verify_books;

/// Make a new data directory from a backup, and verify its books
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  billwright restore --from /backups/monday.backup --data-dir restored\n  \
    billwright serve --data-dir restored\n\n\
    The directory must not exist, or be empty. The backup may come from an older version, and from an older PostgreSQL."
)]
pub(crate) struct Restore {
    /// The backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The data directory to make
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Print one JSON line
    #[arg(long)]
    json: bool,
}

/// What came of it.
struct Restored {
    tenants: usize,
    differences: i64,
    /// Migrations that the backup lacked.
    migrations: usize,
}

impl Restore {
    /// Runs the command.
    pub(crate) fn run(self) -> Outcome {
        let watch = Stopwatch::start();
        std::fs::File::open(&self.from)
            .map_err(|e| format!("{} cannot be read: {e}", self.from.display()))?;
        let aside = Aside::begin(&self.data_dir)?;
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        let embedded = Embedded::start(aside.path())?;
        let restored = self.fill(&embedded, &bar);
        embedded.stop();
        bar.finish_and_clear();
        let Restored { tenants, differences, migrations } = restored?;
        aside.finish()?;
        let (dir, seconds) = (self.data_dir.display().to_string(), watch.elapsed().as_secs());
        match self.json {
            true => println!(
                "{}",
                json!({ "data_dir": dir, "tenants": tenants, "migrations": migrations, "right": differences == 0,
                    "differences": differences, "seconds": seconds })
            ),
            false => println!(
                "restored {dir} in {seconds} s: {tenants} tenants, {differences} differences in their books"
            ),
        }
        match differences {
            0 => Ok(()),
            _ => Err("it is as it was saved, and its books are wrong: billwright verify-books names the differences".into()),
        }
    }

    fn fill(
        &self,
        embedded: &Embedded,
        bar: &ProgressBar,
    ) -> Result<Restored, Box<dyn std::error::Error + Send + Sync>> {
        let program = embedded.program("pg_restore");
        bar.set_message("reading the backup");
        let newer = migrate::unknown(&migrations_in(&program, &self.from)?);
        if let Some(first) = newer.first() {
            let text = format!(
                "{} was written by a newer version of billwright, whose migration {first} this one does not know: restore it with that version",
                self.from.display()
            );
            return Err(text.into());
        }
        bar.set_message("restoring");
        let mut restore = Command::new(&program);
        restore
            .args(["--exit-on-error", "--no-owner", "--no-password", "--jobs"])
            .arg(config::cores().to_string());
        restore.args(["--dbname", embedded.url()]).arg(&self.from);
        output(&mut restore).map_err(|said| format!("{} cannot be restored: {said}", self.from.display()))?;
        let mut session = Session::open(embedded.url())?;
        bar.set_message("bringing the tables up to date");
        let migrations = migrate::run(&mut session)?.len();
        migrate::analyze(&mut session)?;
        let all = session.read(tenants::all)?;
        let mut differences = 0;
        for (n, tenant) in all.iter().enumerate() {
            bar.set_message(format!("verifying the books of tenant {} of {}", n + 1, all.len()));
            differences += verify_books::run(&mut session, tenant.id)?.count;
        }
        Ok(Restored { tenants: all.len(), differences, migrations })
    }
}

/// The migrations that had been run on the database in the backup.
fn migrations_in(program: &Path, file: &Path) -> Result<Vec<String>, String> {
    let mut read = Command::new(program);
    read.args(["--data-only", "--table=__diesel_schema_migrations", "--file=-"]).arg(file);
    let text = output(&mut read)
        .map_err(|said| format!("{} is no backup that can be read: {said}", file.display()))?;
    let rows =
        text.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1).take_while(|line| *line != "\\.");
    let versions: Vec<String> = rows.filter_map(|row| Some(row.split('\t').next()?.to_owned())).collect();
    match versions.is_empty() {
        true => Err(format!("{} is no backup of billwright", file.display())),
        false => Ok(versions),
    }
}

/// What a program prints, or the end of what it complains of.
fn output(command: &mut Command) -> Result<String, String> {
    let ended = command.stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    Err(said.lines().next().unwrap_or("pg_restore failed").to_owned())
}
