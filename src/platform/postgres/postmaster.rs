//! How is one postmaster started, watched until it is ready, and stopped?
//!
//! It runs as a child in a process group of its own (a Ctrl-C at the terminal must reach the server alone,
//! which then stops the database last) and asks the kernel for SIGINT, a fast shutdown, when the thread that
//! started it dies.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getppid};

use super::error::StartError;
use super::init::last_lines;
use super::layout::Layout;
use super::leftovers;
use super::locate::Binaries;
use super::os_user::OsUser;
use crate::platform::clock::Stopwatch;

const LARGEST_LOG: u64 = 16 << 20;

/// All it takes to start a postmaster, as often as needed.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    /// Where everything lies.
    pub layout: Layout,
    /// Who runs it.
    pub user: OsUser,
    /// Which programs.
    pub binaries: Binaries,
    /// Where its socket goes.
    pub socket_dir: PathBuf,
}

impl Recipe {
    /// Starts a postmaster and returns when it accepts connections. Recovery after a crash may take minutes;
    /// as long as the process lives there is hope, so there is no limit but its death.
    pub(super) fn start(&self) -> Result<Running, StartError> {
        leftovers::clear(&self.layout, &self.socket_dir)?;
        let log = self.open_log()?;
        let from = log.metadata().map_or(0, |found| found.len());
        let program = self.binaries.program("postgres");
        let child = self.command(log)?.spawn().map_err(|error| StartError::Failed {
            program: program.display().to_string(),
            output: error.to_string(),
        })?;
        let mut running = Running { child, log: self.layout.log.clone() };
        let waiting = Stopwatch::start();
        let mut logged = 0;
        while !self.is_ready(running.child.id()) {
            if running.has_ended() {
                let output = running.printed_since(from);
                return Err(StartError::Failed { program: "PostgreSQL".to_owned(), output });
            }
            if waiting.elapsed().as_secs() / 10 > logged {
                logged += 1;
                tracing::info!(seconds = logged * 10, "PostgreSQL is recovering");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(running)
    }

    fn is_ready(&self, pid: u32) -> bool {
        self.layout.postmaster().is_some_and(|found| found.ready && found.pid == pid)
    }

    /// PostgreSQL writes into the file itself: a pipe would break, and stop it, when this process is killed.
    fn open_log(&self) -> Result<File, StartError> {
        let path = &self.layout.log;
        limit_log(path);
        let log = OpenOptions::new().create(true).append(true).open(path);
        let log = log.map_err(StartError::io("opening", path))?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(StartError::io("closing", path))?;
        self.user.give(path)?;
        Ok(log)
    }

    fn command(&self, log: File) -> Result<Command, StartError> {
        let again = log.try_clone().map_err(StartError::io("opening", &self.layout.log))?;
        let mut command = self.user.command(self.binaries.program("postgres"));
        command.arg("-D").arg(&self.layout.cluster);
        // What must hold whatever the settings files say.
        command.args(["-c", "listen_addresses=", "-c", "port=5432", "-c", "unix_socket_permissions=0700"]);
        command.arg("-c").arg(format!("unix_socket_directories={}", self.socket_dir.display()));
        command.args(["-c", "logging_collector=off", "-c", "log_destination=stderr"]);
        command.stdout(again).stderr(log).stdin(Stdio::null()).process_group(0);
        die_with_parent(&mut command);
        Ok(command)
    }
}

/// Asks the kernel to send the child SIGINT when its parent dies. The user is changed before this runs
/// (changing it afterwards would clear the request).
#[expect(unsafe_code, reason = "what a child does before it is another program can be said in no other way")]
fn die_with_parent(command: &mut Command) {
    let parent = nix::unistd::getpid();
    let ask = move || {
        prctl::set_pdeathsig(Signal::SIGINT)?;
        // The parent may have died before the request was in place.
        if getppid() == parent { Ok(()) } else { Err(std::io::Error::other("the parent is gone")) }
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed. `ask` makes two plain system
    // calls, allocates nothing on its way to success and takes no lock.
    unsafe {
        command.pre_exec(ask);
    }
}

/// A postmaster that is our child.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Its process number.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended, by itself or killed.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Keeps the log from growing without end.
    pub(super) fn limit_log(&self) {
        limit_log(&self.log);
    }

    /// Fast shutdown: sessions are cut off, everything is written, and the process ends. Returns when it has.
    pub(super) fn stop(mut self) {
        for (signal, seconds) in [(Signal::SIGINT, 120), (Signal::SIGQUIT, 10)] {
            // The kernel's numbers are signed.
            let Ok(pid) = i32::try_from(self.child.id()) else { break };
            // It may just have ended by itself; its number stays taken until we wait for it.
            let _ended = kill(Pid::from_raw(pid), signal);
            let waiting = Stopwatch::start();
            while waiting.elapsed() < Duration::from_secs(seconds) {
                if self.has_ended() {
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
        tracing::error!(pid = self.child.id(), "PostgreSQL did not stop when told to: killing it");
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }

    /// The end of what it printed since the log was `from` bytes long.
    pub(super) fn printed_since(&self, from: u64) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(from).unwrap_or(0).min(text.len());
        last_lines(String::from_utf8_lossy(&text[from..]).trim(), 12)
    }
}

/// At 16 MB the log is copied to `postgres.log.1` and cut to nothing. PostgreSQL holds it open for appending,
/// so it simply goes on at the start; a line printed in between is lost.
fn limit_log(path: &Path) {
    if fs::metadata(path).is_ok_and(|found| found.len() > LARGEST_LOG) {
        let cut = fs::copy(path, path.with_extension("log.1"))
            .and_then(|_| OpenOptions::new().write(true).open(path)?.set_len(0));
        if let Err(error) = cut {
            tracing::warn!(log = %path.display(), %error, "the database's log could not be shortened");
        }
    }
}
