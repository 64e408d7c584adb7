//! How are books handed to the French tax authority? The *fichier des écritures comptables*: 18 fields a line, entries numbered without a gap, each
//! balanced, in the order of their validation (article A. 47 A-1 of the Livre des procédures fiscales).
//!
//! `VE⇥Ventes⇥1⇥20260131⇥411000⇥Clients⇥…⇥120,00⇥0,00⇥⇥⇥20260205⇥⇥`: in the file `123456789FEC20261231.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::files::File;
use crate::domain::ids::{CustomerId, EntityId};
use crate::domain::ledger::Account;
use crate::domain::money::{Money, Total};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::Days;
use crate::domain::revenue::journals::{AccountCode, Codes, Pair, Posted};

const NAMES: &str = "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate\t\
    EcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise\r\n";

/// Which year, of whom.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FecQuery {
    /// May be left out while there is one legal entity.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// The first day of the financial year.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// The number of the account that takes what earlier years earned, such as `110000`: with it, the file begins with the balances that they bring
    /// forward (*à-nouveaux*).
    pub result_code: Option<String>,
    /// The company's number, nine digits.
    #[param(example = "732829320")]
    pub siren: String,
}

impl FecQuery {
    /// Its days.
    ///
    /// # Errors
    /// `end_before_start`, `bad_siren`.
    pub fn days(&self) -> Result<Days, Invalid> {
        if !is_siren(&self.siren) {
            let detail = "a SIREN has nine digits, the last of which follows from the others";
            return Err(Invalid::one("/query/siren", "bad_siren", detail));
        }
        if let Some(code) = self.result_code.as_deref().filter(|code| !fits(code)) {
            let detail = format_args!(
                "a number of the Plan comptable général begins with three digits, not as {code:?}"
            );
            return Err(Invalid::one("/query/result_code", "account_code_unfit", detail));
        }
        match self.to.succ_opt().filter(|end| *end > self.from) {
            Some(end) => Ok(Days { from: self.from, to: end }),
            None => Err(Invalid::one("/query/to", "end_before_start", "the last day comes before the first")),
        }
    }
}

/// Whether an account is numbered as the Plan comptable général does.
fn fits(code: &str) -> bool {
    code.len() >= 3 && code.bytes().take(3).all(|b| b.is_ascii_digit())
}

/// Nine digits of which the last checks the others, by Luhn's rule: 732829320.
fn is_siren(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 9) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) => doubled / 10 + doubled % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Checks that accounts are numbered as the Plan comptable général does: three digits at least at their beginning.
///
/// # Errors
/// `account_code_unfit`.
pub fn check(codes: &Codes, used: &[Account]) -> Result<(), Invalid> {
    match codes.iter().find(|code| used.contains(&code.account) && !fits(&code.code)) {
        None => Ok(()),
        Some(code) => {
            let detail = format_args!(
                "a number of the Plan comptable général begins with three digits: {} is {:?}",
                code.account.into_str(),
                code.code
            );
            Err(Invalid::one("/query/entity_id", "account_code_unfit", detail))
        }
    }
}

/// A file as it is being written.
pub struct FecFile<'c> {
    codes: &'c Codes,
    /// Of each period: the day after its last, and the day on which it was closed.
    closed: &'c [(NaiveDate, NaiveDate)],
    text: String,
    used: BTreeSet<Account>,
    /// How many entries stand before the first posting.
    before: i64,
}

/// Whose part of an account it is: the customer and its name.
type Part = (Account, Option<(CustomerId, String)>);

/// What earlier years bring forward: the balance of each account of the balance sheet, of some by customer, and what they earned in all.
#[derive(Debug, Default)]
pub struct Forward {
    sums: BTreeMap<Part, Total>,
    /// Below zero: a profit.
    result: Option<Total>,
}

impl Forward {
    /// One more posting of an earlier year.
    pub fn add(&mut self, posted: &Posted, pairs: &[Pair]) {
        for pair in pairs {
            let nothing = Total::zero(pair.amount.currency());
            for (account, amount) in [
                (pair.debit, nothing.plus(pair.amount)),
                (pair.credit, nothing.less(nothing.plus(pair.amount))),
            ] {
                let sum = if account.account_type().is_carried_forward() {
                    let customer = posted.customer.clone().filter(|_| is_personal(account));
                    self.sums.entry((account, customer)).or_insert(nothing)
                } else {
                    self.result.get_or_insert(nothing)
                };
                *sum = sum.and(amount);
            }
        }
    }
}

impl<'c> FecFile<'c> {
    /// The line of names.
    #[must_use]
    pub fn begin(codes: &'c Codes, closed: &'c [(NaiveDate, NaiveDate)]) -> FecFile<'c> {
        FecFile { codes, closed, text: NAMES.to_owned(), used: BTreeSet::new(), before: 0 }
    }

    /// The entry of what is brought forward to a day; what earlier years earned is on the account of that number.
    pub fn bring_forward(&mut self, forward: &Forward, (on, result_code): (NaiveDate, &str)) {
        let valid = self.closed.first().map_or(on, |(_, at)| *at);
        type Brought<'f> = (String, String, Option<&'f (CustomerId, String)>, Total);
        let mut lines: Vec<Brought<'_>> = Vec::new();
        for ((account, customer), sum) in &forward.sums {
            if sum.minor() == 0 {
                continue;
            }
            self.used.insert(*account);
            if let Some(code) = self.codes.find(*account) {
                lines.push((code.code.clone(), code.name(), customer.as_ref(), *sum));
            }
        }
        if let Some(result) = forward.result.filter(|sum| sum.minor() != 0) {
            lines.push((result_code.to_owned(), "Report a nouveau".to_owned(), None, result));
        }
        self.before = i64::from(!lines.is_empty());
        for (code, name, customer, sum) in lines {
            let comma = |total: Total| total.to_major_string().replace('.', ",");
            let nothing = Total::zero(sum.currency());
            let (debit, credit) = if sum.minor() > 0 { (sum, nothing) } else { (nothing, nothing.less(sum)) };
            // Writing to a string does not fail.
            let _ = write!(
                self.text,
                "AN\tA nouveaux\t1\t{day}\t{}\t{}\t{}\t{}\tAN{day}\t{day}\tA nouveau\t{}\t{}\t\t\t{}\t\t\r\n",
                clean(&code),
                clean(&name),
                customer.map_or_else(String::new, |customer| customer.0.to_string()),
                customer.map_or_else(String::new, |customer| clean(&customer.1)),
                comma(debit),
                comma(credit),
                valid.format("%Y%m%d"),
                day = on.format("%Y%m%d"),
            );
        }
    }

    /// The lines of a posting.
    pub fn add(&mut self, posted: &Posted, pairs: &[Pair]) {
        for pair in pairs {
            for (account, is_debit) in [(pair.debit, true), (pair.credit, false)] {
                self.used.insert(account);
                if let Some(code) = self.codes.find(account) {
                    self.line(posted, pair, (code, is_debit));
                }
            }
        }
    }

    fn line(&mut self, posted: &Posted, pair: &Pair, (code, is_debit): (&AccountCode, bool)) {
        let comma = |money: Money| money.to_major_string().replace('.', ",");
        let nothing = comma(Money::zero(pair.amount.currency()));
        let amount = comma(pair.amount);
        let (debit, credit) = if is_debit { (amount, nothing) } else { (nothing, amount) };
        let customer = posted.customer.as_ref().filter(|_| is_personal(code.account));
        let (journal, journal_name) = journal(&posted.kind);
        let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
        let valid = self.closed.iter().find(|(end, _)| posted.on < *end).map_or(posted.on, |(_, at)| *at);
        let (foreign, currency) = pair.foreign.map_or_else(Default::default, |money| {
            (if is_debit { comma(money) } else { format!("-{}", comma(money)) }, money.currency().code())
        });
        // Writing to a string does not fail.
        let _ = write!(
            self.text,
            "{journal}\t{journal_name}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{debit}\t{credit}\t\t\t{}\t{foreign}\t{currency}\r\n",
            posted.entry_no.saturating_add(self.before),
            day(posted.on),
            clean(&code.code),
            clean(&code.name()),
            customer.map_or_else(String::new, |customer| customer.0.to_string()),
            customer.map_or_else(String::new, |customer| clean(&customer.1)),
            clean(&posted.number.clone().unwrap_or_else(|| posted.source_id.simple().to_string())),
            day(posted.on),
            clean(&posted.words()),
            day(valid),
        );
    }

    /// The accounts that are moved: each must have its number, or lines are missing.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.used.iter().copied().collect()
    }

    /// The file.
    #[must_use]
    pub fn end(self, query: &FecQuery) -> File {
        let name = format!("{}FEC{}.txt", query.siren, query.to.format("%Y%m%d"));
        File { name, content_type: "text/plain; charset=utf-8", text: self.text }
    }
}

/// Accounts of which each customer has a part.
fn is_personal(account: Account) -> bool {
    matches!(account, Account::AccountsReceivable | Account::CustomerCredit | Account::PrepaidCredits)
}

/// Sales, the bank, and the rest.
fn journal(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "invoice_finalized" | "invoice_voided" | "credit_note_issued" | "credits_sold" => ("VE", "Ventes"),
        "payment_received"
        | "write_off_recovered"
        | "refund_paid"
        | "refund_failed"
        | "balance_paid_out"
        | "dispute_moved"
        | "payout_settled"
        | "payout_failed" => ("BQ", "Banque"),
        _ => ("OD", "Operations diverses"),
    }
}

/// A field has no tab, no line break and no bar.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '|' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siren_checks_itself() {
        assert!(is_siren("732829320") && is_siren("000000000"));
        assert!(!is_siren("732829321") && !is_siren("73282932") && !is_siren("73282932x"));
    }
}
