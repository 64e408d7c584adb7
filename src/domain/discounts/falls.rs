//! When does a charge of a period fall due? At its start, at its end, or once within.

/// When a charge of a period falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Falls {
    AtStart,
    AtEnd,
    /// Once, on some day in it.
    Within,
}
