//! What do accounts hold? `{"data": [{"account": "revenue", "currency": "USD", "balance": "100.00", "functional_balance": "90.00", …}],
//! "reporting": {"currency": "EUR", "data": […]}}`.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::EntityId;
use crate::domain::ledger::Account;
use crate::domain::money::{Currency, Total};
use crate::domain::refusal::Invalid;
use crate::wire::times::YEARS;

/// What an account holds in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "account": "accounts_receivable", "type": "asset", "currency": "USD", "debits": "93.00", "credits": "31.00", "balance": "62.00",
    "functional_currency": "EUR", "functional_balance": "57.01"
}))]
pub struct LedgerBalance {
    pub account: &'static str,
    /// `asset`, `liability`, `income` or `expense`.
    pub r#type: &'static str,
    pub currency: &'static str,
    pub debits: String,
    pub credits: String,
    /// On the side on which the account grows; negative when it is overdrawn.
    pub balance: String,
    /// Of the books; null where some of it waits for an exchange rate, or belongs to entities with books in several currencies.
    pub functional_currency: Option<&'static str>,
    /// The balance in that currency, at what it is carried at.
    pub functional_balance: Option<String>,
}

/// Debits and credits of an account.
#[derive(Debug, Clone, Copy)]
pub struct Sides {
    pub account: Account,
    pub debits: Total,
    pub credits: Total,
}

impl Sides {
    /// On the side on which the account grows.
    fn balance(self) -> String {
        let is_debit = self.account.account_type().grows_by_debits();
        let (grows, shrinks) =
            if is_debit { (self.debits, self.credits) } else { (self.credits, self.debits) };
        grows.less(shrinks).to_major_string()
    }
}

impl LedgerBalance {
    /// With what is left in the currency of the books, where debits are above zero.
    #[must_use]
    pub fn of(sides: Sides, functional: Option<Total>) -> LedgerBalance {
        let kind = sides.account.account_type();
        let on_its_side = |sum: Total| match kind.grows_by_debits() {
            true => sum,
            false => Total::zero(sum.currency()).less(sum),
        };
        LedgerBalance {
            account: sides.account.into_str(),
            r#type: kind.into_str(),
            currency: sides.debits.currency().code(),
            debits: sides.debits.to_major_string(),
            credits: sides.credits.to_major_string(),
            balance: sides.balance(),
            functional_currency: functional.map(|sum| sum.currency().code()),
            functional_balance: functional.map(|sum| on_its_side(sum).to_major_string()),
        }
    }
}

/// Every account that has moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerBalances {
    /// The last day that counts; null for all.
    pub as_of: Option<NaiveDate>,
    /// Per currency.
    pub data: Vec<LedgerBalance>,
    pub reporting: ReportedBalances,
}

/// All of it in one currency: that of the books, or yours where they are in several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"currency": "EUR", "waiting": 0, "no_rate": null, "data": [
    {"account": "accounts_receivable", "type": "asset", "debits": "85.51", "credits": "28.50", "balance": "57.01"}]}))]
pub struct ReportedBalances {
    pub currency: &'static str,
    /// Transfers that have no value in the currency of the books yet, and are not in it.
    pub waiting: i64,
    /// Which exchange rate is missing to add up books in several currencies; then `data` is empty.
    pub no_rate: Option<String>,
    pub data: Vec<ReportedBalance>,
}

/// What an account holds in the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportedBalance {
    pub account: &'static str,
    /// `asset`, `liability`, `income` or `expense`.
    pub r#type: &'static str,
    pub debits: String,
    pub credits: String,
    /// On the side on which the account grows.
    pub balance: String,
}

impl ReportedBalances {
    /// Of the sums, or of what is missing for them.
    #[must_use]
    pub fn of(currency: Currency, sums: Result<Vec<Sides>, String>, waiting: i64) -> ReportedBalances {
        let balance = |sides: &Sides| ReportedBalance {
            account: sides.account.into_str(),
            r#type: sides.account.account_type().into_str(),
            debits: sides.debits.to_major_string(),
            credits: sides.credits.to_major_string(),
            balance: sides.balance(),
        };
        let (data, no_rate) = match sums {
            Ok(sums) => (sums.iter().map(balance).collect(), None),
            Err(no_rate) => (Vec::new(), Some(no_rate)),
        };
        ReportedBalances { currency: currency.code(), waiting, no_rate, data }
    }
}

/// Up to when, and of which books.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BalancesQuery {
    /// Up to and including this day of the tenant's zone; all when left out.
    pub as_of: Option<NaiveDate>,
    /// In the books of this legal entity; of all when left out.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
}

impl BalancesQuery {
    /// The last day that counts, when it is one the books can have.
    pub fn as_of(&self) -> Result<Option<NaiveDate>, Invalid> {
        match self.as_of {
            Some(day) if !YEARS.contains(&day.year()) => {
                let detail = format!("`as_of` is from the year {} to {}", YEARS.start(), YEARS.end());
                Err(Invalid::one("/query/as_of", "date_out_of_range", detail))
            }
            day => Ok(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_no_book_can_have_is_refused() {
        let on = |day: &str| BalancesQuery { as_of: Some(day.parse().unwrap()), entity_id: None }.as_of();
        assert!(on("2026-02-28").is_ok());
        assert_eq!(on("-9999-01-01").unwrap_err().errors[0].code, "date_out_of_range");
        assert_eq!(on("+9999-01-01").unwrap_err().errors[0].pointer, "/query/as_of");
    }
}
