//! How are values that every table knows written in a column, and read again? A currency by its code, metadata as JSON.

use std::collections::BTreeMap;

use crate::domain::catalog::Metadata;
use crate::domain::money::Currency;
use crate::storage::StorageError;

/// Reads a stored currency code.
pub(in crate::storage) fn parse_currency(code: &str) -> Result<Currency, StorageError> {
    Currency::parse(code).map_err(|e| StorageError::unreadable("currency", e))
}

/// Metadata as it is stored.
pub(in crate::storage) fn metadata_json(metadata: &Metadata) -> serde_json::Value {
    metadata.iter().map(|(key, value)| (key.clone(), serde_json::Value::String(value.clone()))).collect()
}

/// Metadata as it was stored.
pub(in crate::storage) fn metadata_from(stored: serde_json::Value) -> Result<Metadata, StorageError> {
    serde_json::from_value::<BTreeMap<String, String>>(stored)
        .map_err(|e| StorageError::unreadable("metadata", e))
}
