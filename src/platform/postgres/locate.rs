//! Which PostgreSQL server programs are on this machine, and which of them is ours to use?
//!
//! A new cluster takes the newest found (13 at least); an old one takes the version that made it: with 15 and
//! 17 installed, a cluster whose `PG_VERSION` says 15 is run by 15.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::StartError;
use crate::platform::config;

const OLDEST: u32 = 13;

/// The programs of one PostgreSQL version.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    dir: PathBuf,
    /// The major version, say 15.
    pub major: u32,
}

impl Binaries {
    /// The path of one of the programs, say `initdb`.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Finds the programs for `cluster`: of the version that made it, or the newest when it does not exist yet.
pub(super) fn find(cluster: &Path) -> Result<Binaries, StartError> {
    let mut found: Vec<Binaries> = candidates().into_iter().filter_map(examine).collect();
    found.retain(|binaries| binaries.major >= OLDEST);
    found.sort_by_key(|binaries| binaries.major);
    match made_by(cluster) {
        None => found.pop().ok_or(StartError::NoServer),
        Some(made_by) => match found.iter().rfind(|binaries| binaries.major == made_by) {
            Some(binaries) => Ok(binaries.clone()),
            None if found.is_empty() => Err(StartError::NoServer),
            None => {
                let installed: Vec<String> = found.iter().map(|it| it.major.to_string()).collect();
                let (cluster, installed) = (cluster.to_owned(), installed.join(", "));
                Err(StartError::OtherVersion { cluster, made_by, installed })
            }
        },
    }
}

/// The major version that made `cluster`, or `None` when there is no cluster.
pub(super) fn made_by(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Every directory that may hold the programs, each once: what `pg_config` says, those of `PATH`, and where
/// Debian, Red Hat and a build from source put them.
fn candidates() -> Vec<PathBuf> {
    let bindir = Command::new("pg_config").arg("--bindir").output().ok().map(|out| out.stdout);
    let bindir = bindir.and_then(|out| String::from_utf8(out).ok()).map(|out| PathBuf::from(out.trim()));
    let mut dirs: Vec<PathBuf> = bindir.into_iter().collect();
    dirs.extend(config::program_dirs());
    for (parent, below) in [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/opt", "bin")] {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        let versioned = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| parent.ends_with("postgresql") || path.to_string_lossy().contains("pgsql"));
        dirs.extend(versioned.map(|path| path.join(below)));
    }
    dirs.push(PathBuf::from("/usr/local/pgsql/bin"));
    let real = dirs.iter().filter_map(|dir| fs::canonicalize(dir.join("postgres")).ok());
    let mut real: Vec<PathBuf> = real.filter_map(|file| file.parent().map(Path::to_owned)).collect();
    real.sort();
    real.dedup();
    real
}

/// The version in a directory, when both programs we need are there.
fn examine(dir: PathBuf) -> Option<Binaries> {
    dir.join("initdb").is_file().then_some(())?;
    let printed = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    let major = major_version(&String::from_utf8_lossy(&printed.stdout))?;
    Some(Binaries { dir, major })
}

/// 15 from "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; 18 from "postgres (PostgreSQL) 18beta1".
fn major_version(printed: &str) -> Option<u32> {
    let version = printed.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_program_says() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("command not found"), None);
    }

    #[test]
    fn a_cluster_made_by_a_version_that_is_not_here_is_refused_by_name() {
        let dir = std::env::temp_dir().join(format!("bw-locate-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("PG_VERSION"), "9\n").unwrap();
        let said = find(&dir).unwrap_err().to_string();
        fs::remove_dir_all(&dir).unwrap();
        assert!(said.contains("was made by PostgreSQL 9"), "{said}");
    }
}
