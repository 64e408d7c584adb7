//! When does a charge of a period fall due? At its start, at its end, or once within. In arrears from 1 to 31 January: on 1 February.

use crate::domain::catalog::{Billing, PriceKind};

/// When a charge of a period falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Falls {
    AtStart,
    AtEnd,
    /// Once, on some day in it.
    Within,
}

impl Falls {
    /// As a price of this kind is billed.
    pub(super) fn of(kind: PriceKind, billing: Billing) -> Falls {
        match (kind == PriceKind::OneTime, billing) {
            (true, _) => Falls::Within,
            (false, Billing::InAdvance) => Falls::AtStart,
            (false, Billing::InArrears) => Falls::AtEnd,
        }
    }
}
