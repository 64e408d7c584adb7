//! Where do the parts of an embedded database lie?
//!
//! In the data directory: `billwright.lock`, `postgres.log` and `postgres/`, a private home (mode 0700, owned
//! by the user that runs PostgreSQL) with `cluster/` (the data) and `socket/`. A unix socket's path may have
//! 107 bytes, of which `/.s.PGSQL.5432` takes 14: a socket directory of 94 bytes or more moves to
//! `/tmp/billwright-UID-HASH`.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::StartError;
use super::os_user::OsUser;
use crate::platform::random;

/// The longest socket directory: 107 bytes less the 14 of `/.s.PGSQL.5432`.
const LONGEST_SOCKET_DIR: usize = 93;

/// Where clusters go when PostgreSQL's user cannot reach the data directory.
const ELSEWHERE: &str = "/var/lib/billwright";

/// The places of one embedded database.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The data directory, with links resolved.
    pub data_dir: PathBuf,
    /// The private home of the cluster, with links resolved.
    pub home: PathBuf,
    /// PostgreSQL's own data directory.
    pub cluster: PathBuf,
    /// What PostgreSQL prints.
    pub log: PathBuf,
}

/// Creates the data directory when it is missing, and gives its path with links resolved.
pub(super) fn open_data_dir(data_dir: &Path) -> Result<PathBuf, StartError> {
    if !data_dir.exists() {
        fs::create_dir_all(data_dir).map_err(StartError::io("creating", data_dir))?;
        // PostgreSQL's user must pass through; what is private lies in directories of its own below.
        fs::set_permissions(data_dir, Permissions::from_mode(0o755))
            .map_err(StartError::io("opening", data_dir))?;
    }
    fs::canonicalize(data_dir).map_err(StartError::io("opening", data_dir))
}

impl Layout {
    /// The places for a data directory (links resolved) as they are now.
    pub(super) fn of(data_dir: &Path) -> Result<Layout, StartError> {
        let link = data_dir.join("postgres");
        let home = match fs::read_link(&link) {
            Err(_) => link,
            Ok(target) => {
                let target = data_dir.join(target);
                fs::canonicalize(&target).map_err(|_| StartError::LinkBroken { link, target })?
            }
        };
        let (cluster, log) = (home.join("cluster"), data_dir.join("postgres.log"));
        Ok(Layout { data_dir: data_dir.to_owned(), home, cluster, log })
    }

    /// Makes the home, private to `user`; moves it out of the data directory when `user` cannot reach that.
    pub(super) fn make_home(self, user: &OsUser) -> Result<Layout, StartError> {
        if !self.home.exists() && !user.can_enter(&self.data_dir) {
            return self.make_home_elsewhere(user);
        }
        make_private(&self.home, user)?;
        if user.can_enter(&self.home) {
            return Ok(self);
        }
        Err(StartError::Failed {
            program: format!("entering {}", self.home.display()),
            output: format!(
                "the user {} who runs PostgreSQL may not pass through a directory above it",
                user.name
            ),
        })
    }

    /// Root's own directories (a checkout in `/root`, say) are closed to other users. Opening them would
    /// weaken the machine, so the cluster lies elsewhere and a link keeps it findable.
    fn make_home_elsewhere(self, user: &OsUser) -> Result<Layout, StartError> {
        let parent = Path::new(ELSEWHERE);
        fs::create_dir_all(parent).map_err(StartError::io("creating", parent))?;
        fs::set_permissions(parent, Permissions::from_mode(0o755))
            .map_err(StartError::io("opening", parent))?;
        let unique: String = random::bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect();
        let home = parent.join(format!("postgres-{unique}"));
        make_private(&home, user)?;
        symlink(&home, &self.home).map_err(StartError::io("linking", &self.home))?;
        tracing::info!(
            cluster = %home.display(), link = %self.home.display(), user = user.name,
            "the database lies outside the data directory, which the user that runs PostgreSQL cannot reach"
        );
        Layout::of(&self.data_dir)
    }

    /// Makes the directory of the socket, private to `user`.
    pub(super) fn make_socket_dir(&self, user: &OsUser) -> Result<PathBuf, StartError> {
        let within = self.home.join("socket");
        let dir = if fits(&within) { within } else { self.short_socket_dir(user) };
        make_private(&dir, user)?;
        let found = fs::symlink_metadata(&dir).map_err(StartError::io("reading", &dir))?;
        // In a directory open to all, somebody else may have been there first.
        if !found.is_dir() || found.uid() != user.number() || found.mode() & 0o077 != 0 {
            return Err(StartError::NotPrivate { path: dir, owner: user.name.clone() });
        }
        Ok(dir)
    }

    /// The same for the same home, so a restart finds it again.
    fn short_socket_dir(&self, user: &OsUser) -> PathBuf {
        let hash = Sha256::digest(self.home.as_os_str().as_bytes());
        let name: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        PathBuf::from(format!("/tmp/billwright-{}-{name}", user.number()))
    }

    /// The running postmaster, as its own file tells it; `None` when there is none.
    pub(super) fn postmaster(&self) -> Option<Postmaster> {
        Postmaster::read(&fs::read_to_string(self.cluster.join("postmaster.pid")).ok()?)
    }
}

/// Whether a socket in `dir` has a path that is short enough, and plain enough for PostgreSQL's lists of
/// directories.
fn fits(dir: &Path) -> bool {
    let bytes = dir.as_os_str().as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+@ ".contains(byte);
    bytes.len() <= LONGEST_SOCKET_DIR && bytes.iter().all(plain)
}

fn make_private(dir: &Path, user: &OsUser) -> Result<(), StartError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => user.give(dir),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(dir).map_err(StartError::io("reading", dir))?;
            // Made by root, and not yet given away when its making was cut short.
            if found.is_dir() && found.uid() == 0 { user.give(dir) } else { Ok(()) }
        }
        Err(source) => Err(StartError::Io { doing: "creating", path: dir.to_owned(), source }),
    }
}

/// What `postmaster.pid` says of a running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Postmaster {
    /// The postmaster's process number.
    pub pid: u32,
    /// Where its socket lies.
    pub socket_dir: PathBuf,
    /// Whether it accepts connections.
    pub ready: bool,
}

impl Postmaster {
    /// Line 1 is the process, line 5 the socket's directory, line 8 the status.
    fn read(text: &str) -> Option<Postmaster> {
        let lines: Vec<&str> = text.lines().collect();
        let pid = lines.first()?.trim().parse().ok()?;
        let ready = lines.get(7).is_some_and(|status| status.trim() == "ready");
        Some(Postmaster { pid, socket_dir: PathBuf::from(lines.get(4).copied().unwrap_or("")), ready })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_of_107_bytes_fits_and_one_of_108_does_not() {
        let dir = |length: usize| PathBuf::from(format!("/{}", "d".repeat(length - 1)));
        assert!(fits(&dir(93)));
        assert!(!fits(&dir(94)));
        assert!(!fits(Path::new("/data,with,commas")));
    }

    #[test]
    fn the_state_of_a_postmaster_is_read_from_its_file() {
        let text = "4711\n/d/cluster\n1750000000\n5432\n/d/socket\n\n  5432001 0\nready   \n";
        let read = Postmaster::read(text).unwrap();
        assert_eq!(read, Postmaster { pid: 4711, socket_dir: "/d/socket".into(), ready: true });
        assert!(!Postmaster::read("4711\n/d/cluster\n").unwrap().ready);
        assert_eq!(Postmaster::read(""), None);
    }
}
