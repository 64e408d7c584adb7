//! What if the process dies while it writes a backup? Then there is none: it is written to `FILE.partial`, brought to the disk, and only then
//! named `FILE`. A file that is there already is never touched.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
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
