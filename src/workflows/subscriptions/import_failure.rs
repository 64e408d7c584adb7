//! Why was nothing imported? Lines of the file that cannot be taken over, each with its reason, or a failure of the whole.

use crate::domain::subscriptions::import::LineError;
use crate::storage::StorageError;
use crate::storage::tx::AsStorageError;
use crate::workflows::Error;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Lines of the file, each with its reason.
    #[error("{} of the file's lines cannot be imported", .0.len())]
    Lines(Vec<LineError>),
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Failure {
        Failure::Failed(error.into())
    }
}

impl AsStorageError for Failure {
    fn as_storage_error(&self) -> Option<&StorageError> {
        match self {
            Failure::Failed(error) => error.as_storage_error(),
            Failure::Lines(_) => None,
        }
    }
}
