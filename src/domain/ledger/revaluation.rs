//! What are receivables, cash and balances in foreign currencies worth at the end of a day? Their amounts at its rate; the difference to what they
//! are carried at is posted on that day and taken back the day after.
//!
//! 100.00 USD receivable, carried at 90.00 EUR, are 93.00 EUR on 31 March: receivable → unrealised gain 3.00 on 31 March, and back on 1 April.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::Account;
use crate::domain::fx::book::{Book, Day, NoRate, Pair, Prefer};
use crate::domain::ids::{EntityId, RevaluationId};
use crate::domain::money::{Currency, Money, Total};
use crate::domain::refusal::{Refusal, RefusalKind};

/// What is revalued: what is received or paid in money. What is deferred, and credits that are used up, stay at the rates they came at.
pub const REVALUED: [Account; 5] = [
    Account::AccountsReceivable,
    Account::CashClearing,
    Account::Bank,
    Account::CustomerCredit,
    Account::RefundsPayable,
];

/// What is on an account in a currency; debits are above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub account: Account,
    pub amount: Total,
    /// In the currency of the books.
    pub carried: Total,
}

/// A position at the rate of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub account: Account,
    pub amount: Money,
    pub carried: Money,
    pub worth: Money,
    /// How much of the books' currency one unit is, to be shown.
    pub rate: Decimal,
    pub rate_date: NaiveDate,
}

/// What an entity's positions are worth at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revaluation {
    pub id: RevaluationId,
    pub entity_id: EntityId,
    pub as_of: NaiveDate,
    /// Of its books.
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub created_at: DateTime<Utc>,
}

/// An amount moved in the currency of the books alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub debit: Account,
    pub credit: Account,
    /// Above zero.
    pub amount: Money,
    pub effective_on: NaiveDate,
}

/// Why a day is not revalued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "{transfers} transfers up to {as_of} have no value in {currency} yet, and without them nothing is revalued: {reason}"
    )]
    Waiting { transfers: i64, as_of: NaiveDate, currency: Currency, reason: String },
    #[error(
        "{as_of} is in a closed accounting period: the books are open from {open_from} on; reopen it first"
    )]
    PeriodClosed { as_of: NaiveDate, open_from: NaiveDate },
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error("the amounts are too large to be revalued: {0}")]
    TooLarge(#[from] crate::domain::money::MoneyError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Waiting { .. } => "transfers_wait_for_rate",
            Refused::PeriodClosed { .. } => "period_closed",
            Refused::NoRate(no_rate) => no_rate.code(),
            Refused::TooLarge(_) => "amount_out_of_range",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::Waiting { .. } | Refused::PeriodClosed { .. } => RefusalKind::State,
            Refused::NoRate(_) | Refused::TooLarge(_) => RefusalKind::Rule,
        }
    }
}

/// Positions at the rates of a day.
///
/// # Errors
/// [`Refused`]: a rate is missing, with its currency and day.
pub fn revalue(
    positions: &[Position],
    (home, as_of): (Currency, NaiveDate),
    rates: &Book,
) -> Result<Vec<Line>, Refused> {
    let line = |position: &Position| {
        let currency = position.amount.currency();
        let pair = Pair { from: currency, to: home };
        let found = rates.find(pair, Day::By(as_of), Prefer::Own)?;
        let worth = found.ratio.convert_total(position.amount, home)?;
        Ok(Line {
            account: position.account,
            amount: Money::from_wide_minor(position.amount.minor(), currency)?,
            carried: Money::from_wide_minor(position.carried.minor(), home)?,
            worth: Money::from_wide_minor(worth.minor(), home)?,
            rate: found.ratio.shown()?,
            rate_date: found.date().unwrap_or(as_of),
        })
    };
    positions.iter().map(line).collect()
}

impl Line {
    /// By how much it is worth more than it is carried at; of what is owed, a gain is what it is worth less.
    #[must_use]
    pub fn difference(&self) -> Money {
        Money::from_minor(self.worth.minor().saturating_sub(self.carried.minor()), self.worth.currency())
    }
}

impl Revaluation {
    /// Of all lines: a gain that is not realised, a loss below zero.
    #[must_use]
    pub fn gain(&self) -> Total {
        self.lines.iter().fold(Total::zero(self.currency), |sum, line| sum.plus(line.difference()))
    }

    /// What it posts on its day, and takes back the day after.
    #[must_use]
    pub fn postings(&self) -> Vec<Posting> {
        let other = Account::FxGainLossUnrealised;
        let differences = || self.lines.iter().filter(|line| !line.difference().is_zero());
        let post = |line: &Line, effective_on: NaiveDate, is_back: bool| {
            let difference = line.difference();
            let amount = Money::from_minor(difference.minor().abs(), self.currency);
            let (debit, credit) = match difference.is_positive() != is_back {
                true => (line.account, other),
                false => (other, line.account),
            };
            Posting { debit, credit, amount, effective_on }
        };
        let posted = differences().map(|line| post(line, self.as_of, false));
        let next = self.as_of.succ_opt().unwrap_or(self.as_of);
        posted.chain(differences().map(|line| post(line, next, true))).collect()
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "revaluation",
            "id": self.id,
            "entity_id": self.entity_id,
            "as_of": self.as_of,
            "functional_currency": self.currency.code(),
            "gain": self.gain().to_major_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fx::{Quote, Rate};
    use crate::domain::ids::ExchangeRateId;
    use uuid::Uuid;

    #[test]
    fn each_difference_is_posted_on_its_day_and_taken_back_the_day_after() {
        let currency = |code: &str| Currency::parse(code).unwrap();
        let day: NaiveDate = "2026-03-31".parse().unwrap();
        let position = |account, amount, carried| Position {
            account,
            amount: Total::from_minor(amount, currency("USD")),
            carried: Total::from_minor(carried, currency("EUR")),
        };
        let positions = [
            position(Account::AccountsReceivable, 10_000, 9_000),
            position(Account::CustomerCredit, -5_000, -4_500),
            position(Account::CashClearing, 1_000, 930),
        ];
        assert!(matches!(
            revalue(&positions, (currency("EUR"), day), &Book::default()),
            Err(Refused::NoRate(_))
        ));
        let quote = Quote {
            base: currency("USD"),
            quote: currency("EUR"),
            date: day,
            value: "0.93".parse().unwrap(),
            source: "manual".to_owned(),
        };
        let id = ExchangeRateId::from_uuid(Uuid::nil());
        let rates = Book::new([Rate { id, quote, is_own: true, recorded_at: DateTime::UNIX_EPOCH }]);
        let lines = revalue(&positions, (currency("EUR"), day), &rates).unwrap();
        let revaluation = Revaluation {
            id: RevaluationId::from_uuid(Uuid::nil()),
            entity_id: EntityId::from_uuid(Uuid::nil()),
            as_of: day,
            currency: currency("EUR"),
            lines,
            created_at: DateTime::UNIX_EPOCH,
        };
        let shown = |p: Posting| format!("{} {:?} {:?} {}", p.effective_on, p.debit, p.credit, p.amount);
        assert_eq!(
            revaluation.postings().into_iter().map(shown).collect::<Vec<_>>(),
            [
                "2026-03-31 AccountsReceivable FxGainLossUnrealised 3.00 EUR",
                "2026-03-31 FxGainLossUnrealised CustomerCredit 1.50 EUR",
                "2026-04-01 FxGainLossUnrealised AccountsReceivable 3.00 EUR",
                "2026-04-01 CustomerCredit FxGainLossUnrealised 1.50 EUR",
            ]
        );
        assert_eq!(revaluation.gain().to_major_string(), "1.50");
    }
}
