//! When is a line earned? Its schedule by months: `{"line_id": "inv_…-1", "invoiced": "31.00", "months": [{"month": "2026-01", "amount": "17.00",
//! "posted": true}, …], "earned": "17.00", "deferred": "14.00"}`.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{
    CustomerId, EntityId, InvoiceId, PlanId, PriceId, ProductId, RevenueContractId, SubscriptionId,
};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::schedule::next_month;
use crate::domain::revenue::{Entry, Schedule};
use crate::wire::page::{Page, place_after};
use crate::wire::table::{Format, Table, as_text};
use crate::wire::times::YEARS;

/// What a schedule is not of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Without {
    Price,
    Contract,
}

/// What a schedule can be.
const KINDS: [&str; 6] =
    ["invoice_line", "credit_note_line", "void", "write_off", "fulfilment", "allocation"];

/// Which schedules.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchedulesQuery {
    /// Of this invoice, with its credit notes.
    #[param(value_type = Option<String>)]
    pub invoice_id: Option<InvoiceId>,
    /// Of the lines of this contract.
    #[param(value_type = Option<String>)]
    pub contract_id: Option<RevenueContractId>,
    /// Of this subscription.
    #[param(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    /// Of what this customer is billed.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// In the books of this legal entity.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// Only what is earned at once though no rule says so.
    pub at_once: Option<bool>,
    /// Only what is sold in this currency.
    pub currency: Option<String>,
    /// Of the prices of this product.
    #[param(value_type = Option<String>)]
    pub product_id: Option<ProductId>,
    /// Of the prices of this plan.
    #[param(value_type = Option<String>)]
    pub plan_id: Option<PlanId>,
    /// Of this price.
    #[param(value_type = Option<String>)]
    pub price_id: Option<PriceId>,
    /// Only what is of no price, or in no contract.
    #[param(inline)]
    pub without: Option<Without>,
    /// Of these kinds, with commas between them: `credit_note_line,void`.
    pub kind: Option<String>,
    /// Booked on this day or later.
    pub booked_from: Option<String>,
    /// Booked on this day or before.
    pub booked_to: Option<String>,
    /// Without what was booked or fulfilled after this day.
    pub known_on: Option<String>,
    /// Whether it went to deferred revenue.
    pub deferred: Option<bool>,
    /// Whether it is earned as it is fulfilled.
    pub on_fulfilment: Option<bool>,
    /// Whether it is earned as prepaid credits are drawn.
    pub drawn: Option<bool>,
    /// What is `earned_between`: the first day; with `earned_to`.
    pub earned_from: Option<String>,
    /// The last day.
    pub earned_to: Option<String>,
    /// What is `earned` and `deferred` at the end of this day; today when left out.
    pub as_of: Option<String>,
    /// Rows of the page: 1 to 1000, 50 when left out.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
    /// A `next_cursor`: the page after it.
    pub after: Option<String>,
    /// How it is written; as the header `Accept` says when left out.
    #[param(inline)]
    pub format: Option<Format>,
}

impl SchedulesQuery {
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

    /// The first and the last day of booking, and the day by which it must be known.
    ///
    /// # Errors
    /// One is none.
    pub fn booked(&self) -> Result<[Option<NaiveDate>; 3], Invalid> {
        Ok([
            day(self.booked_from.as_deref(), "/query/booked_from")?,
            day(self.booked_to.as_deref(), "/query/booked_to")?,
            day(self.known_on.as_deref(), "/query/known_on")?,
        ])
    }

    /// The first and the last day of what is `earned_between`.
    ///
    /// # Errors
    /// One is none, or is missing; they are the wrong way round.
    pub fn earned(&self) -> Result<Option<(NaiveDate, NaiveDate)>, Invalid> {
        let from = day(self.earned_from.as_deref(), "/query/earned_from")?;
        let to = day(self.earned_to.as_deref(), "/query/earned_to")?;
        match (from, to) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) if from <= to => Ok(Some((from, to))),
            (Some(_), Some(_)) => Err(Invalid::one(
                "/query/earned_to",
                "range_reversed",
                "`earned_to` is before `earned_from`: give the earlier day first",
            )),
            _ => {
                Err(Invalid::one("/query/earned_to", "bad_value", "give both `earned_from` and `earned_to`"))
            }
        }
    }

    /// The kinds.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn kinds(&self) -> Result<Option<Vec<String>>, Invalid> {
        let Some(kinds) = &self.kind else { return Ok(None) };
        let kinds: Vec<String> = kinds.split(',').map(str::to_owned).collect();
        if kinds.iter().all(|kind| KINDS.contains(&kind.as_str())) {
            return Ok(Some(kinds));
        }
        let detail = format!("there is no such kind; there are {}", KINDS.join(", "));
        Err(Invalid::one("/query/kind", "bad_value", detail))
    }

    /// The place that the cursor names: invoice, line and entry.
    ///
    /// # Errors
    /// It is no cursor of this list.
    pub fn place(&self) -> Result<Option<(InvoiceId, i32, i16)>, Invalid> {
        place_after(self.after.as_deref(), |text| {
            let mut parts = text.split('|');
            let place =
                (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            parts.next().is_none().then_some(place)
        })
    }
}

/// A day that a query names.
pub(super) fn currency(code: Option<&str>) -> Result<Option<Currency>, Invalid> {
    let parsed = code.map(Currency::parse).transpose();
    parsed.map_err(|error| Invalid::one("/query/currency", "bad_value", error.to_string()))
}

pub(super) fn day(text: Option<&str>, pointer: &str) -> Result<Option<NaiveDate>, Invalid> {
    let Some(text) = text else { return Ok(None) };
    let date = text.parse::<NaiveDate>().ok().filter(|date| YEARS.contains(&date.year()));
    let bad = || Invalid::one(pointer, "bad_value", "a day is written as 2026-01-31");
    date.map(Some).ok_or_else(bad)
}

/// When a line, or what is taken back of one, is earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RevenueSchedule, example = json!({
    "line_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1", "kind": "invoice_line", "invoice_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3",
    "credit_note_id": null, "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "subscription_id": "sub_01jgejp8g0e3q9k0v6z4t1x2y3",
    "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3", "description": "Base", "rule": "ratable_daily", "because": null,
    "invoiced": "31.00", "allocated": "31.00", "currency": "USD", "start": "2026-01-15", "end": "2026-02-15", "booked_on": "2026-01-15",
    "months": [{"month": "2026-01", "amount": "17.00", "posted": true}, {"month": "2026-02", "amount": "14.00", "posted": false}],
    "earned": "17.00", "deferred": "14.00", "earned_between": null
}))]
pub struct RevenueSchedule {
    /// The line of the invoice; of what is taken back, the line that it is taken from.
    pub line_id: String,
    /// `invoice_line`, `credit_note_line`, `void`; `write_off`: what was not earned yet of what is given up as uncollectible, or, above zero,
    /// what came of it again; `fulfilment`: it brings nothing by itself, but so much of the line is earned; `allocation`:
    /// what the line's contract allocates it beyond what it was invoiced; `move`: of nothing in all, what takes out of some days what is had on
    /// others, after a break, or waits for its end.
    pub kind: &'static str,
    #[schema(value_type = String)]
    pub invoice_id: InvoiceId,
    /// The credit note that takes it back.
    pub credit_note_id: Option<String>,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    pub description: String,
    /// `ratable_daily`, `ratable_monthly`, `point_in_time`, `on_fulfilment` (at a point in time, too), `milestone`, `as_used` or `as_drawn` (prepaid credits: the ledger's `prepaid_credits`).
    pub rule: &'static str,
    /// Why it is earned at once though no rule says so: `no_period` or `not_deferred`.
    pub because: Option<&'static str>,
    /// Without tax; what is taken back is below zero.
    pub invoiced: String,
    /// What of its contract's price it is allocated: what was invoiced, and what an `allocation` moves.
    pub allocated: String,
    pub currency: &'static str,
    /// Its first day.
    pub start: NaiveDate,
    /// The day after its last.
    pub end: NaiveDate,
    /// The day of its document: nothing of it is earned before.
    pub booked_on: NaiveDate,
    pub months: Vec<RevenueMonth>,
    /// At the end of the day of `as_of`.
    pub earned: String,
    /// What is not.
    pub deferred: String,
    /// From the day of `earned_from` to that of `earned_to`, where they are given.
    pub earned_between: Option<String>,
}

/// What a month earns of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueMonth {
    #[schema(example = "2026-01")]
    pub month: String,
    #[schema(example = "17.00")]
    pub amount: String,
    /// Whether it is in the ledger.
    pub posted: bool,
}

/// Whose a schedule is, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Whose {
    pub customer_id: CustomerId,
    pub subscription_id: Option<SubscriptionId>,
    pub entity_id: EntityId,
    pub description: String,
    /// Before which day the revenue of its entity is recognised.
    pub recognized_to: Option<NaiveDate>,
}

impl RevenueSchedule {
    /// As it stands at the end of a day.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn of(schedule: &Schedule, whose: Whose, as_of: NaiveDate) -> Result<RevenueSchedule, MoneyError> {
        let is_posted = |month: NaiveDate| {
            !schedule.deferred || whose.recognized_to.is_some_and(|to| next_month(month) <= to)
        };
        let month = |(month, amount): (NaiveDate, Money)| RevenueMonth {
            month: month.format("%Y-%m").to_string(),
            amount: amount.to_major_string(),
            posted: is_posted(month),
        };
        let (kind, credit_note_id) = match schedule.entry {
            Entry::Line => ("invoice_line", None),
            Entry::Note(_, id) => ("credit_note_line", Some(id.to_string())),
            Entry::Void => ("void", None),
            Entry::GivenUp { .. } => ("write_off", None),
            Entry::Fulfilled { .. } => ("fulfilment", None),
            Entry::Allocated { .. } => ("allocation", None),
            Entry::Moved { .. } => ("move", None),
        };
        // What is booked later is not there yet.
        let deferred = match schedule.booked_on > as_of {
            true => Money::zero(schedule.amount.currency()),
            false => schedule.deferred_by(as_of)?,
        };
        Ok(RevenueSchedule {
            line_id: schedule.line.to_string(),
            kind,
            invoice_id: schedule.line.invoice_id,
            credit_note_id,
            customer_id: whose.customer_id,
            subscription_id: whose.subscription_id,
            entity_id: whose.entity_id,
            description: whose.description,
            rule: schedule.rule.into_str(),
            because: schedule.because.map(Into::into),
            invoiced: match schedule.entry {
                Entry::Allocated { .. } => Money::zero(schedule.amount.currency()).to_major_string(),
                _ => schedule.amount.to_major_string(),
            },
            allocated: schedule.amount.to_major_string(),
            currency: schedule.amount.currency().code(),
            start: schedule.days.from,
            end: schedule.days.to,
            booked_on: schedule.booked_on,
            months: schedule.months()?.into_iter().map(month).collect(),
            earned: schedule.earned_by(as_of)?.to_major_string(),
            deferred: deferred.to_major_string(),
            earned_between: None,
        })
    }

    /// With what is earned from one day to another.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn between(
        mut self,
        schedule: &Schedule,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<RevenueSchedule, MoneyError> {
        let before = schedule.earned_by(from.pred_opt().unwrap_or(from))?;
        self.earned_between = Some(schedule.earned_by(to)?.checked_sub(before)?.to_major_string());
        Ok(self)
    }
}

impl Table for Page<RevenueSchedule> {
    const COLUMNS: &'static [&'static str] = &[
        "line_id",
        "kind",
        "credit_note_id",
        "customer_id",
        "subscription_id",
        "entity_id",
        "description",
        "rule",
        "because",
        "currency",
        "invoiced",
        "start",
        "end",
        "booked_on",
        "month",
        "amount",
        "posted",
    ];

    /// A row a month.
    fn rows(&self) -> Vec<Vec<String>> {
        let row = |one: &RevenueSchedule, month: &RevenueMonth| {
            vec![
                one.line_id.clone(),
                one.kind.to_owned(),
                one.credit_note_id.clone().unwrap_or_default(),
                one.customer_id.to_string(),
                one.subscription_id.map(|id| id.to_string()).unwrap_or_default(),
                one.entity_id.to_string(),
                as_text(&one.description),
                one.rule.to_owned(),
                one.because.unwrap_or_default().to_owned(),
                one.currency.to_owned(),
                one.invoiced.clone(),
                one.start.to_string(),
                one.end.to_string(),
                one.booked_on.to_string(),
                month.month.clone(),
                month.amount.clone(),
                month.posted.to_string(),
            ]
        };
        self.data.iter().flat_map(|one| one.months.iter().map(move |month| row(one, month))).collect()
    }

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

/// The schedules behind a line, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExplainedSchedule {
    /// The line's own, then what was taken back of it.
    pub schedules: Vec<RevenueSchedule>,
    /// How many days it is earned over.
    pub days: i64,
    /// What each month's end comes to: days over, share and rounding.
    pub steps: Vec<EarnedStep>,
    /// What the ledger has of its whole invoice, month by month.
    pub posted: Vec<PostedRevenue>,
    /// All of it in one sentence.
    pub sentence: String,
}

/// What is earned by the end of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"by": "2026-01-31", "days": 17, "earned": "17.00"}))]
pub struct EarnedStep {
    pub by: NaiveDate,
    /// Of its days, how many are over.
    pub days: i64,
    /// Of the amount, rounded once, half away from zero.
    pub earned: String,
}

/// What was posted of an invoice for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"on": "2026-01-31", "amount": "17.00", "leg": 0}))]
pub struct PostedRevenue {
    pub on: NaiveDate,
    pub amount: String,
    pub leg: i16,
}
