//! What does a change say of a field? To leave it, to set it, or, of what may be absent, to remove it.
//!
//! `{}` leaves the e-mail address, `{"email": null}` removes it; a name is never null.

use serde::{Deserialize, Deserializer};

/// Tells a field that is null from one that is not there.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Refuses null, where a field that is there has a value.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
