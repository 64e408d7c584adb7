//! Who belongs to whom, and who pays? A customer with a parent is paid for by it, and by the parent's own payer, unless it pays itself.
//!
//! Group ← Region ← Branch, all of whom leave paying to their parent: Group pays. Region pays itself: Region pays for Branch, too.

use strum::{EnumString, IntoStaticStr};

use crate::domain::ids::CustomerId;
use crate::domain::refusal::{Refusal, RefusalKind};

/// Customers from the topmost to the lowest, both counted, at most.
pub const LEVELS: usize = 5;

/// Who pays what a customer is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Pays {
    #[strum(serialize = "self")]
    Itself,
    /// Its parent, or whoever pays for that one.
    #[strum(serialize = "parent")]
    ByParent,
}

/// Which of the charges that one account pays share an invoice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Grouping {
    /// Those of all customers it pays for.
    #[default]
    Consolidated,
    /// Of a payer: those of each customer for themselves. Of a customer that is paid for: its own, apart from the others'.
    Separate,
}

/// Why a customer cannot be put there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It would belong to itself.
    #[error("{parent} is this customer or belongs to it; choose a parent outside of it")]
    Cycle {
        /// The parent requested.
        parent: CustomerId,
    },
    /// Too many levels.
    #[error("this would make {levels} levels of customers; there are at most {LEVELS}")]
    TooDeep {
        /// From the topmost to the lowest.
        levels: usize,
    },
    /// Something is due that the payer until now must be billed for.
    #[error(
        "{count} subscriptions have charges due that are not billed yet, and the payer until now owes them: \
         bill them first (POST /v1/bill_runs), then change who pays"
    )]
    Unbilled {
        /// Subscriptions with something due.
        count: i64,
    },
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Cycle { .. } => "customer_cycle",
            Refused::TooDeep { .. } => "too_many_levels",
            Refused::Unbilled { .. } => "unbilled_charges",
        }
    }

    fn pointer(&self) -> Option<String> {
        (!matches!(self, Refused::Unbilled { .. })).then(|| "/parent_id".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::Unbilled { .. } => RefusalKind::State,
            Refused::Cycle { .. } | Refused::TooDeep { .. } => RefusalKind::Rule,
        }
    }
}

/// Checks a place below `upwards`, the parent first and its own parents after it, for a customer with so many levels below it.
pub fn check_place(id: CustomerId, upwards: &[CustomerId], below: usize) -> Result<(), Refused> {
    if let Some(parent) = upwards.first().filter(|_| upwards.contains(&id)) {
        return Err(Refused::Cycle { parent: *parent });
    }
    let levels = upwards.len() + 1 + below;
    if levels > LEVELS { Err(Refused::TooDeep { levels }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> CustomerId {
        CustomerId::from_uuid(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_customer_is_placed_below_others_but_never_below_itself() {
        assert_eq!(check_place(id(1), &[], 4), Ok(()));
        assert_eq!(check_place(id(1), &[id(2), id(3)], 2), Ok(()));
        assert_eq!(check_place(id(1), &[id(2), id(3)], 3), Err(Refused::TooDeep { levels: 6 }));
        assert_eq!(check_place(id(1), &[id(1)], 0), Err(Refused::Cycle { parent: id(1) }));
        assert_eq!(check_place(id(1), &[id(2), id(3), id(1)], 3), Err(Refused::Cycle { parent: id(2) }));
    }
}
