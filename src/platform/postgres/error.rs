//! Why can the database not be started, and what should the person at the keyboard do about it?
//!
//! Every message names the file, user or process concerned and the way out: they are read in a terminal by
//! someone who wanted a billing server, not a PostgreSQL lesson.

use std::io;
use std::path::{Path, PathBuf};

/// The reasons why an embedded PostgreSQL cluster cannot be started or reached.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another live process holds the data directory.
    #[error("{} is in use by another billwright process{}: stop it, or give this one another --data-dir",
        data_dir.display(), pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    InUse {
        /// The directory that was asked for.
        data_dir: PathBuf,
        /// The process that holds it, when it could be read.
        pid: Option<u32>,
    },

    /// No PostgreSQL server is installed.
    #[error(
        "no PostgreSQL server (13 or newer) was found: run scripts/setup, or install one \
        (Debian, Ubuntu: apt-get install postgresql), or set DATABASE_URL to a database elsewhere"
    )]
    NoServer,

    /// The cluster needs a PostgreSQL that is not installed.
    #[error("the database in {} was made by PostgreSQL {made_by}, but only {installed} is installed: \
        install PostgreSQL {made_by} (Debian, Ubuntu: apt-get install postgresql-{made_by}); to move to another version, \
        have both, run `billwright backup` with {made_by}, and `billwright restore` into a new data directory", cluster.display())]
    OtherVersion {
        /// The directory of the cluster.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: u32,
        /// The major versions found on this machine, as text.
        installed: String,
    },

    /// What is to be made is there already.
    #[error("{} is there already, and not empty: nothing was changed; name a directory that does not exist", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },

    /// There is no database where one was looked for.
    #[error("there is no database in {}: name its directory with --data-dir", data_dir.display())]
    NoDatabase {
        /// The directory.
        data_dir: PathBuf,
    },

    /// The cluster belongs to another user, and this process may not act for it.
    #[error("{} belongs to the operating system's user {owner}: run billwright as that user or as root, \
        or give another --data-dir", path.display())]
    NotYours {
        /// What belongs to the other user.
        path: PathBuf,
        /// The owner's name or number.
        owner: String,
    },

    /// There is no unprivileged user to run PostgreSQL as, and none could be made.
    #[error(
        "PostgreSQL refuses to run as root, and no user for it could be made ({reason}): \
        create one (useradd --system billwright), or run billwright as an ordinary user"
    )]
    NoUser {
        /// What went wrong.
        reason: String,
    },

    /// The cluster was moved out of the data directory and is gone.
    #[error("{} points to {}, which does not exist: bring it back, or remove the link to start with an empty database",
        link.display(), target.display())]
    LinkBroken {
        /// The link in the data directory.
        link: PathBuf,
        /// Where it points.
        target: PathBuf,
    },

    /// A directory that must be private is not.
    #[error("{} must be a directory of its own, with mode 0700 and owned by {owner}: remove it and start again",
        path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// The user it must belong to.
        owner: String,
    },

    /// A PostgreSQL program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// The program that failed.
        program: String,
        /// The end of what it printed.
        output: String,
    },

    /// Something in the file system.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as a verb: "creating", "reading".
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl StartError {
    /// For `map_err`: says what was being done, and to what.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StartError {
        let path = path.to_owned();
        move |source| StartError::Io { doing, path, source }
    }
}
