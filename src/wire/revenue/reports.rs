//! What does revenue add up to? `{"currency": "USD", "booked": "2026-01", "total": "31.00", "months": [{"month": "2026-01", "amount": "17.00"}, …],
//! "recognised": "17.00", "remaining": "14.00"}`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::drill::{Drill, RemainingDrill, RollForwardDrill};
use super::schedules::{currency, day};
use crate::domain::ids::{CustomerId, EntityId, PlanId, PriceId, ProductId, RevenueContractId};
use crate::domain::money::{Currency, Total};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::intervals::Interval;
use crate::domain::revenue::periods::months;
use crate::domain::revenue::reports::{Booked, Obligations, Remaining, Rolled, Waterfall};
use crate::wire::table::{Format, Table};

/// By what a report counts as earned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What the schedules say.
    #[default]
    Scheduled,
    /// What is in the ledger.
    Posted,
}

/// By what the rows of a report are told apart, beside their currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportBy {
    Product,
    Plan,
    Price,
    Customer,
    Contract,
    Entity,
}

/// Over what a report is added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportInterval {
    #[default]
    Month,
    Quarter,
    Year,
}

impl From<ReportInterval> for Interval {
    fn from(interval: ReportInterval) -> Interval {
        match interval {
            ReportInterval::Month => Interval::Month,
            ReportInterval::Quarter => Interval::Quarter,
            ReportInterval::Year => Interval::Year,
        }
    }
}

/// Of which months, as of when, whose.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevenueReportQuery {
    /// The first month, such as `2026-01`.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// As it stands at the end of this day; today when left out.
    pub as_of: Option<String>,
    /// `scheduled` when left out.
    pub basis: Option<Basis>,
    /// In the books of this legal entity; all of them when left out.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// Only what is sold in this currency.
    pub currency: Option<String>,
    /// Only of the prices of this product.
    #[param(value_type = Option<String>)]
    pub product_id: Option<ProductId>,
    /// Only of the prices of this plan.
    #[param(value_type = Option<String>)]
    pub plan_id: Option<PlanId>,
    /// Only of this price.
    #[param(value_type = Option<String>)]
    pub price_id: Option<PriceId>,
    /// Only of what this customer is billed.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// Only of the lines of this contract.
    #[param(value_type = Option<String>)]
    pub contract_id: Option<RevenueContractId>,
    /// Rows of each of these; `group` says of which.
    #[param(inline)]
    pub by: Option<ReportBy>,
    /// `month` when left out.
    #[param(inline)]
    pub interval: Option<ReportInterval>,
    /// How it is written; as the header `Accept` says when left out.
    #[param(inline)]
    pub format: Option<Format>,
}

/// Months in one report.
const MOST: usize = 120;

impl RevenueReportQuery {
    /// The day.
    ///
    /// # Errors
    /// It is none.
    pub fn as_of(&self) -> Result<Option<NaiveDate>, Invalid> {
        day(self.as_of.as_deref(), "/query/as_of")
    }

    /// The currency.
    ///
    /// # Errors
    /// It is none.
    pub fn currency(&self) -> Result<Option<Currency>, Invalid> {
        currency(self.currency.as_deref())
    }

    /// The interval.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.interval.unwrap_or_default().into()
    }

    /// Where the figures of a group lead, without what they are of.
    #[must_use]
    pub fn drill(&self, group: Option<&str>) -> Drill {
        let drill = Drill::default()
            .maybe("entity_id", self.entity_id)
            .maybe("product_id", self.product_id)
            .maybe("plan_id", self.plan_id)
            .maybe("price_id", self.price_id)
            .maybe("customer_id", self.customer_id)
            .maybe("contract_id", self.contract_id);
        let (name, none) = match self.by {
            None => return drill,
            Some(ReportBy::Product) => ("product_id", Some("price")),
            Some(ReportBy::Plan) => ("plan_id", Some("price")),
            Some(ReportBy::Price) => ("price_id", Some("price")),
            Some(ReportBy::Customer) => ("customer_id", None),
            Some(ReportBy::Contract) => ("contract_id", Some("contract")),
            Some(ReportBy::Entity) => ("entity_id", None),
        };
        match group {
            Some(group) => drill.with(name, group),
            None => drill.maybe("without", none),
        }
    }

    fn month(text: Option<&String>, pointer: &str) -> Result<Option<NaiveDate>, Invalid> {
        let Some(text) = text else { return Ok(None) };
        let first = Some(format!("{text}-01")).filter(|_| text.len() == "2026-01".len());
        let bad = |_| Invalid::one(pointer, "bad_value", "a month is written as 2026-01");
        day(Some(first.as_deref().unwrap_or_default()), pointer).map_err(bad)
    }

    /// The first day of the first and of the last month, where they are named.
    ///
    /// # Errors
    /// One is none; they are the wrong way round.
    pub fn ends(&self) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Invalid> {
        let from = Self::month(self.from.as_ref(), "/query/from")?;
        let to = Self::month(self.to.as_ref(), "/query/to")?;
        match (from, to) {
            (Some(from), Some(to)) if from > to => Err(Invalid::one(
                "/query/to",
                "range_reversed",
                "`to` is before `from`: give the earlier month first",
            )),
            ends => Ok(ends),
        }
    }

    /// Each of the months; those of the year that ends with the one of a day, where none are named.
    ///
    /// # Errors
    /// As [`Self::ends`]; there are too many.
    pub fn months(&self, as_of: NaiveDate) -> Result<Vec<NaiveDate>, Invalid> {
        let (from, to) = self.ends()?;
        let last = to.unwrap_or(as_of);
        let year = last.checked_sub_months(chrono::Months::new(11)).unwrap_or(last);
        let interval = self.interval();
        let all = months(interval.first(from.unwrap_or(year)), interval.last(last));
        if all.is_empty() || all.len() > MOST {
            let detail = format!("a report has 1 to {MOST} months, the first before the last");
            return Err(Invalid::one("/query/from", "range_out_of_range", detail));
        }
        Ok(all.into_iter().map(|days| days.from).collect())
    }
}

/// What was booked, month by month, and when it is earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueWaterfall {
    pub as_of: NaiveDate,
    pub basis: Basis,
    pub data: Vec<WaterfallRow>,
}

/// What was booked in a month in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "USD", "booked": "2026-01", "total": "31.00",
    "months": [{"month": "2026-01", "amount": "17.00", "drill": "/v1/revenue/schedules?…"}], "recognised": "17.00", "remaining": "14.00",
    "current": "14.00", "non_current": "0.00", "group": null, "drill": "/v1/revenue/schedules?currency=USD&booked_from=2026-01-01&…"
}))]
pub struct WaterfallRow {
    pub currency: &'static str,
    /// The month of the documents, or their quarter (`2026-Q1`) or year.
    pub booked: String,
    /// Of its invoices, credit notes and voids, without tax: the sum of its months.
    pub total: String,
    pub months: Vec<WaterfallCell>,
    /// By the day of `as_of`.
    pub recognised: String,
    /// What is not.
    pub remaining: String,
    /// What of that is earned within twelve months.
    pub current: String,
    /// What of it is earned later.
    pub non_current: String,
    /// The product, plan, price, customer, contract or entity, where `by` names one; null of what has none.
    pub group: Option<String>,
    /// Its schedules: `allocated` adds up to the total, `earned` to what is recognised, `deferred` to what remains; with `basis=posted` the total alone.
    pub drill: String,
}

/// What a month earns of what was booked in another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaterfallCell {
    pub month: String,
    pub amount: String,
    /// Its schedules: `earned_between` adds up to the amount.
    pub drill: String,
}

/// The rows of one group.
#[must_use]
pub fn waterfall_rows(
    waterfall: Waterfall,
    (group, drill): (Option<&str>, &Drill),
    (as_of, interval): (NaiveDate, Interval),
) -> Vec<WaterfallRow> {
    let days = |first: NaiveDate| (first, interval.last(first));
    let row = |((currency, booked), row): ((&'static str, NaiveDate), Booked)| {
        let drill = drill.clone().with("currency", currency).booked(days(booked), as_of);
        let cell = |(month, sum): (&NaiveDate, &Total)| WaterfallCell {
            month: interval.name(*month),
            amount: sum.to_major_string(),
            drill: drill.clone().earned(days(*month)).link(),
        };
        WaterfallRow {
            currency,
            booked: interval.name(booked),
            total: row.total.to_major_string(),
            recognised: row.earned.to_major_string(),
            remaining: row.remaining().to_major_string(),
            current: row.remaining().less(row.non_current).to_major_string(),
            non_current: row.non_current.to_major_string(),
            months: row.months.iter().map(cell).collect(),
            group: group.map(str::to_owned),
            drill: drill.link(),
        }
    };
    waterfall.rows.into_iter().map(row).collect()
}

impl Table for RevenueWaterfall {
    const COLUMNS: &'static [&'static str] =
        &["currency", "booked", "total", "month", "amount", "recognised", "remaining", "group"];

    /// A row a cell.
    fn rows(&self) -> Vec<Vec<String>> {
        let cell = |row: &WaterfallRow, cell: &WaterfallCell| {
            vec![
                row.currency.to_owned(),
                row.booked.clone(),
                row.total.clone(),
                cell.month.clone(),
                cell.amount.clone(),
                row.recognised.clone(),
                row.remaining.clone(),
                row.group.clone().unwrap_or_default(),
            ]
        };
        self.data.iter().flat_map(|row| row.months.iter().map(move |one| cell(row, one))).collect()
    }
}

/// What became of deferred revenue, month by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueRollForward {
    pub basis: Basis,
    pub data: Vec<RollForwardRow>,
}

/// What became of it in a month in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "USD", "month": "2026-01", "opening": "0.00", "billings": "31.00", "credits": "0.00", "written_off": "0.00", "allocated": "0.00", "recognised": "17.00", "closing": "14.00",
    "current": "14.00", "non_current": "0.00", "ledger": "14.00", "difference": "0.00", "group": null, "drill": null
}))]
pub struct RollForwardRow {
    pub currency: &'static str,
    pub month: String,
    /// The closing of the month before.
    pub opening: String,
    /// What invoices deferred.
    pub billings: String,
    /// What credit notes and voids took back; below zero.
    pub credits: String,
    /// What was not earned of what was given up as uncollectible, below zero; above, what came back as that was paid after all.
    pub written_off: String,
    /// What contracts moved between lines: of each contract, nothing in all.
    pub allocated: String,
    pub recognised: String,
    /// Opening + billings + credits + written off + allocated − recognised.
    pub closing: String,
    /// What of it is earned within twelve months; by the schedules, null where the ledger is counted.
    pub current: Option<String>,
    /// What of it is earned later.
    pub non_current: Option<String>,
    /// The balance of `deferred_revenue` at the end of the month; null where rows are of something that the ledger does not know.
    pub ledger: Option<String>,
    /// Closing less that: what is earned and not posted yet is below zero.
    pub difference: Option<String>,
    /// The product, plan, price, customer, contract or entity, where `by` names one; null of what has none.
    pub group: Option<String>,
    /// The schedules that its figures are made of; null where the ledger is counted.
    pub drill: Option<RollForwardDrill>,
}

/// A month, or a quarter or year, of a group.
#[derive(Debug, Clone, Copy)]
pub struct RollForwardOf<'a> {
    pub currency: &'static str,
    pub first: NaiveDate,
    pub interval: Interval,
    pub group: Option<&'a str>,
    pub drill: &'a Drill,
    pub basis: Basis,
}

impl RollForwardRow {
    /// What became of it, beside what the ledger has at its end.
    #[must_use]
    pub fn of(named: &RollForwardOf<'_>, rolled: &Rolled, ledger: Option<Total>) -> RollForwardRow {
        let closing = rolled.closing();
        let is_scheduled = named.basis == Basis::Scheduled;
        let scheduled = |sum: Total| is_scheduled.then(|| sum.to_major_string());
        let drill = named.drill.clone().with("currency", named.currency);
        RollForwardRow {
            currency: named.currency,
            month: named.interval.name(named.first),
            opening: rolled.opening.to_major_string(),
            billings: rolled.billings.to_major_string(),
            credits: rolled.credits.to_major_string(),
            written_off: rolled.given_up.to_major_string(),
            allocated: rolled.allocated.to_major_string(),
            recognised: rolled.recognized.to_major_string(),
            closing: closing.to_major_string(),
            current: scheduled(closing.less(rolled.non_current)),
            non_current: scheduled(rolled.non_current),
            ledger: ledger.map(Total::to_major_string),
            difference: ledger.map(|ledger| closing.less(ledger).to_major_string()),
            group: named.group.map(str::to_owned),
            drill: is_scheduled.then(|| RollForwardDrill::of(&drill, named.first, named.interval)),
        }
    }
}

impl Table for RevenueRollForward {
    const COLUMNS: &'static [&'static str] = &[
        "currency",
        "month",
        "opening",
        "billings",
        "credits",
        "written_off",
        "allocated",
        "recognised",
        "closing",
        "current",
        "non_current",
        "ledger",
        "difference",
        "group",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |row: &RollForwardRow| {
            vec![
                row.currency.to_owned(),
                row.month.clone(),
                row.opening.clone(),
                row.billings.clone(),
                row.credits.clone(),
                row.written_off.clone(),
                row.allocated.clone(),
                row.recognised.clone(),
                row.closing.clone(),
                row.current.clone().unwrap_or_default(),
                row.non_current.clone().unwrap_or_default(),
                row.ledger.clone().unwrap_or_default(),
                row.difference.clone().unwrap_or_default(),
                row.group.clone().unwrap_or_default(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}

/// What is invoiced and not earned yet, by when it will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemainingObligations {
    pub as_of: NaiveDate,
    pub data: Vec<RemainingRow>,
}

/// What remains in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "USD", "within_12_months": "1148.60", "within_24_months": "0.00", "later": "0.00", "on_fulfilment": "0.00", "total": "1148.60", "group": null,
    "drill": {"within_12_months": "/v1/revenue/schedules?…", "within_24_months": "…", "later": "…", "on_fulfilment": "…", "total": "…"}
}))]
pub struct RemainingRow {
    pub currency: &'static str,
    pub within_12_months: String,
    /// In the twelve months after those.
    pub within_24_months: String,
    pub later: String,
    /// As it is fulfilled, whenever that is.
    pub on_fulfilment: String,
    pub total: String,
    /// The product, plan, price, customer, contract or entity, where `by` names one; null of what has none.
    pub group: Option<String>,
    /// The schedules that its figures are made of.
    pub drill: RemainingDrill,
}

/// The rows of one group, as it stands at the end of a day.
#[must_use]
pub fn remaining_rows(
    obligations: &Obligations,
    (group, drill): (Option<&str>, &Drill),
    as_of: NaiveDate,
) -> Vec<RemainingRow> {
    let row = |(currency, remaining): (&&'static str, &Remaining)| RemainingRow {
        currency,
        within_12_months: remaining.within_12_months.to_major_string(),
        within_24_months: remaining.within_24_months.to_major_string(),
        later: remaining.later.to_major_string(),
        on_fulfilment: remaining.on_fulfilment.to_major_string(),
        total: remaining.total().to_major_string(),
        group: group.map(str::to_owned),
        drill: RemainingDrill::of(&drill.clone().with("currency", currency), as_of),
    };
    obligations.rows.iter().map(row).collect()
}

impl Table for RemainingObligations {
    const COLUMNS: &'static [&'static str] =
        &["currency", "within_12_months", "within_24_months", "later", "on_fulfilment", "total", "group"];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |row: &RemainingRow| {
            vec![
                row.currency.to_owned(),
                row.within_12_months.clone(),
                row.within_24_months.clone(),
                row.later.clone(),
                row.on_fulfilment.clone(),
                row.total.clone(),
                row.group.clone().unwrap_or_default(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}
