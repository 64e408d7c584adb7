//! Which lines is a figure the sum of? Each tax of a line, on the day on which it counts; below zero where it is taken back.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::NONE;
use crate::domain::calendar::{Period, Zone};
use crate::domain::fields::Faults;
use crate::domain::ids::{CreditNoteId, EntityId, InvoiceId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::tax::category::{Category, Reason};
use crate::domain::tax::returns::{Cause, Entry};
use crate::wire::amounts::DecimalText;
use crate::wire::page::{Page, cursor_of, place_after};
use crate::wire::table::{Format, Table};
use crate::wire::times::YEARS;

/// Which taxes of lines.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaxReportLinesQuery {
    /// The first day, in your time zone.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// ISO 4217.
    pub currency: Option<String>,
    /// ISO 3166-1 or 3166-2.
    pub jurisdiction: Option<String>,
    /// As the tax is called there: `VAT`.
    pub name: Option<String>,
    /// Of EN 16931: `S`.
    pub category: Option<String>,
    /// In percent.
    #[param(value_type = Option<String>)]
    pub rate: Option<DecimalText>,
    /// The percentage of the price that is taxed.
    #[param(value_type = Option<String>)]
    pub portion: Option<DecimalText>,
    /// `standard_rated`, `reverse_charge`, ….
    pub reason: Option<String>,
    /// Whether it is declared in the one-stop shop of the European Union.
    pub one_stop_shop: Option<bool>,
    /// The buyer's VAT number; `none`: without one.
    pub buyer_number: Option<String>,
    /// The earlier quarter whose sales are taken back, `2026-Q1`; `none`: none.
    pub corrects: Option<String>,
    /// Only what this legal entity issued.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// `json`, or `csv` for a table; the header `Accept: text/csv` asks for the same. The cursor of the next page is then in the header
    /// `Next-Cursor`.
    #[param(inline)]
    pub format: Option<Format>,
    /// Rows of the page: 1 to 1000, 50 when left out.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
    /// A `next_cursor`: the page after it.
    pub after: Option<String>,
}

/// What was requested, as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub currency: Option<Currency>,
    pub category: Option<Category>,
    pub reason: Option<Reason>,
    pub rate: Option<Decimal>,
    pub portion: Option<Decimal>,
    /// `Some(None)`: without a number.
    pub buyer_number: Option<Option<String>>,
    pub corrects: Option<Option<String>>,
}

/// A place in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub at: DateTime<Utc>,
    /// The invoice or the credit note.
    pub document_id: Uuid,
    pub cause: Cause,
    pub line_no: i32,
    pub tax_no: i16,
}

impl TaxReportLinesQuery {
    /// The period in a zone, and the filter.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn read(&self, zone: Zone) -> Result<(Period, Filter), Invalid> {
        let period = super::period((self.from, self.until), zone)?;
        let mut faults = Faults::none();
        let rate = |text: &Option<DecimalText>, pointer: &str, faults: &mut Faults| {
            text.as_ref().and_then(|rate| rate.read(pointer, faults))
        };
        let category =
            self.category.as_ref().map(|name| name.parse().map_err(|_| "EN 16931 has no such category"));
        let reason = self.reason.as_ref().map(|name| name.parse().map_err(|_| "there is no such reason"));
        let or_none = |text: &String| Some(text.clone()).filter(|text| text != NONE);
        let filter = Filter {
            currency: super::currency(self.currency.as_deref(), &mut faults),
            category: category.and_then(|read| faults.keep("/query/category", "bad_value", read)),
            reason: reason.and_then(|read| faults.keep("/query/reason", "bad_value", read)),
            rate: rate(&self.rate, "/query/rate", &mut faults),
            portion: rate(&self.portion, "/query/portion", &mut faults),
            buyer_number: self.buyer_number.as_ref().map(or_none),
            corrects: self.corrects.as_ref().map(or_none),
        };
        faults.into_result()?;
        Ok((period, filter))
    }

    /// The place the cursor names.
    ///
    /// # Errors
    /// It is no cursor of this list.
    pub fn place(&self) -> Result<Option<Place>, Invalid> {
        place_after(self.after.as_deref(), read_place)
    }
}

fn read_place(text: &str) -> Option<Place> {
    let mut parts = text.split('|');
    let at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    let place = Place {
        at: Some(at).filter(|at| YEARS.contains(&at.year()))?,
        document_id: parts.next()?.parse().ok()?,
        cause: parts.next()?.parse().ok()?,
        line_no: parts.next()?.parse().ok()?,
        tax_no: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(place)
}

fn cursor(entry: &Entry) -> String {
    let micros = entry.at.timestamp_micros();
    let document = entry.credit_note_id.map_or_else(|| entry.invoice_id.uuid(), CreditNoteId::uuid);
    let (cause, line_no, tax_no) = (entry.cause.into_str(), entry.line_no, entry.tax_no);
    cursor_of(&format!("{micros}|{document}|{cause}|{line_no}|{tax_no}"))
}

/// A tax of a line, as it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "day": "2026-06-03", "cause": "credit_note_issued", "line_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1",
    "invoice_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3", "credit_note_id": "cn_01jgejp8g0e3q9k0v6z4t1x2y3", "line_no": 1, "currency": "EUR",
    "jurisdiction": "FR", "name": "VAT", "category": "S", "rate": "20", "portion": "100", "reason": "standard_rated",
    "one_stop_shop": false, "buyer_number": null, "corrects": "2026-Q1", "taxable": "-10.00", "tax": "-2.00"
}))]
pub struct TaxReportLine {
    /// On which it counts.
    pub day: NaiveDate,
    /// `invoice_issued`, or `invoice_voided` or `credit_note_issued`, which take it back.
    pub cause: &'static str,
    pub line_id: String,
    #[schema(value_type = String)]
    pub invoice_id: InvoiceId,
    #[schema(value_type = Option<String>)]
    pub credit_note_id: Option<CreditNoteId>,
    pub line_no: i32,
    pub currency: &'static str,
    pub jurisdiction: String,
    pub name: String,
    pub category: &'static str,
    pub rate: String,
    pub portion: String,
    pub reason: &'static str,
    /// Whether it is declared in the one-stop shop of the European Union.
    pub one_stop_shop: bool,
    /// Under which the buyer accounts for the tax.
    pub buyer_number: Option<String>,
    /// The quarter of the invoice that is taken back, where it was issued before the period.
    pub corrects: Option<String>,
    pub taxable: String,
    pub tax: String,
}

impl TaxReportLine {
    fn of(entry: &Entry, zone: Zone) -> TaxReportLine {
        let heading = entry.heading.clone();
        TaxReportLine {
            day: zone.local_date(entry.at),
            cause: entry.cause.into_str(),
            line_id: format!("{}-{}", entry.invoice_id, entry.line_no),
            invoice_id: entry.invoice_id,
            credit_note_id: entry.credit_note_id,
            line_no: entry.line_no,
            currency: heading.currency.code(),
            jurisdiction: heading.jurisdiction,
            name: heading.name,
            category: heading.category.into_str(),
            rate: heading.rate.to_string(),
            portion: heading.portion.to_string(),
            reason: heading.reason.into_str(),
            one_stop_shop: entry.one_stop_shop,
            buyer_number: heading.buyer_number,
            corrects: heading.corrects,
            taxable: entry.taxable.to_major_string(),
            tax: entry.tax.to_major_string(),
        }
    }
}

/// A page of them.
#[must_use]
pub fn page(entries: &[Entry], has_more: bool, zone: Zone) -> Page<TaxReportLine> {
    let next_cursor = entries.last().filter(|_| has_more).map(cursor);
    Page { data: entries.iter().map(|entry| TaxReportLine::of(entry, zone)).collect(), has_more, next_cursor }
}

impl Table for Page<TaxReportLine> {
    const COLUMNS: &'static [&'static str] = &[
        "day",
        "cause",
        "line_id",
        "credit_note_id",
        "currency",
        "jurisdiction",
        "name",
        "category",
        "rate",
        "portion",
        "reason",
        "one_stop_shop",
        "buyer_number",
        "corrects",
        "taxable",
        "tax",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |line: &TaxReportLine| {
            vec![
                line.day.to_string(),
                line.cause.to_owned(),
                line.line_id.clone(),
                line.credit_note_id.map(|id| id.to_string()).unwrap_or_default(),
                line.currency.to_owned(),
                line.jurisdiction.clone(),
                line.name.clone(),
                line.category.to_owned(),
                line.rate.clone(),
                line.portion.clone(),
                line.reason.to_owned(),
                line.one_stop_shop.to_string(),
                line.buyer_number.clone().unwrap_or_default(),
                line.corrects.clone().unwrap_or_default(),
                line.taxable.clone(),
                line.tax.clone(),
            ]
        };
        self.data.iter().map(row).collect()
    }

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}
