//! What if the process dies while it writes a backup? Then there is none: it is written to `FILE.partial`, brought to the disk, and only then
//! named `FILE`. A file that is there already is never touched.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A file in the making.
pub(super) struct Partial {
    target: PathBuf,
    path: PathBuf,
    pub file: File,
}

impl Partial {
    /// Begins one; what an earlier attempt left is overwritten.
    ///
    /// # Errors
    /// There is such a file, or another process is writing it, in words.
    pub(super) fn begin(target: &Path) -> Result<Partial, String> {
        if fs::symlink_metadata(target).is_ok() {
            return Err(format!(
                "{} exists already, and is not overwritten: name another file",
                target.display()
            ));
        }
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        let failed = |e: io::Error| format!("{} cannot be written: {e}", path.display());
        // Of a backup that became whole right before its process died, this is a second name: it is not written into.
        if fs::symlink_metadata(&path).is_ok_and(|found| found.nlink() > 1) {
            fs::remove_file(&path).map_err(failed)?;
        }
        // Everything a business knows is in it: nobody else's business.
        let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = open.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!("another process is writing {}", path.display()));
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        file.set_len(0).map_err(failed)?;
        Ok(Partial { target: target.to_owned(), path, file })
    }

    /// Gives it its name: it is whole.
    ///
    /// # Errors
    /// The disk is full, or a file of that name came up meanwhile, in words.
    pub(super) fn finish(self) -> Result<(), String> {
        let failed = |e: io::Error| format!("{} cannot be written: {e}", self.target.display());
        self.file.sync_all().map_err(failed)?;
        // Unlike renaming, linking never replaces what somebody else put there.
        fs::hard_link(&self.path, &self.target).map_err(failed)?;
        fs::remove_file(&self.path).map_err(failed)?;
        let dir = self.target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)
    }

    /// Removes it: it did not become whole.
    pub(super) fn discard(self) {
        let _left = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::platform::random;

    #[test]
    fn a_backup_that_was_moved_is_not_written_into_by_the_next_of_its_name() {
        let dir = std::env::temp_dir().join(format!("billwright-partial-{:08x}", random::cheap_u32()));
        fs::create_dir(&dir).unwrap();
        let (target, moved) = (dir.join("monday"), dir.join("moved"));
        let mut first = Partial::begin(&target).unwrap();
        first.file.write_all(b"all of it").unwrap();
        // As it is when the process dies right after the file got its name.
        fs::hard_link(dir.join("monday.partial"), &target).unwrap();
        drop(first);
        fs::rename(&target, &moved).unwrap();
        let mut second = Partial::begin(&target).unwrap();
        second.file.write_all(b"new").unwrap();
        second.finish().unwrap();
        assert_eq!(fs::read(&moved).unwrap(), b"all of it");
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(Partial::begin(&target).is_err(), "a file that is there is not touched");
        fs::remove_dir_all(&dir).unwrap();
    }
}
