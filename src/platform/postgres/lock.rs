//! Who holds a data directory?
//!
//! The holder keeps an exclusive `flock` on `DIR/billwright.lock` and writes its process number in it. The
//! kernel lets go of the lock when the holder dies, however it dies, so a lock is never stale.
//! `DIR/billwright.users` is locked (shared) by commands that use the holder's database, so that a command
//! that started it can wait for them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Uid, geteuid};

use super::error::StartError;
use super::os_user::name_of;

/// The data directory is ours as long as this value lives.
#[derive(Debug)]
pub(super) struct DirLock {
    _file: File,
}

/// The answer to an attempt at taking a data directory.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It was free and is ours now.
    Taken(DirLock),
    /// A live process has it.
    Held {
        /// The holder's process number, when it has written it already.
        pid: Option<u32>,
    },
}

/// Takes the data directory if nobody holds it.
pub(super) fn try_take(data_dir: &Path) -> Result<Attempt, StartError> {
    let path = data_dir.join("billwright.lock");
    let mut file = open(&path)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(StartError::io("writing", &path))?;
            file.rewind().map_err(StartError::io("writing", &path))?;
            writeln!(file, "{}", std::process::id()).map_err(StartError::io("writing", &path))?;
            Ok(Attempt::Taken(DirLock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let read = file.read_to_string(&mut text);
            Ok(Attempt::Held { pid: read.ok().and_then(|_| text.trim().parse().ok()) })
        }
        Err(TryLockError::Error(source)) => Err(StartError::Io { doing: "locking", path, source }),
    }
}

/// A user of a database that another process holds: the holder can wait for it to end.
#[derive(Debug)]
pub(super) struct UserMark {
    _file: File,
}

/// Says that this process uses the database of the data directory's holder.
pub(super) fn mark_use(data_dir: &Path) -> Result<UserMark, StartError> {
    let path = data_dir.join("billwright.users");
    let file = open(&path)?;
    file.lock_shared().map_err(StartError::io("locking", &path))?;
    Ok(UserMark { _file: file })
}

/// Waits until no other process uses the database, and keeps new users waiting as long as the answer lives.
pub(super) fn await_users(data_dir: &Path) -> Result<UserMark, StartError> {
    let path = data_dir.join("billwright.users");
    let file = open(&path)?;
    file.lock().map_err(StartError::io("locking", &path))?;
    Ok(UserMark { _file: file })
}

/// Whether another process uses the database at this moment.
pub(super) fn is_used(data_dir: &Path) -> Result<bool, StartError> {
    let path = data_dir.join("billwright.users");
    match open(&path)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(StartError::Io { doing: "locking", path, source }),
    }
}

fn open(path: &Path) -> Result<File, StartError> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = opened.map_err(|error| match (error.kind(), fs::metadata(path)) {
        (ErrorKind::PermissionDenied, Ok(found)) => {
            StartError::NotYours { path: path.to_owned(), owner: name_of(Uid::from_raw(found.uid())) }
        }
        _ => StartError::io("opening", path)(error),
    })?;
    // Root in another user's directory must not leave behind a file which that user cannot open.
    let dir = path.parent().unwrap_or(path);
    let owner = fs::metadata(dir).map_err(StartError::io("reading", dir))?;
    if geteuid().is_root() && owner.uid() != 0 {
        std::os::unix::fs::fchown(&file, Some(owner.uid()), Some(owner.gid()))
            .map_err(StartError::io("giving away", path))?;
    }
    Ok(file)
}
