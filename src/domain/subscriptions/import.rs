//! What does a row of an import file say? `7590-VHVEG,internet_dsl,29.85,USD,2026-10-01,1,1,offline,OnlineBackup` is a subscription at 29.85 a month.
//!
//! Reading is pure and total: every row gives what it says or all that is wrong with it, so a file's errors are reported in one go.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use strum::{EnumString, IntoStaticStr};

use super::Collection;
use crate::domain::catalog::Metadata;
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;

/// The columns, by name; the file may have them in any order.
pub const COLUMNS: [&str; 9] = [
    "customer_external_id",
    "plan_code",
    "monthly_amount",
    "currency",
    "start_date",
    "anchor_day",
    "contract_term_months",
    "payment",
    "services",
];

/// Columns a file may leave out, and cells that may be blank.
pub const OPTIONAL: [&str; 3] = ["anchor_day", "contract_term_months", "services"];

/// Longest contract, in months.
const LONGEST_CONTRACT: u32 = 1_200;
/// Longest list of services, in characters.
const SERVICES_LENGTH: usize = 1_000;

/// The cells of one row, in the order of [`COLUMNS`]; blank where the file has no such column.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// Line of the file, from 1; the header is on line 1.
    pub line: u64,
    pub cells: [&'a str; COLUMNS.len()],
}

/// A row as understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub line: u64,
    pub customer_external_id: String,
    pub plan_code: String,
    /// A month's price, in advance.
    pub monthly: Money,
    /// First day of service, in UTC.
    pub start: NaiveDate,
    /// `None`: the day of the start.
    pub anchor_day: Option<u32>,
    pub contract_term_months: Option<u32>,
    pub payment: Payment,
    /// As written, space-separated.
    pub services: Option<String>,
}

/// How a subscription's invoices are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Payment {
    /// By card, collected automatically.
    Card,
    /// By debit of an account, collected automatically.
    BankTransfer,
    /// By the customer, when the invoice comes.
    Offline,
}

impl Payment {
    /// What it means for a subscription's invoices.
    #[must_use]
    pub fn collection(self) -> Collection {
        match self {
            Payment::Card | Payment::BankTransfer => Collection::Automatic,
            Payment::Offline => Collection::SendInvoice,
        }
    }
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LineError {
    pub line: u64,
    /// The column at fault, when one is.
    pub column: Option<String>,
    /// A sentence that says what to do.
    pub detail: String,
}

impl LineError {
    /// Something wrong with a line as a whole.
    pub fn of_line(line: u64, detail: impl std::fmt::Display) -> LineError {
        LineError { line, column: None, detail: detail.to_string() }
    }

    /// Something wrong with one cell.
    pub fn of_cell(line: u64, column: &str, detail: impl std::fmt::Display) -> LineError {
        LineError { line, column: Some(column.to_owned()), detail: detail.to_string() }
    }
}

impl std::fmt::Display for LineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, {column}: {}", self.line, self.detail),
            None => write!(f, "line {}: {}", self.line, self.detail),
        }
    }
}

impl Row {
    /// The instant service begins.
    #[must_use]
    pub fn start_at(&self) -> DateTime<Utc> {
        self.start.and_time(NaiveTime::MIN).and_utc()
    }

    /// What is kept beside the subscription.
    #[must_use]
    pub fn metadata(&self) -> Metadata {
        let term =
            self.contract_term_months.map(|months| ("contract_term_months".to_owned(), months.to_string()));
        let services = self.services.clone().map(|services| ("services".to_owned(), services));
        term.into_iter().chain(services).collect()
    }
}

/// Where each column of [`COLUMNS`] stands in a file with this header.
///
/// # Errors
/// A sentence for each column that is unknown, repeated or missing.
pub fn read_header(header: &[&str]) -> Result<[Option<usize>; COLUMNS.len()], Vec<LineError>> {
    let mut places = [None; COLUMNS.len()];
    let mut errors = Vec::new();
    for (place, name) in header.iter().enumerate() {
        match COLUMNS.iter().position(|column| column == name) {
            None => {
                let detail =
                    format_args!("there is no column \"{name}\"; the columns are {}", COLUMNS.join(", "));
                errors.push(LineError::of_line(1, detail));
            }
            Some(n) if places[n].is_some() => {
                errors.push(LineError::of_cell(1, name, "this column is there twice"))
            }
            Some(n) => places[n] = Some(place),
        }
    }
    for (name, place) in COLUMNS.iter().zip(&places) {
        if place.is_none() && !OPTIONAL.contains(name) {
            errors.push(LineError::of_cell(1, name, "this column is missing"));
        }
    }
    if errors.is_empty() { Ok(places) } else { Err(errors) }
}

/// What a row says.
///
/// # Errors
/// All that is wrong with it.
pub fn read_row(line: Cells<'_>) -> Result<Row, Vec<LineError>> {
    let [customer, plan, amount, currency, start, anchor, term, payment, services] = line.cells;
    let mut faults = Faults::none();
    faults.check_text("customer_external_id", customer, EXTERNAL_ID_LENGTH);
    faults.check_code("plan_code", plan);
    let currency = faults.keep("currency", "currency", Currency::parse(currency));
    let monthly = currency.and_then(|currency| read_amount(amount, currency, &mut faults));
    let start = read_date(start, &mut faults);
    let anchor_day = read_number("anchor_day", anchor, 31, &mut faults);
    let contract_term_months = read_number("contract_term_months", term, LONGEST_CONTRACT, &mut faults);
    let paid = payment.parse::<Payment>().ok();
    if paid.is_none() {
        faults.add(
            "payment",
            "payment",
            format_args!("\"{payment}\" is not a way to pay: use card, bank_transfer or offline"),
        );
    }
    let services = Some(services).filter(|services| !services.is_empty());
    faults.check_optional("services", services, SERVICES_LENGTH);
    faults.into_result().map_err(|invalid| at_line(line.line, invalid))?;
    // With no fault noted, all of these were read.
    let (Some(monthly), Some(start), Some(payment)) = (monthly, start, paid) else { return Err(Vec::new()) };
    Ok(Row {
        line: line.line,
        customer_external_id: customer.to_owned(),
        plan_code: plan.to_owned(),
        monthly,
        start,
        anchor_day,
        contract_term_months,
        payment,
        services: services.map(str::to_owned),
    })
}

fn at_line(line: u64, invalid: Invalid) -> Vec<LineError> {
    invalid
        .errors
        .into_iter()
        .map(|e| LineError { line, column: Some(e.pointer), detail: e.detail })
        .collect()
}

fn read_amount(text: &str, currency: Currency, faults: &mut Faults) -> Option<Money> {
    let amount = faults.keep("monthly_amount", "amount", Money::parse_major(text, currency))?;
    if amount.is_negative() {
        faults.add(
            "monthly_amount",
            "negative_amount",
            format_args!("a price cannot be negative, and this one is {text}"),
        );
        return None;
    }
    Some(amount)
}

fn read_date(text: &str, faults: &mut Faults) -> Option<NaiveDate> {
    // Ten characters, because the parser alone would also take 2026-1-1 and +12026-01-01.
    let date =
        Some(text).filter(|t| t.len() == 10).and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok());
    let date = date.filter(|date| (1970..2200).contains(&date.year()));
    if date.is_none() {
        let detail = format_args!("\"{text}\" is not a date from 1970 to 2199 written like 2026-10-31");
        faults.add("start_date", "start_date", detail);
    }
    date
}

/// A whole number from 1 to `most`, or blank.
fn read_number(column: &str, text: &str, most: u32, faults: &mut Faults) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|n| plain && (1..=most).contains(n));
    if number.is_none() {
        faults.add(column, column, format_args!("\"{text}\" is not a whole number from 1 to {most}"));
    }
    number
}

/// What is wrong between rows: a row that is there twice, and a customer with two ways to be charged.
#[must_use]
pub fn check_together(rows: &[Row]) -> Vec<LineError> {
    let mut seen = HashMap::new();
    let mut charged: HashMap<&str, &Row> = HashMap::new();
    let mut errors = Vec::new();
    for row in rows {
        let customer = row.customer_external_id.as_str();
        if let Some(first) = seen.insert((customer, row.plan_code.as_str(), row.start), row.line) {
            let detail = format_args!(
                "{customer} has plan {} from {} on line {first} already",
                row.plan_code, row.start
            );
            errors.push(LineError::of_line(row.line, detail));
        }
        if row.payment == Payment::Offline {
            continue;
        }
        let first = *charged.entry(customer).or_insert(row);
        if first.payment != row.payment {
            let (how, line) = (first.payment.into_str(), first.line);
            let detail = format_args!(
                "{customer} pays by {how} on line {line}: an import gives a customer one payment method"
            );
            errors.push(LineError::of_cell(row.line, "payment", detail));
        }
    }
    errors
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
