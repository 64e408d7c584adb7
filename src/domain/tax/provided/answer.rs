//! What does a provider answer, and which taxes of lines does that make? Each line's taxes with their jurisdictions, to the cent as answered.
//!
//! `{"no": 1, "taxes": [{"country": "US", "state": "TX", "name": "Texas", "rate": "6.25", "taxable": 10000, "amount": 625}, …]}`

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::question::{AskedLine, Question};
use crate::domain::ids::TaxProviderId;
use crate::domain::money::{Currency, Money, MoneyError, round_to_digits};
use crate::domain::tax::category::{Category, Reason};
use crate::domain::tax::treatment::Levy;

/// How long an answer may be used: rates do not change within a day, certificates do.
pub const FRESH: TimeDelta = TimeDelta::hours(12);
/// Most taxes of a line.
const TAXES: usize = 50;
const NAME_LENGTH: usize = 200;

/// One tax of an answered line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredTax {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The subdivision's code without the country.
    pub state: Option<String>,
    /// As the jurisdiction is called: `Travis County`.
    pub name: String,
    /// In percent.
    #[serde(with = "rust_decimal::serde::str")]
    pub rate: Decimal,
    /// Minor units.
    pub taxable: i64,
    pub amount: i64,
    /// Why there is no tax, where the rate is zero: `exempt`, `reverse_charge`, `not_collecting`, `not_taxable`.
    pub reason: Option<String>,
}

/// A line as answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredLine {
    pub no: usize,
    pub taxes: Vec<AnsweredTax>,
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub lines: Vec<AnsweredLine>,
}

/// One tax that an answer puts on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidedTax {
    pub levy: Levy,
    /// Without any tax.
    pub taxable: Money,
    pub amount: Money,
}

/// What is known of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Answered(Answer),
    /// Nobody answered for so long that the built-in rules do.
    ByEngine,
}

impl Answer {
    /// Whether it is an answer to the question: each line once, and no tax larger than what it is on.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn check(&self, question: &Question) -> Result<(), String> {
        if self.lines.len() != question.lines.len() {
            return Err(format!(
                "{} lines were asked about, {} answered",
                question.lines.len(),
                self.lines.len()
            ));
        }
        for line in &question.lines {
            let Some(answered) = self.lines.iter().find(|answered| answered.no == line.no) else {
                return Err(format!("line {} is not answered", line.no));
            };
            check_line(line, answered)?;
        }
        Ok(())
    }

    /// All its tax.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.lines.iter().flat_map(|line| &line.taxes).fold(0, |sum, tax| sum.saturating_add(tax.amount))
    }

    /// The taxes of a line of the question.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn taxes(
        &self,
        line: &AskedLine,
        (provider_id, country): (TaxProviderId, &str),
        currency: Currency,
    ) -> Result<Vec<ProvidedTax>, MoneyError> {
        let answered = self.lines.iter().find(|answered| answered.no == line.no);
        let answered = answered.map_or(&[][..], |line| &line.taxes);
        let amount = Money::from_minor(line.amount, currency);
        let sum = answered.iter().map(|tax| Money::from_minor(tax.amount, currency));
        let within = if line.inclusive { Money::sum(currency, sum)? } else { Money::zero(currency) };
        let taxable = amount.checked_sub(within)?;
        let tax_of = |tax: &AnsweredTax| ProvidedTax {
            levy: levy((tax, taxable), provider_id, line.inclusive),
            taxable,
            amount: Money::from_minor(tax.amount, currency),
        };
        if answered.is_empty() {
            let nothing = AnsweredTax {
                country: country.to_owned(),
                state: None,
                name: "Tax".to_owned(),
                rate: Decimal::ZERO,
                taxable: taxable.minor(),
                amount: 0,
                reason: None,
            };
            return Ok(vec![tax_of(&nothing)]);
        }
        Ok(answered.iter().map(tax_of).collect())
    }
}

fn check_line(line: &AskedLine, answered: &AnsweredLine) -> Result<(), String> {
    let no = line.no;
    let mut names = Vec::new();
    let mut sum = 0_i64;
    for tax in &answered.taxes {
        let is_code = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !is_code(&tax.country, 2) || tax.state.as_deref().is_some_and(|state| !is_code(state, 3)) {
            return Err(format!("a jurisdiction of line {no} is none of ISO 3166"));
        }
        let is_long = tax.name.chars().count() > NAME_LENGTH;
        if tax.name.trim().is_empty() || is_long || tax.name.chars().any(char::is_control) {
            return Err(format!("a tax of line {no} has no name that can be printed"));
        }
        if tax.rate.is_sign_negative() || tax.rate > Decimal::ONE_HUNDRED {
            return Err(format!("a rate of line {no} is not between 0 and 100 percent"));
        }
        let other_way = tax.amount != 0 && (tax.amount < 0) != (line.amount < 0);
        if other_way || tax.amount.unsigned_abs() > line.amount.unsigned_abs() {
            return Err(format!("a tax of line {no} is no part of its amount"));
        }
        let name = (&tax.country, &tax.state, &tax.name);
        if names.contains(&name) {
            return Err(format!("line {no} has {} twice", tax.name));
        }
        names.push(name);
        sum = sum.saturating_add(tax.amount);
    }
    if answered.taxes.len() > TAXES {
        return Err(format!("line {no} has more than {TAXES} taxes"));
    }
    if sum.unsigned_abs() > line.amount.unsigned_abs() {
        return Err(format!("line {no} has more tax than it comes to"));
    }
    Ok(())
}

fn levy((tax, taxable): (&AnsweredTax, Money), provider_id: TaxProviderId, inclusive: bool) -> Levy {
    let (category, reason) = match tax.reason.as_deref() {
        _ if !tax.rate.is_zero() => (Category::S, Reason::StandardRated),
        Some("exempt") => (Category::E, Reason::CustomerExempt),
        Some("reverse_charge") => (Category::AE, Reason::ReverseCharge),
        Some("not_collecting") => (Category::O, Reason::NotCollecting),
        _ => (Category::O, Reason::NotSubjectToTax),
    };
    let whole = Decimal::from(taxable.minor());
    let part = Decimal::from(tax.taxable);
    let share = (part * Decimal::ONE_HUNDRED).checked_div(whole).map(|share| round_to_digits(share, 6));
    let portion = share.filter(|share| *share > Decimal::ZERO && *share < Decimal::ONE_HUNDRED);
    let mention = match reason {
        Reason::ReverseCharge => Some("Reverse charge".into()),
        Reason::CustomerExempt => Some("Exempt: the buyer has a certificate".into()),
        _ => None,
    };
    Levy {
        jurisdiction: tax
            .state
            .as_ref()
            .map_or(tax.country.clone(), |state| format!("{}-{state}", tax.country)),
        name: tax.name.clone().into(),
        category,
        rate: tax.rate.normalize(),
        portion: portion.unwrap_or(Decimal::ONE_HUNDRED).normalize(),
        reason,
        exemption_code: None,
        mention,
        one_stop_shop: false,
        across_borders: false,
        buyer_number: None,
        unverified: false,
        inclusive,
        provider_id: Some(provider_id),
    }
}
