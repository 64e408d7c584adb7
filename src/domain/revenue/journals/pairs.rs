//! Which two accounts does a posting move an amount between, in the currency of the books? What was gained by another rate is a pair of its own.
//!
//! 100.00 USD paid when they are worth 92.00 EUR, billed at 90.00: cash 90.00 by receivables, and cash 2.00 by exchange gains.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::ids::CustomerId;
use crate::domain::ledger::{Account, Functional};
use crate::domain::money::{Money, MoneyError};

/// A posting as it is exported; in a summary, all between the same two accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    /// Of the journal entry: 1, 2, 3 …
    pub entry_no: i64,
    pub on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    /// Such as `invoice_finalized`; of a revaluation `revaluation`, of a summary `summary`.
    pub kind: String,
    pub source_id: Uuid,
    /// The number of the invoice it is about.
    pub number: Option<String>,
    pub customer: Option<(CustomerId, String)>,
    pub debit: Account,
    pub credit: Account,
    /// In its own currency.
    pub amount: Money,
    pub functional: Functional,
}

/// An amount moved between two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub debit: Account,
    pub credit: Account,
    /// In the currency of the books, above zero.
    pub amount: Money,
    /// In its own currency, where that is another.
    pub foreign: Option<Money>,
}

impl Posted {
    /// What it was made for: `invoice finalized INV-000001`.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = self.kind.replace('_', " ");
        match &self.number {
            Some(number) => format!("{kind} {number}"),
            None => kind,
        }
    }

    /// What it moves. What is worth nothing in the currency of the books moves nothing there.
    ///
    /// # Errors
    /// Beyond what an amount can be.
    pub fn pairs(&self) -> Result<Vec<Pair>, MoneyError> {
        let Functional { amount: debited, realised } = self.functional;
        let zero = Money::zero(debited.currency());
        let gain = if realised.is_negative() { zero } else { realised };
        let loss = if realised.is_negative() { realised.negated()? } else { zero };
        let foreign = (self.amount.currency() != debited.currency()).then_some(self.amount);
        let fx = Account::FxGainLossRealised;
        let pairs = [
            Pair { debit: self.debit, credit: self.credit, amount: debited.checked_sub(gain)?, foreign },
            Pair { debit: self.debit, credit: fx, amount: gain, foreign: None },
            Pair { debit: fx, credit: self.credit, amount: loss, foreign: None },
        ];
        Ok(pairs.into_iter().filter(|pair| pair.amount.is_positive()).collect())
    }
}

impl Pair {
    /// The other way round.
    #[must_use]
    pub fn exchanged(self) -> Pair {
        Pair { debit: self.credit, credit: self.debit, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn eur(minor: i64) -> Money {
        Money::from_minor(minor, "EUR".parse::<Currency>().unwrap())
    }

    fn paid(worth: i64, realised: i64) -> Vec<(Account, Account, i64)> {
        let posted = Posted {
            entry_no: 1,
            on: NaiveDate::default(),
            recorded_at: DateTime::default(),
            kind: "payment_received".to_owned(),
            source_id: Uuid::nil(),
            number: None,
            customer: None,
            debit: Account::CashClearing,
            credit: Account::AccountsReceivable,
            amount: Money::from_minor(10_000, "USD".parse::<Currency>().unwrap()),
            functional: Functional { amount: eur(worth), realised: eur(realised) },
        };
        posted.pairs().unwrap().into_iter().map(|p| (p.debit, p.credit, p.amount.minor())).collect()
    }

    #[test]
    fn a_gain_and_a_loss_are_pairs_of_their_own() {
        use Account::{AccountsReceivable as Owed, CashClearing as Cash, FxGainLossRealised as Fx};
        assert_eq!(paid(9_200, 0), [(Cash, Owed, 9_200)]);
        assert_eq!(paid(9_200, 200), [(Cash, Owed, 9_000), (Cash, Fx, 200)]);
        assert_eq!(paid(8_800, -200), [(Cash, Owed, 8_800), (Fx, Owed, 200)]);
        assert_eq!(paid(0, -200), [(Fx, Owed, 200)]);
        assert_eq!(paid(0, 0), []);
    }
}
