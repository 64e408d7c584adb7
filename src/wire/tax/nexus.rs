//! How is it written how near a seller is to the thresholds of states? `{"state": "US-OH", "status": "approaching", "share": "85", …}`.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::EntityId;
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::tax::nexus::{self, InPeriod, Nexus};
use crate::wire::mirror::mirror;
use crate::wire::table::{Format, Table};
use crate::wire::tax::returns::known_day;

/// On which day.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaxNexusQuery {
    /// In your time zone; the day it is there when there is none.
    pub as_of: Option<NaiveDate>,
    /// Of which of your legal entities: needed when you have several.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// `json`, or `csv` for a table; the header `Accept: text/csv` asks for the same.
    #[param(inline)]
    pub format: Option<Format>,
}

impl TaxNexusQuery {
    /// The day, where it is `today`.
    ///
    /// # Errors
    /// [`Invalid`] with what years there are.
    pub fn day(&self, today: NaiveDate) -> Result<NaiveDate, Invalid> {
        self.as_of.map_or(Ok(today), |day| known_day("/query/as_of", day))
    }
}

mirror! {
    /// How near is a threshold?
    pub enum NexusStatus = nexus::Standing {
        /// Less than four fifths of it.
        Below,
        /// Four fifths or more, or reached in a period that the state looks at only when it is over.
        Approaching,
        /// Reached: you are obliged to register, if you are not yet.
        Reached,
    }
}

/// The states that you sold to, and how near their thresholds are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxNexus {
    pub as_of: NaiveDate,
    /// `USD`: other currencies count at the rate of the day of the invoice.
    pub currency: &'static str,
    /// Currencies in which something was sold, and that have no rate for it: those sales count nothing.
    pub no_rate: Vec<&'static str>,
    pub data: Vec<StateNexus>,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "state": "US-OH", "registered": false, "status": "approaching", "share": "85", "sales_threshold": "100000", "transactions_threshold": 200,
    "rule": "either", "source": "Ohio R.C. 5741.01(I)", "periods": [
        { "from": "2026-01-01", "until": "2026-11-30", "decides": true, "sales": "85000.00", "transactions": 12, "share": "85" }]
}))]
pub struct StateNexus {
    pub state: String,
    /// Whether you are registered there on the day.
    pub registered: bool,
    #[schema(inline)]
    pub status: NexusStatus,
    /// Of the threshold, in percent: the most of its periods.
    pub share: String,
    pub sales_threshold: String,
    /// Where transactions count: invoices above zero.
    pub transactions_threshold: Option<i64>,
    /// `sales`, `either` or `both`: what of it must be reached.
    pub rule: &'static str,
    /// Where the threshold stands.
    pub source: &'static str,
    pub periods: Vec<NexusPeriod>,
}

/// What was sold there in a period that the state looks at, or will when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NexusPeriod {
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Whether the state looks at it already.
    pub decides: bool,
    pub sales: String,
    pub transactions: i64,
    pub share: String,
}

impl TaxNexus {
    /// Of these states, with whether the seller is registered in each.
    #[must_use]
    pub fn of(
        as_of: NaiveDate,
        (states, no_rate): (&[Nexus], &BTreeSet<Currency>),
        registered: impl Fn(&str) -> bool,
    ) -> TaxNexus {
        let state = |nexus: &Nexus| StateNexus {
            state: nexus.threshold.state.to_owned(),
            registered: registered(nexus.threshold.state),
            status: nexus.standing.into(),
            share: nexus.share().to_string(),
            sales_threshold: nexus.threshold.sales.to_string(),
            transactions_threshold: nexus.threshold.transactions,
            rule: nexus.threshold.rule.into_str(),
            source: nexus.threshold.source,
            periods: nexus.periods.iter().map(NexusPeriod::of).collect(),
        };
        let no_rate = no_rate.iter().map(|currency| currency.code()).collect();
        TaxNexus { as_of, currency: nexus::DOLLAR, no_rate, data: states.iter().map(state).collect() }
    }
}

impl NexusPeriod {
    fn of(period: &InPeriod) -> NexusPeriod {
        let InPeriod { stretch, sales, transactions, share } = period;
        NexusPeriod {
            from: stretch.from,
            until: stretch.until,
            decides: stretch.decides,
            sales: cents(*sales),
            transactions: *transactions,
            share: share.to_string(),
        }
    }
}

/// `85000` is `85000.00`.
fn cents(mut dollars: Decimal) -> String {
    dollars.rescale(2);
    dollars.to_string()
}

impl Table for TaxNexus {
    const COLUMNS: &'static [&'static str] = &[
        "state",
        "registered",
        "status",
        "from",
        "until",
        "decides",
        "sales",
        "transactions",
        "share",
        "sales_threshold",
        "transactions_threshold",
        "rule",
    ];

    /// A row for each period.
    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for state in &self.data {
            for period in &state.periods {
                rows.push(vec![
                    state.state.clone(),
                    state.registered.to_string(),
                    nexus::Standing::from(state.status).into_str().to_owned(),
                    period.from.to_string(),
                    period.until.to_string(),
                    period.decides.to_string(),
                    period.sales.clone(),
                    period.transactions.to_string(),
                    period.share.clone(),
                    state.sales_threshold.clone(),
                    state.transactions_threshold.map(|most| most.to_string()).unwrap_or_default(),
                    state.rule.to_owned(),
                ]);
            }
        }
        rows
    }
}
