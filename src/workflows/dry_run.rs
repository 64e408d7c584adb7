//! What would it do? Everything is done in a transaction, reported, and undone.

use super::Error;
use crate::storage::tx::AsStorageError;
use crate::storage::{Session, StorageError, Tx};

enum Undone {
    OnPurpose,
    By(Error),
}

impl From<StorageError> for Undone {
    fn from(error: StorageError) -> Undone {
        Undone::By(error.into())
    }
}

impl AsStorageError for Undone {
    fn as_storage_error(&self) -> Option<&StorageError> {
        match self {
            Undone::By(error) => error.as_storage_error(),
            Undone::OnPurpose => None,
        }
    }
}

/// Does the work in one transaction, which is rolled back when it is only tried.
pub fn tried<T>(
    session: &mut Session,
    (name, dry_run): (&'static str, bool),
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut answer = None;
    let outcome = session.transaction(name, |tx| {
        answer = Some(work(tx).map_err(Undone::By)?);
        if dry_run { Err(Undone::OnPurpose) } else { Ok(()) }
    });
    match (outcome, answer) {
        (Ok(()) | Err(Undone::OnPurpose), Some(answer)) => Ok(answer),
        (Err(Undone::By(error)), _) => Err(error),
        _ => Err(StorageError::Internal("a transaction ended without an answer".to_owned()).into()),
    }
}
