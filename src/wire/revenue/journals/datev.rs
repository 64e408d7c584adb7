//! How is a posting batch written for DATEV? A line of what the batch is, a line of names, and a line for each amount moved: so much from this account
//! to that one.
//!
//! `120,00;"S";"EUR";;;"";10000;8400;"";3101;"INV-000001";"";;"invoice finalized INV-000001"`: the DATEV format, version 700 of its head and 13 of the
//! batch (developer.datev.de, "Buchungsstapel").

use chrono::Datelike;

use super::JournalFileQuery;
use crate::domain::money::Money;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::journals::{AccountCode, JournalExport, Posted};

/// Of the fields of a line, those that are used: the first fourteen.
const NAMES: [&str; 14] = [
    "Umsatz (ohne Soll/Haben-Kz)",
    "Soll/Haben-Kennzeichen",
    "WKZ Umsatz",
    "Kurs",
    "Basis-Umsatz",
    "WKZ Basis-Umsatz",
    "Konto",
    "Gegenkonto (ohne BU-Schlüssel)",
    "BU-Schlüssel",
    "Belegdatum",
    "Belegfeld 1",
    "Belegfeld 2",
    "Skonto",
    "Buchungstext",
];

/// The first two lines.
///
/// # Errors
/// `missing_field`, `out_of_range`; `account_code_unfit`: its accounts have numbers of one length; `currency_unfit`.
pub(super) fn head(export: &JournalExport, query: &JournalFileQuery) -> Result<[Vec<String>; 2], Invalid> {
    let number = |field: &str, value: Option<u32>, range: std::ops::RangeInclusive<u32>| {
        let pointer = format!("/query/{field}");
        let Some(value) = value else {
            let detail =
                format_args!("DATEV must know it: a number from {} to {}", range.start(), range.end());
            return Err(Invalid::one(&pointer, "missing_field", detail));
        };
        if range.contains(&value) {
            return Ok(value);
        }
        let detail = format_args!("a number from {} to {}", range.start(), range.end());
        Err(Invalid::one(&pointer, "out_of_range", detail))
    };
    let consultant = number("consultant", query.consultant, 1_001..=9_999_999)?;
    let client = number("client", query.client, 1..=99_999)?;
    let length = export.codes.iter().map(|code| code.code.len()).max().unwrap_or(4);
    let unfit = export.codes.iter().find(|code| {
        code.code.len() != length
            || !(4..=8).contains(&length)
            || !code.code.bytes().all(|b| b.is_ascii_digit())
    });
    if let Some(code) = unfit {
        let detail = format_args!(
            "in DATEV an account is a number of 4 to 8 digits, as many as the others have: {} is {:?}",
            code.account.into_str(),
            code.code
        );
        return Err(Invalid::one("/query/format", "account_code_unfit", detail));
    }
    if export.currency.exponent() != 2 {
        let detail = "DATEV writes amounts with two decimals, and these books are kept in another currency";
        return Err(Invalid::one("/query/format", "currency_unfit", detail));
    }
    let day = |day: chrono::NaiveDate| day.format("%Y%m%d").to_string();
    let cells = [
        "\"EXTF\"".to_owned(),
        "700".to_owned(),
        "21".to_owned(),
        "\"Buchungsstapel\"".to_owned(),
        "13".to_owned(),
        export.created_at.format("%Y%m%d%H%M%S%3f").to_string(),
        String::new(),
        "\"BW\"".to_owned(),
        "\"\"".to_owned(),
        "\"\"".to_owned(),
        consultant.to_string(),
        client.to_string(),
        format!("{}0101", export.days.from.year()),
        length.to_string(),
        day(export.days.from),
        day(export.last_day()),
        quoted("Billwright", 30),
        "\"\"".to_owned(),
        "1".to_owned(),
        "0".to_owned(),
        "0".to_owned(),
        quoted(export.currency.code(), 3),
    ];
    Ok([cells.to_vec(), NAMES.map(str::to_owned).to_vec()])
}

/// The line of an amount moved from one account to another.
pub(super) fn row(
    posted: &Posted,
    amount: Money,
    (debit, credit): (&AccountCode, &AccountCode),
) -> Vec<String> {
    vec![
        amount.to_major_string().replace('.', ","),
        "\"S\"".to_owned(),
        quoted(amount.currency().code(), 3),
        String::new(),
        String::new(),
        "\"\"".to_owned(),
        debit.code.clone(),
        credit.code.clone(),
        "\"\"".to_owned(),
        posted.on.format("%d%m").to_string(),
        quoted(&document(posted), 36),
        "\"\"".to_owned(),
        String::new(),
        quoted(&posted.words(), 60),
    ]
}

/// The document's number, in the characters that the field takes.
fn document(posted: &Posted) -> String {
    let number = posted.number.clone().unwrap_or_default();
    number.chars().filter(|c| c.is_ascii_alphanumeric() || "$&%*+-/".contains(*c)).collect()
}

/// A text of at most so many characters, in quotation marks, those in it doubled.
fn quoted(text: &str, longest: usize) -> String {
    let text: String = text.chars().take(longest).collect();
    format!("\"{}\"", text.replace('"', "\"\""))
}
