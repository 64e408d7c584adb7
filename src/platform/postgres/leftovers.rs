//! What if a PostgreSQL of an earlier life still runs on this cluster?
//!
//! After `kill -9` of the server its postmaster ends by itself (it asked the kernel to be told), but that may
//! take a moment; after `kill -9` of the postmaster its children end when they notice. Two servers on one
//! cluster would destroy it, so nothing starts before the last process of the earlier life is gone. Worked
//! number: a postmaster gets 60 seconds to write its last checkpoint before it is told to quit without one.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::error::StartError;
use super::layout::Layout;
use crate::platform::clock::Stopwatch;

const PATIENCE: Duration = Duration::from_secs(60);

/// Ends whatever still runs on the cluster and removes its stale lock files.
pub(super) fn clear(layout: &Layout, socket_dir: &Path) -> Result<(), StartError> {
    let postmaster = layout.postmaster().map(|found| found.pid);
    let alive = processes_on(&layout.cluster);
    if !alive.is_empty() {
        tracing::warn!(?alive, "a PostgreSQL of an earlier life still runs on this database: ending it");
    }
    match postmaster.filter(|pid| alive.contains(pid)) {
        // SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one.
        Some(pid) => end(layout, &[pid], Signal::SIGINT)?,
        None => end(layout, &alive, Signal::SIGTERM)?,
    }
    let rest = processes_on(&layout.cluster);
    end(layout, &rest, Signal::SIGQUIT)?;
    let rest = processes_on(&layout.cluster);
    end(layout, &rest, Signal::SIGKILL)?;
    // With nobody left, these can only mislead: the process number in them may belong to another program by
    // now, or to one that is dead but not yet reaped. Both directories are private to this cluster.
    for stale in [layout.cluster.join("postmaster.pid"), socket_dir.join(".s.PGSQL.5432.lock")] {
        match fs::remove_file(&stale) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StartError::Io { doing: "removing", path: stale, source: error });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Signals the processes and waits until nothing runs on the cluster any more, or patience ends.
fn end(layout: &Layout, processes: &[u32], signal: Signal) -> Result<(), StartError> {
    if processes.is_empty() {
        return Ok(());
    }
    for pid in processes {
        // The kernel's numbers are signed.
        let Ok(pid) = i32::try_from(*pid) else { continue };
        // A process that ended since it was listed is what was wanted.
        let _gone = kill(Pid::from_raw(pid), signal);
    }
    let patience = if signal == Signal::SIGINT { PATIENCE } else { PATIENCE / 6 };
    let waiting = Stopwatch::start();
    while waiting.elapsed() < patience {
        if processes_on(&layout.cluster).is_empty() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    if signal != Signal::SIGKILL {
        return Ok(());
    }
    let rest = processes_on(&layout.cluster);
    Err(StartError::Failed {
        program: "ending the PostgreSQL of an earlier life".to_owned(),
        output: format!("processes {rest:?} still run on {}", layout.cluster.display()),
    })
}

/// Every PostgreSQL process whose working directory is the cluster: a postmaster and all its children.
pub(super) fn processes_on(cluster: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter(|pid| works_on(*pid, cluster)).collect()
}

/// Whether a process is a PostgreSQL that works on the cluster.
pub(super) fn works_on(pid: u32, cluster: &Path) -> bool {
    let program = |file: std::path::PathBuf| file.file_name().map(|name| name.to_string_lossy().into_owned());
    // "postgres (deleted)" after the package was upgraded under a running server.
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|dir| dir == cluster)
        && fs::read_link(format!("/proc/{pid}/exe"))
            .ok()
            .and_then(program)
            .is_some_and(|name| name.starts_with("postgres"))
}
