//! What may usage come to in a period, and which alerts are emitted on the way? 500.00 a month, alerts at 80 % and 100 %: 412.00 used tells
//! of the first, once.
//!
//! **Owns**: What usage may come to in a period: alerts, caps, and invoicing early.
//!
//! **Not its own**: What usage costs so far: billing tells it.
//!
//! **Laws**: Each alert is emitted once a period. Whether events come in never depends on a budget.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::calendar::Period;
use super::fields::{Faults, below};
use super::ids::{BudgetId, CustomerId, MeterId, SubscriptionId};
use super::refusal::Invalid;

/// Most alerts of one budget.
const ALERTS: usize = 20;

/// A budget as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    pub id: BudgetId,
    pub customer_id: CustomerId,
    pub subscription_id: SubscriptionId,
    /// `None`: what usage costs, in the subscription's currency.
    pub meter_id: Option<MeterId>,
    /// `None`: there is no limit.
    pub limit: Option<Decimal>,
    /// Values at which an alert is emitted, rising.
    pub alerts: Vec<Decimal>,
    /// Whether metered features are refused once the limit is reached.
    pub hard_cap: bool,
    /// Usage is invoiced as soon as so much of it is not billed yet.
    pub invoice_at: Option<Decimal>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub seen: Seen,
}

/// What was found when it was last looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// `None`: never yet.
    pub period_start: Option<DateTime<Utc>>,
    pub used: Decimal,
    pub exhausted: bool,
}

/// What a caller says of a new budget.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetDraft {
    pub subscription_id: SubscriptionId,
    pub meter_id: Option<MeterId>,
    pub limit: Option<Decimal>,
    /// Of the limit: 80 is four fifths.
    pub alert_percents: Vec<Decimal>,
    pub alerts_at: Vec<Decimal>,
    pub hard_cap: bool,
    pub invoice_at: Option<Decimal>,
}

/// What is found at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The subscription's current one.
    pub period: Period,
    /// In the budget's measure.
    pub used: Decimal,
    /// What of the usage's cost is not billed yet.
    pub unbilled: Decimal,
}

/// What follows from a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequences {
    /// Thresholds whose alerts are to be emitted.
    pub alerts: Vec<Decimal>,
    /// Whether the limit has just been reached.
    pub newly_exhausted: bool,
    pub invoice_now: bool,
    pub seen: Seen,
}

impl BudgetDraft {
    /// The budget this makes, for the customer who has the subscription.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(
        self,
        (id, customer_id): (BudgetId, CustomerId),
        at: DateTime<Utc>,
    ) -> Result<Budget, Invalid> {
        let mut faults = Faults::none();
        for (value, field) in [(self.limit, "/limit"), (self.invoice_at, "/invoice_at")] {
            if value.is_some_and(|value| value <= Decimal::ZERO) {
                faults.add(field, "not_positive", "this must be above 0; leave it out where there is none");
            }
        }
        if self.limit.is_none() && (self.hard_cap || !self.alert_percents.is_empty()) {
            let detail = "a hard cap and percentages need a limit: give one, or use alerts_at";
            faults.add("/limit", "missing_field", detail);
        }
        if self.limit.is_none() && self.alerts_at.is_empty() && self.invoice_at.is_none() {
            let detail = "this budget does nothing: give a limit, alerts_at or invoice_at";
            faults.add("/limit", "empty_budget", detail);
        }
        if self.meter_id.is_some() && self.invoice_at.is_some() {
            let detail = "usage is invoiced at an amount of money: leave meter_id out of this budget";
            faults.add("/invoice_at", "invoice_at_needs_money", detail);
        }
        let alerts = self.alerts(&mut faults);
        faults.into_result()?;
        let BudgetDraft { subscription_id, meter_id, limit, hard_cap, invoice_at, .. } = self;
        let (created_at, seen) = (at, Seen::default());
        Ok(Budget {
            id,
            customer_id,
            subscription_id,
            meter_id,
            limit,
            alerts,
            hard_cap,
            invoice_at,
            created_at,
            ended_at: None,
            seen,
        })
    }

    fn alerts(&self, faults: &mut Faults) -> Vec<Decimal> {
        let lists = [("/alert_percents", &self.alert_percents), ("/alerts_at", &self.alerts_at)];
        for (field, list) in lists {
            for (n, _) in list.iter().enumerate().filter(|(_, value)| **value <= Decimal::ZERO) {
                faults.add(below(field, &n.to_string()), "not_positive", "an alert lies above 0");
            }
        }
        if self.alert_percents.len() + self.alerts_at.len() > ALERTS {
            faults.add("/alerts_at", "too_many", format_args!("a budget has at most {ALERTS} alerts"));
        }
        let limit = self.limit.unwrap_or_default();
        let share = |percent: &Decimal| limit.checked_mul(*percent / Decimal::ONE_HUNDRED);
        let shares = self.alert_percents.iter().filter_map(share);
        shares.chain(self.alerts_at.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl Budget {
    /// What follows from what is found, `reported` being the thresholds whose alerts were emitted in this period already.
    #[must_use]
    pub fn look(&self, found: Found, reported: &[Decimal]) -> Consequences {
        let reached = |threshold: &&Decimal| found.used >= **threshold && !reported.contains(*threshold);
        let exhausted = self.limit.is_some_and(|limit| found.used >= limit);
        let was = self.seen.exhausted && self.seen.period_start == Some(found.period.start);
        Consequences {
            alerts: self.alerts.iter().filter(reached).copied().collect(),
            newly_exhausted: exhausted && !was,
            invoice_now: self.invoice_at.is_some_and(|at| found.unbilled >= at),
            seen: Seen { period_start: Some(found.period.start), used: found.used, exhausted },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn draft() -> BudgetDraft {
        BudgetDraft {
            subscription_id: SubscriptionId::from_uuid(Uuid::nil()),
            meter_id: None,
            limit: Some(d("500")),
            alert_percents: vec![d("100"), d("80")],
            alerts_at: vec![d("450"), d("400")],
            hard_cap: false,
            invoice_at: Some(d("200")),
        }
    }

    fn create(draft: BudgetDraft) -> Result<Budget, Vec<String>> {
        let ids = (BudgetId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::nil()));
        let made = draft.create(ids, DateTime::UNIX_EPOCH);
        made.map_err(|invalid| {
            invalid.errors.into_iter().map(|e| format!("{} {}", e.pointer, e.code)).collect()
        })
    }

    fn found(used: &str, unbilled: &str) -> Found {
        let day = |text: &str| text.parse().unwrap();
        let period = Period::new(day("2026-01-01T00:00:00Z"), day("2026-02-01T00:00:00Z")).unwrap();
        Found { period, used: d(used), unbilled: d(unbilled) }
    }

    #[test]
    fn alerts_are_amounts_in_rising_order_each_once() {
        assert_eq!(create(draft()).unwrap().alerts, [d("400"), d("450"), d("500")]);
    }

    #[test]
    fn each_threshold_is_reported_once_a_period() {
        let budget = create(draft()).unwrap();
        assert!(budget.look(found("399.99", "0"), &[]).alerts.is_empty());
        assert_eq!(budget.look(found("460", "0"), &[]).alerts, [d("400"), d("450")]);
        assert_eq!(budget.look(found("500", "0"), &[d("400"), d("450")]).alerts, [d("500")]);
    }

    #[test]
    fn a_limit_is_reached_once_and_again_in_the_next_period() {
        let mut budget = create(draft()).unwrap();
        let first = budget.look(found("500", "0"), &[]);
        assert!(first.newly_exhausted && first.seen.exhausted);
        budget.seen = first.seen;
        assert!(!budget.look(found("510", "0"), &[]).newly_exhausted);
        let later = "2026-02-01T00:00:00Z".parse().unwrap();
        let period = Period::new(later, "2026-03-01T00:00:00Z".parse().unwrap()).unwrap();
        assert!(budget.look(Found { period, ..found("500", "0") }, &[]).newly_exhausted);
        assert!(!budget.look(Found { period, ..found("10", "0") }, &[]).seen.exhausted);
    }

    #[test]
    fn usage_is_invoiced_once_enough_of_it_is_unbilled() {
        let budget = create(draft()).unwrap();
        assert!(!budget.look(found("450", "199.99"), &[]).invoice_now);
        assert!(budget.look(found("450", "200"), &[]).invoice_now);
    }

    #[test]
    fn a_budget_that_does_nothing_or_contradicts_itself_is_refused() {
        let empty = BudgetDraft {
            limit: None,
            alert_percents: vec![],
            alerts_at: vec![],
            invoice_at: None,
            ..draft()
        };
        assert_eq!(create(empty).unwrap_err(), ["/limit empty_budget"]);
        let unlimited = BudgetDraft { limit: None, hard_cap: true, ..draft() };
        assert_eq!(create(unlimited).unwrap_err(), ["/limit missing_field"]);
        let units = BudgetDraft { meter_id: Some(MeterId::from_uuid(Uuid::nil())), ..draft() };
        assert_eq!(create(units).unwrap_err(), ["/invoice_at invoice_at_needs_money"]);
        let negative = BudgetDraft { alerts_at: vec![d("-1")], limit: Some(d("0")), ..draft() };
        assert_eq!(create(negative).unwrap_err(), ["/limit not_positive", "/alerts_at/0 not_positive"]);
    }
}
