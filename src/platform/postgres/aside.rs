//! What if a process dies while it makes a data directory? Then there is none: everything happens in `DIR.partial`, which is renamed to `DIR` as
//! the last step. What an earlier attempt left in `DIR.partial` is ended and removed by the next one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::error::StartError;
use super::layout::Layout;
use super::leftovers;
use super::lock::{self, Attempt};
use crate::platform::clock::Stopwatch;

/// How long what an earlier attempt left may go on writing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A data directory in the making. Dropped before it is finished, it is removed.
#[derive(Debug)]
pub struct Aside {
    target: PathBuf,
    partial: PathBuf,
    is_finished: bool,
}

impl Aside {
    /// Begins one.
    ///
    /// # Errors
    /// [`StartError::NotEmpty`] when there is something already; [`StartError::InUse`] when another process is making it.
    pub fn begin(target: &Path) -> Result<Aside, StartError> {
        if fs::symlink_metadata(target).is_ok() && !is_empty(target) {
            return Err(StartError::NotEmpty { path: target.to_owned() });
        }
        let mut name = OsString::from(target.as_os_str());
        name.push(".partial");
        let partial = PathBuf::from(name);
        if partial.exists() {
            discard(&partial)?;
        }
        Ok(Aside { target: target.to_owned(), partial, is_finished: false })
    }

    /// Where it is made.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Puts it in its place. Whatever worked on it has ended.
    ///
    /// # Errors
    /// Something has taken its place meanwhile.
    pub fn finish(mut self) -> Result<(), StartError> {
        fs::rename(&self.partial, &self.target).map_err(StartError::io("making", &self.target))?;
        self.is_finished = true;
        let parent = self.target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        File::open(parent).and_then(|dir| dir.sync_all()).map_err(StartError::io("writing", parent))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.is_finished
            && self.partial.exists()
            && let Err(error) = discard(&self.partial)
        {
            tracing::warn!(%error, "what was half made could not be removed");
        }
    }
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// Removes a data directory, wherever its cluster lies, after ending what still works on it.
fn discard(dir: &Path) -> Result<(), StartError> {
    let dir = fs::canonicalize(dir).map_err(StartError::io("opening", dir))?;
    let _lock = match lock::try_take(&dir)? {
        Attempt::Taken(lock) => lock,
        Attempt::Held { pid } => return Err(StartError::InUse { data_dir: dir, pid }),
    };
    if let Ok(layout) = Layout::of(&dir) {
        let socket_dir =
            layout.postmaster().map_or_else(|| layout.home.join("socket"), |found| found.socket_dir);
        leftovers::clear(&layout, &socket_dir)?;
        if layout.home.exists() {
            remove(&layout.home)?;
        }
    }
    remove(&dir)
}

/// Removes a directory. The `initdb` of a process that was killed may still write into it: it ends when it misses what was removed.
fn remove(dir: &Path) -> Result<(), StartError> {
    let waiting = Stopwatch::start();
    loop {
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && waiting.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(50));
            }
            ended => return ended.map_err(StartError::io("removing", dir)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_there_when_it_is_whole_and_not_before() {
        let target = std::env::temp_dir().join(format!("bw-aside-{}", std::process::id()));
        let half = Aside::begin(&target).unwrap();
        fs::create_dir(half.path()).unwrap();
        fs::write(half.path().join("half"), "").unwrap();
        drop(half);
        assert!(!target.exists());

        let whole = Aside::begin(&target).unwrap();
        fs::create_dir(whole.path()).unwrap();
        fs::write(whole.path().join("all"), "").unwrap();
        whole.finish().unwrap();
        assert!(target.join("all").exists());
        let said = Aside::begin(&target).unwrap_err().to_string();
        assert!(said.contains("not empty"), "{said}");
        fs::remove_dir_all(&target).unwrap();
    }
}
