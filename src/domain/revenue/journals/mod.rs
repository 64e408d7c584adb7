//! What of a period's books goes to a general ledger? What is posted in it and was not exported before: an export holds each posting once, and none
//! is in two that stand.
//!
//! January has an invoice of 120.00 and its payment: two postings, 240.00 debited and 240.00 credited. Exported again, nothing is left.

pub mod codes;
pub mod pairs;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use strum::{EnumString, IntoStaticStr};

pub use codes::{AccountCode, Codes};
pub use pairs::{Pair, Posted};

use super::Days;
use crate::domain::ids::{AccountingPeriodId, EntityId, JournalExportId};
use crate::domain::ledger::Account;
use crate::domain::money::{Currency, MoneyError, Total};
use crate::domain::refusal::{Refusal, RefusalKind};

/// How much of it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Level {
    /// What each account was debited and credited with in the period.
    Summary,
    /// Each posting.
    Detail,
}

/// What an account is debited and credited with by an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountTotal {
    pub account: Account,
    pub debits: Total,
    pub credits: Total,
}

/// What each account is debited and credited with by postings, in the order of the accounts.
///
/// # Errors
/// Beyond what an amount can be.
pub fn totals(currency: Currency, posted: &[Posted]) -> Result<Vec<AccountTotal>, MoneyError> {
    let mut totals: BTreeMap<Account, AccountTotal> = BTreeMap::new();
    let zero = Total::zero(currency);
    for posting in posted {
        for pair in posting.pairs()? {
            let empty = |account| AccountTotal { account, debits: zero, credits: zero };
            let debited = totals.entry(pair.debit).or_insert(empty(pair.debit));
            debited.debits = debited.debits.plus(pair.amount);
            let credited = totals.entry(pair.credit).or_insert(empty(pair.credit));
            credited.credits = credited.credits.plus(pair.amount);
        }
    }
    Ok(totals.into_values().collect())
}

/// That it no longer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversed {
    pub at: DateTime<Utc>,
    pub because: String,
}

/// Postings of a period, as they are handed to a general ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalExport {
    pub id: JournalExportId,
    pub entity_id: EntityId,
    pub period_id: AccountingPeriodId,
    pub days: Days,
    pub level: Level,
    /// Of the entity's books.
    pub currency: Currency,
    /// What its accounts were called when it was made.
    pub codes: Codes,
    /// Journal entries: what was posted of one source on one day.
    pub entries: i64,
    pub totals: Vec<AccountTotal>,
    pub created_at: DateTime<Utc>,
    /// The export that it takes back, sides exchanged.
    pub reverses: Option<JournalExportId>,
    /// That it was taken back itself.
    pub reversed: Option<Reversed>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// All of it is exported.
    #[error("everything that is posted in this period is exported: reverse an export to have it again")]
    Nothing,
    /// Nobody said what accounts are called there.
    #[error("say what these accounts are in your general ledger, with POST /v1/account_mappings: {}", names(.0))]
    Unmapped(Vec<Account>),
    /// It does not stand.
    #[error("this export was reversed already")]
    AlreadyReversed,
    /// It takes back another.
    #[error("this export takes back another: export the period again instead")]
    IsReversal,
    /// Without a word.
    #[error("say why it is reversed")]
    NoReason,
}

fn names(accounts: &[Account]) -> String {
    accounts.iter().map(|account| account.into_str()).collect::<Vec<_>>().join(", ")
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Nothing => "nothing_to_export",
            Refused::Unmapped(_) => "account_unmapped",
            Refused::AlreadyReversed => "export_reversed",
            Refused::IsReversal => "export_is_reversal",
            Refused::NoReason => "reason_required",
        }
    }

    fn pointer(&self) -> Option<String> {
        matches!(self, Refused::NoReason).then(|| "/reason".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::NoReason => RefusalKind::Rule,
            _ => RefusalKind::State,
        }
    }
}

impl JournalExport {
    /// All that is debited, which is all that is credited.
    #[must_use]
    pub fn debits(&self) -> Total {
        self.totals.iter().fold(Total::zero(self.currency), |sum, total| sum.and(total.debits))
    }

    /// All that is credited.
    #[must_use]
    pub fn credits(&self) -> Total {
        self.totals.iter().fold(Total::zero(self.currency), |sum, total| sum.and(total.credits))
    }

    /// Its last day, which a summary has as its date.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.days.to.pred_opt().unwrap_or(self.days.to)
    }

    /// Whether it may be reversed.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn check_reversible(&self, because: &str) -> Result<(), Refused> {
        if because.trim().is_empty() {
            return Err(Refused::NoReason);
        }
        if self.reverses.is_some() {
            return Err(Refused::IsReversal);
        }
        if self.reversed.is_some() {
            return Err(Refused::AlreadyReversed);
        }
        Ok(())
    }

    /// What takes it back: the same postings, sides exchanged.
    #[must_use]
    pub fn reversal(&self, id: JournalExportId, at: DateTime<Utc>) -> JournalExport {
        let exchanged =
            |total: &AccountTotal| AccountTotal { debits: total.credits, credits: total.debits, ..*total };
        JournalExport {
            id,
            totals: self.totals.iter().map(exchanged).collect(),
            created_at: at,
            reverses: Some(self.id),
            reversed: None,
            ..self.clone()
        }
    }

    /// It, as its event tells of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "entity_id": self.entity_id.to_string(),
            "accounting_period_id": self.period_id.to_string(),
            "start": self.days.from,
            "end": self.days.to,
            "level": self.level.into_str(),
            "entries": self.entries,
            "reverses": self.reverses.map(|id| id.to_string()),
            "reversed_because": self.reversed.as_ref().map(|reversed| reversed.because.clone()),
        })
    }
}
