//! May a customer buy from another entity from now on? Only when nothing is left that the one until now would have to issue, collect or give
//! back: each of these would be a claim of the one in the books of the other.

use crate::domain::refusal::{Refusal, RefusalKind};

/// What ties a customer to the entity it buys from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ties {
    /// Drafts, and invoices that are owed, also those that nobody expects to be paid: what comes for them is of the one that issued them.
    pub invoices: i64,
    /// That were invoiced, over or not: what they bill next may take back what was.
    pub subscriptions: i64,
    /// Currencies in which something is on its credit balance, and prepaid credits that are not used up.
    pub credits: i64,
}

/// Why a customer does not buy from another entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Something is left to do.
    #[error(
        "the entity this customer buys from has something left with it ({0}): collect or void what is open, pay out its \
         balance; a subscription that was invoiced stays with its entity: create another customer, who buys from the other one"
    )]
    Tied(String),
    /// It is not the one that gets the invoices.
    #[error("{payer} pays for this customer, so both buy from one entity: {how}")]
    Payer { payer: String, how: &'static str },
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Tied(_) => "customer_tied",
            Refused::Payer { .. } => "entity_of_payer",
        }
    }

    fn pointer(&self) -> Option<String> {
        Some("/entity_id".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::Tied(_) => RefusalKind::State,
            Refused::Payer { .. } => RefusalKind::Rule,
        }
    }
}

impl Ties {
    /// Lets it go when nothing is left.
    ///
    /// # Errors
    /// [`Refused::Tied`].
    pub fn check(self) -> Result<(), Refused> {
        let kinds = [
            (self.invoices, "draft or unpaid invoice"),
            (self.subscriptions, "invoiced subscription"),
            (self.credits, "credit or balance"),
        ];
        let left = kinds.into_iter().filter(|(count, _)| *count > 0);
        let left: Vec<String> = left
            .map(|(count, kind)| format!("{count} {kind}{}", if count == 1 { "" } else { "s" }))
            .collect();
        if left.is_empty() { Ok(()) } else { Err(Refused::Tied(left.join(", "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_named() {
        assert_eq!(Ties::default().check(), Ok(()));
        let ties = Ties { invoices: 2, subscriptions: 1, credits: 0 };
        assert_eq!(
            ties.check(),
            Err(Refused::Tied("2 draft or unpaid invoices, 1 invoiced subscription".to_owned()))
        );
    }
}
