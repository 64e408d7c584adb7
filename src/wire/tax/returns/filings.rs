//! What do authorities ask for in forms of their own? The one-stop shop's return, the list of sales to businesses in other member states, and
//! the sales into each state of the United States.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{NONE, TaxReportQuery};
use crate::domain::fx::EURO;
use crate::domain::tax::returns::{
    BusinessSales, EuroSums, Figure, InEuros, SoldTo, StateSales, Supplied, euro_sums,
};
use crate::wire::fx::ExchangeRate;
use crate::wire::mirror::mirror;
use crate::wire::table::Table;

/// What is declared in the one-stop shop of the European Union.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OssReturn {
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    pub data: Vec<OssFigure>,
    pub sums: OssSums,
}

/// What the figures come to in euros, as the return is made out (article 369h of Directive 2006/112/EC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({ "currency": "EUR", "taxable": "100.00", "tax": "19.00", "without_rate": 0 }))]
pub struct OssSums {
    pub currency: &'static str,
    /// Null: a figure has no rate, so there is no sum.
    pub taxable: Option<String>,
    pub tax: Option<String>,
    /// How many figures have none.
    pub without_rate: usize,
}

/// The sales into a member state at a rate; or what is taken back of an earlier quarter's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "member_state": "DE", "currency": "EUR", "jurisdiction": "DE", "rate": "19", "corrects": null, "taxable": "100.00", "tax": "19.00",
    "taxable_eur": "100.00", "tax_eur": "19.00", "exchange_rate": null, "no_rate": false, "lines": 1, "lines_url": "/v1/tax/report/lines?from=2026-04-01&until=2026-07-01&one_stop_shop=true&currency=EUR&jurisdiction=DE&name=VAT&category=S&rate=19&portion=100&reason=standard_rated&corrects=none"
}))]
pub struct OssFigure {
    pub member_state: String,
    pub currency: &'static str,
    /// A part of the member state, where it has rates of its own.
    pub jurisdiction: String,
    /// In percent.
    pub rate: String,
    /// The earlier quarter whose sales are taken back; null: sales of the period.
    #[schema(example = "2026-Q1")]
    pub corrects: Option<String>,
    pub taxable: String,
    pub tax: String,
    /// In euros, at `exchange_rate`; null: there is none.
    pub taxable_eur: Option<String>,
    pub tax_eur: Option<String>,
    /// That of the last day of the period, or of the quarter that is corrected; if none was published that day, of the next on which one was.
    /// Null of a figure in euros, and where there is none.
    pub exchange_rate: Option<ExchangeRate>,
    /// No rate is known, or none yet: record or import it before you declare.
    pub no_rate: bool,
    pub lines: i64,
    /// Where they are listed.
    pub lines_url: String,
}

impl OssReturn {
    /// Of these figures, each in euros where a rate is known.
    #[must_use]
    pub fn of(query: &TaxReportQuery, figures: Vec<(Figure, Option<InEuros>)>) -> OssReturn {
        let EuroSums { sums, without_rate } = euro_sums(figures.iter().map(|(_, euros)| euros.as_ref()));
        let [taxable, tax] = match sums {
            Some((taxable, tax)) => [Some(taxable.to_major_string()), Some(tax.to_major_string())],
            None => [None, None],
        };
        let data = figures.into_iter().map(|(figure, euros)| OssFigure::of(query, &figure, euros)).collect();
        let sums = OssSums { currency: EURO, taxable, tax, without_rate };
        OssReturn { from: query.from, until: query.until, data, sums }
    }
}

impl OssFigure {
    fn of(query: &TaxReportQuery, figure: &Figure, euros: Option<InEuros>) -> OssFigure {
        let heading = &figure.heading;
        let (rate, portion) = (heading.rate.to_string(), heading.portion.to_string());
        let lines_url = query.lines_url(&[
            ("one_stop_shop", "true"),
            ("currency", heading.currency.code()),
            ("jurisdiction", &heading.jurisdiction),
            ("name", &heading.name),
            ("category", heading.category.into_str()),
            ("rate", &rate),
            ("portion", &portion),
            ("reason", heading.reason.into_str()),
            ("corrects", heading.corrects.as_deref().unwrap_or(NONE)),
        ]);
        OssFigure {
            member_state: heading.jurisdiction.chars().take(2).collect(),
            currency: heading.currency.code(),
            jurisdiction: heading.jurisdiction.clone(),
            rate,
            corrects: heading.corrects.clone(),
            taxable: figure.taxable.to_major_string(),
            tax: figure.tax.to_major_string(),
            taxable_eur: euros.as_ref().map(|euros| euros.taxable.to_major_string()),
            tax_eur: euros.as_ref().map(|euros| euros.tax.to_major_string()),
            no_rate: euros.is_none(),
            exchange_rate: euros.and_then(|euros| euros.rate).map(ExchangeRate::from),
            lines: figure.lines,
            lines_url,
        }
    }
}

impl Table for OssReturn {
    const COLUMNS: &'static [&'static str] = &[
        "member_state",
        "currency",
        "jurisdiction",
        "rate",
        "corrects",
        "taxable",
        "tax",
        "lines",
        "taxable_eur",
        "tax_eur",
        "exchange_rate",
        "exchange_rate_date",
        "exchange_rate_source",
        "no_rate",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |figure: &OssFigure| {
            let [rate, date, source] = match &figure.exchange_rate {
                Some(rate) => [rate.to_string(), rate.date.to_string(), rate.source.clone()],
                None => Default::default(),
            };
            vec![
                figure.member_state.clone(),
                figure.currency.to_owned(),
                figure.jurisdiction.clone(),
                figure.rate.clone(),
                figure.corrects.clone().unwrap_or_default(),
                figure.taxable.clone(),
                figure.tax.clone(),
                figure.lines.to_string(),
                figure.taxable_eur.clone().unwrap_or_default(),
                figure.tax_eur.clone().unwrap_or_default(),
                rate,
                date,
                source,
                figure.no_rate.to_string(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}

mirror! {
    /// What was sold to a business?
    pub enum EcSupplied = Supplied {
        Goods,
        Services,
    }
}

/// Sales to businesses in other member states, who account for the tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EcSalesList {
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    pub data: Vec<EcSales>,
}

/// The sales to one VAT number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "country": "DE", "buyer_number": "DE136695976", "supplied": "services", "currency": "EUR", "value": "80.00", "lines": 2,
    "lines_url": "/v1/tax/report/lines?from=2026-06-01&until=2026-07-01&currency=EUR&category=AE&buyer_number=DE136695976"
}))]
pub struct EcSales {
    /// The first two letters of the number, `EL` for Greece; where it is missing, of the buyers' place.
    pub country: String,
    /// Null: it is missing, and must be found before the list is filed.
    pub buyer_number: Option<String>,
    pub supplied: EcSupplied,
    pub currency: &'static str,
    pub value: String,
    pub lines: i64,
    /// Where they are listed.
    pub lines_url: String,
}

impl EcSalesList {
    /// Of these sales.
    #[must_use]
    pub fn of(query: &TaxReportQuery, sales: &[BusinessSales]) -> EcSalesList {
        let data = sales.iter().map(|sales| EcSales::of(query, sales)).collect();
        EcSalesList { from: query.from, until: query.until, data }
    }
}

impl EcSales {
    fn of(query: &TaxReportQuery, sales: &BusinessSales) -> EcSales {
        let (currency, category) = (sales.value.currency().code(), sales.supplied.category().into_str());
        let mut filter = vec![("currency", currency), ("category", category)];
        let (letters, buyer_number) = match &sales.buyer {
            SoldTo::Numbered(number) => {
                filter.push(("buyer_number", number));
                (number, Some(number.clone()))
            }
            SoldTo::Unnumbered { jurisdiction } => {
                filter.extend([("jurisdiction", jurisdiction.as_str()), ("buyer_number", NONE)]);
                (jurisdiction, None)
            }
        };
        EcSales {
            country: letters.chars().take(2).collect(),
            buyer_number,
            supplied: sales.supplied.into(),
            currency,
            value: sales.value.to_major_string(),
            lines: sales.lines,
            lines_url: query.lines_url(&filter),
        }
    }
}

impl Table for EcSalesList {
    const COLUMNS: &'static [&'static str] =
        &["country", "buyer_number", "supplied", "currency", "value", "lines"];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |sales: &EcSales| {
            let supplied = match sales.supplied {
                EcSupplied::Goods => "goods",
                EcSupplied::Services => "services",
            };
            vec![
                sales.country.clone(),
                sales.buyer_number.clone().unwrap_or_default(),
                supplied.to_owned(),
                sales.currency.to_owned(),
                sales.value.clone(),
                sales.lines.to_string(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}

/// Sales into the United States, by state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsReturn {
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    pub data: Vec<UsState>,
}

/// The sales into a state; `sales` is `taxable`, `exempt` and `not_collected` together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "state": "US-TX", "currency": "USD", "registered": true, "sales": "100.00", "taxable": "80.00", "exempt": "20.00",
    "not_collected": "0.00", "tax": "5.00", "lines": 1, "lines_url": "/v1/tax/report/lines?from=2026-06-01&until=2026-07-01&currency=USD&jurisdiction=US-TX"
}))]
pub struct UsState {
    pub state: String,
    pub currency: &'static str,
    /// Whether you are registered there on the last day of the period, as you are then obliged to be where you have nexus.
    pub registered: bool,
    pub sales: String,
    pub taxable: String,
    /// What is not taxed there, and the untaxed part of prices.
    pub exempt: String,
    /// Sales on which no tax was charged because you are not registered there.
    pub not_collected: String,
    pub tax: String,
    pub lines: i64,
    /// Where they are listed.
    pub lines_url: String,
}

impl UsReturn {
    /// Of these states, with whether the seller is registered in each.
    #[must_use]
    pub fn of(query: &TaxReportQuery, states: &[StateSales], registered: impl Fn(&str) -> bool) -> UsReturn {
        let state = |sales: &StateSales| {
            let currency = sales.sales.currency().code();
            UsState {
                state: sales.state.clone(),
                currency,
                registered: registered(&sales.state),
                sales: sales.sales.to_major_string(),
                taxable: sales.taxable.to_major_string(),
                exempt: sales.exempt.to_major_string(),
                not_collected: sales.not_collected.to_major_string(),
                tax: sales.tax.to_major_string(),
                lines: sales.lines,
                lines_url: query.lines_url(&[("currency", currency), ("jurisdiction", &sales.state)]),
            }
        };
        UsReturn { from: query.from, until: query.until, data: states.iter().map(state).collect() }
    }
}

impl Table for UsReturn {
    const COLUMNS: &'static [&'static str] =
        &["state", "currency", "registered", "sales", "taxable", "exempt", "not_collected", "tax", "lines"];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |state: &UsState| {
            vec![
                state.state.clone(),
                state.currency.to_owned(),
                state.registered.to_string(),
                state.sales.clone(),
                state.taxable.clone(),
                state.exempt.clone(),
                state.not_collected.clone(),
                state.tax.clone(),
                state.lines.to_string(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}
