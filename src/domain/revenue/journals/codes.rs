//! What is an account called in the general ledger? `accounts_receivable` is `411000`, for one entity or for all that have no other name for it.

use strum::VariantArray;

use super::Refused;
use crate::domain::ledger::Account;
use crate::domain::refusal::Invalid;

/// The longest code, and the longest name.
const LONGEST: usize = 100;

/// An account, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCode {
    pub account: Account,
    /// Such as `411000`.
    pub code: String,
    /// `None`: as it is called here.
    pub name: Option<String>,
}

impl AccountCode {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.account.into_str().replace('_', " "))
    }

    /// Checks one that was sent, at its place.
    ///
    /// # Errors
    /// `blank`, `too_long`, `control_character`.
    pub fn check(&self, place: usize) -> Result<(), Invalid> {
        for (field, text) in [("code", Some(&self.code)), ("name", self.name.as_ref())] {
            let Some(text) = text else { continue };
            let pointer = format!("/accounts/{place}/{field}");
            if text.trim().is_empty() {
                return Err(Invalid::one(&pointer, "blank", "say how your general ledger names it"));
            }
            if text.chars().count() > LONGEST {
                let detail = format_args!("at most {LONGEST} characters");
                return Err(Invalid::one(&pointer, "too_long", detail));
            }
            if text.chars().any(char::is_control) {
                return Err(Invalid::one(&pointer, "control_character", "no tabs and no line breaks"));
            }
        }
        Ok(())
    }
}

/// What accounts are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes(Vec<AccountCode>);

impl Codes {
    /// Those of an entity: its own, and for the others those of all.
    #[must_use]
    pub fn of_entity(own: Vec<AccountCode>, all: Vec<AccountCode>) -> Codes {
        let mut codes = own;
        for code in all {
            if !codes.iter().any(|known| known.account == code.account) {
                codes.push(code);
            }
        }
        codes.sort_by_key(|code| code.account);
        Codes(codes)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &AccountCode> {
        self.0.iter()
    }

    /// One account's.
    #[must_use]
    pub fn find(&self, account: Account) -> Option<&AccountCode> {
        self.0.iter().find(|code| code.account == account)
    }

    /// Checks that each of these accounts is called something.
    ///
    /// # Errors
    /// [`Refused::Unmapped`].
    pub fn check(&self, accounts: impl IntoIterator<Item = Account>) -> Result<(), Refused> {
        let mut missing: Vec<Account> =
            accounts.into_iter().filter(|account| self.find(*account).is_none()).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() { Ok(()) } else { Err(Refused::Unmapped(missing)) }
    }

    /// Every account there is, with its own name: what files are written with in tests.
    #[cfg(test)]
    pub(super) fn numbered() -> Codes {
        let code = |(n, account): (usize, &Account)| AccountCode {
            account: *account,
            code: (4000 + n).to_string(),
            name: None,
        };
        Codes(Account::VARIANTS.iter().enumerate().map(code).collect())
    }
}

/// The accounts there are.
#[must_use]
pub fn accounts() -> &'static [Account] {
    Account::VARIANTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(account: Account, code: &str) -> AccountCode {
        AccountCode { account, code: code.to_owned(), name: None }
    }

    #[test]
    fn an_entity_has_its_own_names_and_for_the_rest_those_of_all() {
        let own = vec![code(Account::Revenue, "706000")];
        let all = vec![code(Account::Revenue, "4000"), code(Account::TaxPayable, "2200")];
        let codes = Codes::of_entity(own, all);
        assert_eq!(codes.find(Account::Revenue).unwrap().code, "706000");
        assert_eq!(codes.find(Account::TaxPayable).unwrap().name(), "tax payable");
        let refused = codes.check([Account::Refunds, Account::Revenue, Account::CashClearing]).unwrap_err();
        assert_eq!(refused, Refused::Unmapped(vec![Account::CashClearing, Account::Refunds]));
        assert_eq!(Codes::numbered().check(accounts().iter().copied()), Ok(()));
    }
}
