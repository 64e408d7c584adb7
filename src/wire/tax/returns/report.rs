//! What is the tax of a period? A row a figure: `EUR FR VAT S 20 % standard_rated`, taxable 90.00, tax 18.00, 2 lines.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::TaxReportQuery;
use crate::domain::money::{Currency, Total};
use crate::domain::tax::returns::{CurrencySums, Figure, sums};
use crate::wire::table::Table;

/// The tax of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxReport {
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    pub data: Vec<TaxFigure>,
    /// By currency.
    pub sums: Vec<TaxSums>,
    pub reporting: ReportedTax,
}

/// The tax of all documents in one currency: that of the books, or yours where they are in several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"currency": "EUR", "tax_payable": "34.36", "waiting": 0, "no_rate": null}))]
pub struct ReportedTax {
    pub currency: &'static str,
    /// By how much the account `tax_payable` rose, at the rates at which its documents were booked; null where a rate is missing.
    pub tax_payable: Option<String>,
    /// Transfers that have no value in the currency of the books yet, and are not in it.
    pub waiting: i64,
    /// Which exchange rate is missing to add up books in several currencies.
    pub no_rate: Option<String>,
}

impl ReportedTax {
    /// Of the sum, or of what is missing for it.
    #[must_use]
    pub fn of(currency: Currency, sum: Result<Total, String>, waiting: i64) -> ReportedTax {
        let (tax_payable, no_rate) = match sum {
            Ok(sum) => (Some(sum.to_major_string()), None),
            Err(no_rate) => (None, Some(no_rate)),
        };
        ReportedTax { currency: currency.code(), tax_payable, waiting, no_rate }
    }
}

/// A sum of taxes of lines that have the same heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "EUR", "jurisdiction": "FR", "name": "VAT", "category": "S", "rate": "20", "portion": "100", "reason": "standard_rated",
    "taxable": "90.00", "tax": "18.00", "lines": 2,
    "lines_url": "/v1/tax/report/lines?from=2026-06-01&until=2026-07-01&currency=EUR&jurisdiction=FR&name=VAT&category=S&rate=20&portion=100&reason=standard_rated"
}))]
pub struct TaxFigure {
    pub currency: &'static str,
    /// ISO 3166-1 or 3166-2.
    pub jurisdiction: String,
    /// As the tax is called there.
    pub name: String,
    /// Of EN 16931: `S`, `Z`, `E`, `AE`, `K`, `G`, `O`, `L` or `M`.
    pub category: &'static str,
    /// In percent, of the taxed portion.
    pub rate: String,
    /// The percentage of the price that is taxed.
    pub portion: String,
    pub reason: &'static str,
    /// What the tax is computed of. A line with two taxes counts for each.
    pub taxable: String,
    pub tax: String,
    /// How many taxes of lines it is the sum of.
    pub lines: i64,
    /// Where they are listed.
    pub lines_url: String,
}

/// What the figures of a currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "EUR", "taxable": "90.00", "reverse_charge": "50.00", "exempt": "0.00", "tax": "18.00", "tax_payable": "18.00", "lines": 3
}))]
pub struct TaxSums {
    pub currency: &'static str,
    /// Taxed at a rate, which may be zero: categories `S`, `Z`, `L` and `M`.
    pub taxable: String,
    /// The buyer accounts for the tax: `AE` and `K`.
    pub reverse_charge: String,
    /// `E`, `G` and `O`.
    pub exempt: String,
    pub tax: String,
    /// By how much the account `tax_payable` rose: the same as `tax`.
    pub tax_payable: String,
    pub lines: i64,
}

impl TaxReport {
    /// The report of these figures, with what the ledger says.
    #[must_use]
    pub fn of(
        query: &TaxReportQuery,
        (figures, payable): (&[Figure], &BTreeMap<Currency, Total>),
        reporting: ReportedTax,
    ) -> TaxReport {
        let sum = |(currency, sums): (Currency, CurrencySums)| TaxSums {
            currency: currency.code(),
            taxable: sums.taxable.to_major_string(),
            reverse_charge: sums.reverse_charge.to_major_string(),
            exempt: sums.exempt.to_major_string(),
            tax: sums.tax.to_major_string(),
            tax_payable: payable.get(&currency).copied().unwrap_or(Total::zero(currency)).to_major_string(),
            lines: sums.lines,
        };
        TaxReport {
            from: query.from,
            until: query.until,
            data: figures.iter().map(|figure| TaxFigure::of(query, figure)).collect(),
            sums: sums(figures).into_iter().map(sum).collect(),
            reporting,
        }
    }
}

impl TaxFigure {
    fn of(query: &TaxReportQuery, figure: &Figure) -> TaxFigure {
        let heading = &figure.heading;
        let (rate, portion) = (heading.rate.to_string(), heading.portion.to_string());
        let lines_url = query.lines_url(&[
            ("currency", heading.currency.code()),
            ("jurisdiction", &heading.jurisdiction),
            ("name", &heading.name),
            ("category", heading.category.into_str()),
            ("rate", &rate),
            ("portion", &portion),
            ("reason", heading.reason.into_str()),
        ]);
        TaxFigure {
            currency: heading.currency.code(),
            jurisdiction: heading.jurisdiction.clone(),
            name: heading.name.clone(),
            category: heading.category.into_str(),
            rate,
            portion,
            reason: heading.reason.into_str(),
            taxable: figure.taxable.to_major_string(),
            tax: figure.tax.to_major_string(),
            lines: figure.lines,
            lines_url,
        }
    }
}

impl Table for TaxReport {
    const COLUMNS: &'static [&'static str] = &[
        "currency",
        "jurisdiction",
        "name",
        "category",
        "rate",
        "portion",
        "reason",
        "taxable",
        "tax",
        "lines",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |figure: &TaxFigure| {
            vec![
                figure.currency.to_owned(),
                figure.jurisdiction.clone(),
                figure.name.clone(),
                figure.category.to_owned(),
                figure.rate.clone(),
                figure.portion.clone(),
                figure.reason.to_owned(),
                figure.taxable.clone(),
                figure.tax.clone(),
                figure.lines.to_string(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}
