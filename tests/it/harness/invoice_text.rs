//! How does a test show an invoice? As a small text table, so that what was expected can be read beside it:
//!
//! ```text
//! INV-000001 paid USD billed 2026-01-15 due 2026-01-15
//! 2026-01-15 to 2026-02-01  1 x 31.00 = 17.00  Base
//! total 17.00 paid 17.00 due 0.00
//! ```

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One invoice, as `GET /v1/invoices/{id}` gives it.
pub fn invoice_text(invoice: &Value) -> String {
    let mut rows = vec![format!(
        "{} {} {} billed {}{}",
        invoice["number"].as_str().unwrap_or("(no number)"),
        text(invoice, "status"),
        text(invoice, "currency"),
        text(invoice, "billing_date"),
        invoice["due_at"].as_str().map(|at| format!(" due {}", stamp(at))).unwrap_or_default(),
    )];
    rows.extend(lines(invoice).iter().map(line_text));
    let adjusted = ["discount_total", "tax_total"].into_iter().any(|step| decimal(invoice, step) != 0.into());
    if adjusted {
        let (subtotal, discount, tax) =
            (text(invoice, "subtotal"), text(invoice, "discount_total"), text(invoice, "tax_total"));
        rows.push(format!("subtotal {subtotal} discount {discount} tax {tax}"));
    }
    let (total, paid, due) =
        (text(invoice, "total"), text(invoice, "amount_paid"), text(invoice, "amount_due"));
    rows.push(format!("total {total} paid {paid} due {due}"));
    rows.join("\n")
}

/// A decimal of a JSON object.
#[track_caller]
pub fn decimal(object: &Value, name: &str) -> rust_decimal::Decimal {
    text(object, name).parse().unwrap()
}

/// The lines of an invoice.
#[track_caller]
pub fn lines(invoice: &Value) -> &Vec<Value> {
    invoice["lines"].as_array().unwrap_or_else(|| panic!("no lines in {invoice}"))
}

fn line_text(line: &Value) -> String {
    let period = &line["period"];
    format!(
        "{} to {}  {} x {} = {}  {}",
        stamp(text(period, "start")),
        stamp(text(period, "end")),
        text(line, "quantity"),
        text(line, "unit_amount"),
        text(line, "amount"),
        text(line, "description")
    )
}

#[track_caller]
fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    object[name].as_str().unwrap_or_else(|| panic!("no text {name} in {object}"))
}

/// A date, with the time only where it is not midnight in UTC.
fn stamp(instant: &str) -> String {
    let at: DateTime<Utc> = instant.parse().unwrap();
    let midnight = at.time() == chrono::NaiveTime::MIN;
    at.format(if midnight { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%MZ" }).to_string()
}
