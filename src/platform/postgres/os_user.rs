//! As which user of the operating system does PostgreSQL run?
//!
//! PostgreSQL refuses to run as root. Started by root, the cluster runs as the user that owns it already,
//! else as `postgres`, else as a system user `billwright` made for it. Started by an ordinary user, it runs
//! as that user.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User, chown, getegid, geteuid};

use super::error::StartError;

/// What the environment may hold that would change how PostgreSQL's programs behave.
const MISLEADING: [&str; 10] = [
    "PGDATA",
    "PGPORT",
    "PGTZ",
    "PGHOST",
    "PGUSER",
    "PGDATABASE",
    "PGOPTIONS",
    "PGDATESTYLE",
    "PGCLIENTENCODING",
    "LANGUAGE",
];

/// The user that runs a cluster.
#[derive(Debug, Clone)]
pub(super) struct OsUser {
    uid: Uid,
    gid: Gid,
    /// The login name, or the number where there is none.
    pub name: String,
    /// Whether that is another user than the one this process runs as.
    switch: bool,
}

impl OsUser {
    /// Decides who runs the cluster whose files are, or will be, in `home`.
    pub(super) fn for_cluster(home: &Path) -> Result<OsUser, StartError> {
        let owner = fs::metadata(home).ok().map(|found| Uid::from_raw(found.uid()));
        if !geteuid().is_root() {
            return match owner {
                Some(owner) if owner != geteuid() => {
                    Err(StartError::NotYours { path: home.to_owned(), owner: name_of(owner) })
                }
                _ => Ok(OsUser { uid: geteuid(), gid: getegid(), name: name_of(geteuid()), switch: false }),
            };
        }
        // A directory still owned by root is one whose making was cut short: its owner is not decided yet.
        match owner.filter(|owner| !owner.is_root()) {
            Some(uid) => {
                let gid =
                    fs::metadata(home).map(|found| found.gid()).map_err(StartError::io("reading", home))?;
                Ok(OsUser { uid, gid: Gid::from_raw(gid), name: name_of(uid), switch: true })
            }
            None => unprivileged(),
        }
    }

    /// The user's number, which names its private directories.
    pub(super) fn number(&self) -> u32 {
        self.uid.as_raw()
    }

    /// A command that will run as this user, in the root directory, with nothing on its input.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if self.switch {
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        for name in MISLEADING {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        command
    }

    /// Makes the user the owner of a file or directory that this process made.
    pub(super) fn give(&self, path: &Path) -> Result<(), StartError> {
        if !self.switch {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid)).map_err(|errno| StartError::Io {
            doing: "giving away",
            path: path.to_owned(),
            source: errno.into(),
        })
    }

    /// Whether the user can reach `dir` through all the directories above it.
    pub(super) fn can_enter(&self, dir: &Path) -> bool {
        // The child changes its user first and its directory second, so starting it is the exact question.
        let mut probe = self.command("/bin/sh");
        probe.args(["-c", ":"]).current_dir(dir);
        !self.switch || probe.status().is_ok_and(|status| status.success())
    }
}

/// The first of the users made for databases, or a new one.
fn unprivileged() -> Result<OsUser, StartError> {
    for name in ["postgres", "billwright"] {
        if let Some(user) = known(name)? {
            return Ok(user);
        }
    }
    let made = Command::new("useradd")
        .args(["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"])
        .args(["--shell", "/usr/sbin/nologin", "billwright"])
        .output();
    match made {
        Ok(out) if !out.status.success() => {
            Err(StartError::NoUser { reason: String::from_utf8_lossy(&out.stderr).trim().to_owned() })
        }
        Ok(_) => known("billwright")?
            .ok_or_else(|| StartError::NoUser { reason: "useradd made no user".to_owned() }),
        Err(error) => Err(StartError::NoUser { reason: format!("useradd: {error}") }),
    }
}

fn known(name: &str) -> Result<Option<OsUser>, StartError> {
    let user = User::from_name(name).map_err(|errno| StartError::NoUser { reason: errno.to_string() })?;
    Ok(user.map(|user| OsUser { uid: user.uid, gid: user.gid, name: user.name, switch: true }))
}

/// A user's login name, or its number where there is none.
pub(super) fn name_of(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}
