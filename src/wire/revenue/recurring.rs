//! How is recurring revenue written? `{"currency": "USD", "month": "2026-02", "opening": "120.00", "expansion": "30.00", "churn": "-50.00", "closing":
//! "100.00", "net_retention": "0.8333"}`.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reports::RevenueReportQuery;
use crate::domain::ids::{CustomerId, SubscriptionId};
use crate::domain::money::Total;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::Days;
use crate::domain::revenue::recurring::report::{Left, Month, Report};
use crate::domain::revenue::recurring::{Kind, Movement};
use crate::domain::revenue::schedule::next_month;
use crate::wire::table::{Format, Table};

/// Movements in one answer.
const MOST: usize = 10_000;

/// Which months.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecurringQuery {
    /// The first month, such as `2026-01`; with `to` left out, too, the year that ends with the current month.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// How it is written; as the header `Accept` says when left out.
    #[param(inline)]
    pub format: Option<Format>,
}

impl RecurringQuery {
    /// The days of the months.
    ///
    /// # Errors
    /// `bad_value`, `range_reversed`, `range_out_of_range`.
    pub fn days(&self, today: NaiveDate) -> Result<Days, Invalid> {
        let (from, to) = (self.from.clone(), self.to.clone());
        let months = RevenueReportQuery { from, to, ..RevenueReportQuery::default() }.months(today)?;
        let first = months.first().copied().unwrap_or(today);
        Ok(Days { from: first, to: next_month(months.last().copied().unwrap_or(today)) })
    }
}

/// Which movements.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MovementsQuery {
    /// The month, such as `2026-01`.
    pub month: String,
    /// `new`, `expansion`, `price`, `contraction`, `churn` or `reactivation`.
    pub kind: Option<String>,
    /// Of this currency alone.
    pub currency: Option<String>,
    /// How it is written; as the header `Accept` says when left out.
    #[param(inline)]
    pub format: Option<Format>,
}

impl MovementsQuery {
    /// The month's days, and the kind.
    ///
    /// # Errors
    /// `bad_value`.
    pub fn wanted(&self) -> Result<(Days, Option<Kind>), Invalid> {
        let month = Some(self.month.clone());
        let query = RevenueReportQuery { from: month.clone(), to: month, ..RevenueReportQuery::default() };
        let from = query.ends().ok().and_then(|ends| ends.0);
        let from =
            from.ok_or_else(|| Invalid::one("/query/month", "bad_value", "a month is written as 2026-01"))?;
        let kind = self.kind.as_deref().map(str::parse).transpose().map_err(|_| {
            let detail = "one of new, expansion, price, contraction, churn and reactivation";
            Invalid::one("/query/kind", "bad_value", detail)
        })?;
        Ok((Days { from, to: next_month(from) }, kind))
    }
}

/// Monthly recurring revenue, month by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecurringRevenue {
    pub data: Vec<RecurringMonth>,
}

/// A month of one currency: opening + new + expansion + price + contraction + churn + reactivation = closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecurringMonth {
    #[schema(example = "USD")]
    pub currency: &'static str,
    #[schema(example = "2026-02")]
    pub month: String,
    pub opening: String,
    pub new: String,
    pub expansion: String,
    pub price: String,
    /// Zero or below.
    pub contraction: String,
    /// Zero or below.
    pub churn: String,
    pub reactivation: String,
    pub closing: String,
    /// Twelve times the closing.
    pub annual: String,
    pub customers_opening: i64,
    pub customers_new: i64,
    pub customers_churned: i64,
    pub customers_reactivated: i64,
    pub customers_closing: i64,
    /// What those of the beginning have at the end, of what they had. Null where nothing was there.
    pub net_retention: Option<String>,
    /// The same without what became more.
    pub gross_retention: Option<String>,
    pub revenue_churn: Option<String>,
    pub customer_churn: Option<String>,
    /// Closing by customer. Null where there is none.
    pub average_per_customer: Option<String>,
    /// That, by the share of customers who churn. Null where none does.
    pub lifetime_value: Option<String>,
}

impl RecurringRevenue {
    /// The months of a report.
    #[must_use]
    pub fn of(report: &Report) -> RecurringRevenue {
        RecurringRevenue {
            data: report.months().map(|(currency, month)| RecurringMonth::of(currency, month)).collect(),
        }
    }
}

impl RecurringMonth {
    fn of(currency: &'static str, month: &Month) -> RecurringMonth {
        let moved = |kind| month.moved_by(kind).to_major_string();
        let share = |share: Option<Decimal>| share.map(|share| format!("{share:.4}"));
        let average = month.average();
        let closing = month.closing;
        RecurringMonth {
            currency,
            month: month.month.format("%Y-%m").to_string(),
            opening: month.opening.to_major_string(),
            new: moved(Kind::New),
            expansion: moved(Kind::Expansion),
            price: moved(Kind::Price),
            contraction: moved(Kind::Contraction),
            churn: moved(Kind::Churn),
            reactivation: moved(Kind::Reactivation),
            closing: closing.to_major_string(),
            annual: Total::from_minor(closing.minor() * 12, closing.currency()).to_major_string(),
            customers_opening: month.customers.0,
            customers_new: month.happened_to(Kind::New),
            customers_churned: month.happened_to(Kind::Churn),
            customers_reactivated: month.happened_to(Kind::Reactivation),
            customers_closing: month.customers.1,
            net_retention: share(month.net_retention()),
            gross_retention: share(month.gross_retention()),
            revenue_churn: share(month.revenue_churn()),
            customer_churn: share(month.customer_churn()),
            average_per_customer: average.map(|amount| amount.to_major_string()),
            lifetime_value: month.lifetime_value().map(|amount| amount.to_major_string()),
        }
    }
}

impl Table for RecurringRevenue {
    const COLUMNS: &'static [&'static str] = &[
        "currency",
        "month",
        "opening",
        "new",
        "expansion",
        "price",
        "contraction",
        "churn",
        "reactivation",
        "closing",
        "annual",
        "customers_opening",
        "customers_new",
        "customers_churned",
        "customers_reactivated",
        "customers_closing",
        "net_retention",
        "gross_retention",
        "revenue_churn",
        "customer_churn",
        "average_per_customer",
        "lifetime_value",
    ];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |row: &RecurringMonth| {
            let maybe = |cell: &Option<String>| cell.clone().unwrap_or_default();
            vec![
                row.currency.to_owned(),
                row.month.clone(),
                row.opening.clone(),
                row.new.clone(),
                row.expansion.clone(),
                row.price.clone(),
                row.contraction.clone(),
                row.churn.clone(),
                row.reactivation.clone(),
                row.closing.clone(),
                row.annual.clone(),
                row.customers_opening.to_string(),
                row.customers_new.to_string(),
                row.customers_churned.to_string(),
                row.customers_reactivated.to_string(),
                row.customers_closing.to_string(),
                maybe(&row.net_retention),
                maybe(&row.gross_retention),
                maybe(&row.revenue_churn),
                maybe(&row.customer_churn),
                maybe(&row.average_per_customer),
                maybe(&row.lifetime_value),
            ]
        };
        self.data.iter().map(row).collect()
    }
}

/// What is left of the customers who came in the same month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecurringCohorts {
    pub data: Vec<RecurringCohort>,
}

/// Those who came in a month, at the end of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"currency": "USD", "came": "2026-01", "month": "2026-03", "customers": 1, "amount": "100.00"}))]
pub struct RecurringCohort {
    pub currency: &'static str,
    /// The month in which they first had a subscription that recurs.
    pub came: String,
    pub month: String,
    /// Those who have one at its end.
    pub customers: i64,
    /// What theirs comes to a month.
    pub amount: String,
}

impl RecurringCohorts {
    /// The cohorts of a report.
    #[must_use]
    pub fn of(report: &Report) -> RecurringCohorts {
        let name = |month: NaiveDate| month.format("%Y-%m").to_string();
        let cohort =
            |(currency, [came, month], left): (&'static str, [NaiveDate; 2], Left)| RecurringCohort {
                currency,
                came: name(came),
                month: name(month),
                customers: left.customers,
                amount: left.amount.to_major_string(),
            };
        RecurringCohorts { data: report.cohorts().map(cohort).collect() }
    }
}

impl Table for RecurringCohorts {
    const COLUMNS: &'static [&'static str] = &["currency", "came", "month", "customers", "amount"];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |row: &RecurringCohort| {
            vec![
                row.currency.to_owned(),
                row.came.clone(),
                row.month.clone(),
                row.customers.to_string(),
                row.amount.clone(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}

/// What moved recurring revenue in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecurringMovements {
    /// The first 10,000 of them, by customer.
    pub data: Vec<RecurringMovement>,
    /// All of them.
    pub count: usize,
}

/// That a subscription moved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"currency": "USD", "at": "2026-01-10T00:00:00Z", "kind": "expansion", "amount": "36.00",
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "subscription_id": "sub_01jgejp8g0e3q9k0v6z4t1x2y3"}))]
pub struct RecurringMovement {
    pub currency: &'static str,
    pub at: DateTime<Utc>,
    pub kind: &'static str,
    pub amount: String,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = String)]
    pub subscription_id: SubscriptionId,
}

impl RecurringMovements {
    /// Adds one.
    pub fn add(&mut self, movement: &Movement) {
        self.count += 1;
        if self.data.len() < MOST {
            self.data.push(RecurringMovement {
                currency: movement.amount.currency().code(),
                at: movement.at,
                kind: movement.kind.into_str(),
                amount: movement.amount.to_major_string(),
                customer_id: movement.customer_id,
                subscription_id: movement.subscription_id,
            });
        }
    }
}

impl Table for RecurringMovements {
    const COLUMNS: &'static [&'static str] =
        &["currency", "at", "kind", "amount", "customer_id", "subscription_id"];

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |row: &RecurringMovement| {
            vec![
                row.currency.to_owned(),
                row.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
                row.kind.to_owned(),
                row.amount.clone(),
                row.customer_id.to_string(),
                row.subscription_id.to_string(),
            ]
        };
        self.data.iter().map(row).collect()
    }
}
