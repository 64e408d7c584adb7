//! At which rates are transfers valued? At those of their days, as they were known when they were posted; of a day of which none was known then, as
//! they are known now: so it does not matter when a transfer is valued.
//!
//! Posted on the 10th, when 0.92 was known, and valued on the 20th, when that has become 0.95: at 0.92.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::domain::fx::Rate;
use crate::domain::fx::book::{Book, Day, MOST_DAYS, NoRate, Pair, Prefer};
use crate::domain::ids::TenantId;
use crate::domain::ledger::Transfer;
use crate::domain::money::{Currency, Ratio};
use crate::storage::fx::{self, Wanted};
use crate::storage::{StorageError, Tx};

/// When transfers are valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// What is about to be posted: what waits already goes before it.
    Posted,
    /// All of a customer's that wait: nothing goes before them but what has its value.
    Waiting,
}

/// A rate that is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) pair: Pair,
    pub(super) day: NaiveDate,
    /// As it was known then, where it was.
    pub(super) as_of: DateTime<Utc>,
}

/// What is known of rates, and was.
pub(super) struct Rates {
    now: Book,
    /// Of what waited: all of them, those that were replaced too.
    before: Vec<Rate>,
}

impl Rates {
    /// Reads the rates of the days of transfers between two currencies.
    pub(super) fn read(
        tx: &mut Tx<'_>,
        (tenant_id, stage): (TenantId, Stage),
        abroad: &[(&Transfer, Currency)],
    ) -> Result<Rates, StorageError> {
        let days = || abroad.iter().map(|(transfer, _)| transfer.rate_day());
        let Some((first, last)) = days().min().zip(days().max()) else {
            return Ok(Rates { now: Book::default(), before: Vec::new() });
        };
        let both = abroad.iter().flat_map(|(transfer, home)| [transfer.amount.currency(), *home]);
        let currencies: BTreeSet<Currency> = both.collect();
        let currencies = Some(currencies.into_iter().collect());
        let wanted = Wanted { currencies, first, last, as_of: None };
        Ok(match stage {
            Stage::Posted => Rates { now: fx::book(tx, tenant_id, &wanted)?, before: Vec::new() },
            Stage::Waiting => {
                let before = fx::history(tx, tenant_id, &wanted)?;
                Rates { now: Book::new(before.iter().cloned()), before }
            }
        })
    }

    /// Finds one.
    pub(super) fn find(&self, Lookup { pair, day, as_of }: Lookup) -> Result<Ratio, NoRate> {
        let find = |book: &Book| book.find(pair, Day::By(day), Prefer::Own).map(|found| found.ratio);
        let first = day.checked_sub_days(Days::new(MOST_DAYS)).unwrap_or(day);
        let is_known = |rate: &&Rate| rate.recorded_at <= as_of && (first..=day).contains(&rate.quote.date);
        let known = Book::new(self.before.iter().filter(is_known).cloned());
        find(&known).or_else(|_| find(&self.now))
    }
}
