//! How is a payment that failed tried again? As the tenant says: after 1, 3, 5 and 7 days, each counted from the try before, at an hour, on
//! some weekdays, on paydays; and what becomes of the invoice after the last.
//!
//! `{"offsets": ["P1D", "P3D"], "local_hour": 9, "final_action": "uncollectible"}`: failed on the 3rd at 14:00: tried on the 4th at 9:00,
//! and on the 7th at 9:00; then written off.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::span::Span;
use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::RetryPolicyId;
use crate::domain::payments::networks;
use crate::domain::refusal::Invalid;

/// Most steps, and most tries after an outage.
const MOST: usize = 30;
const LONGEST: Span = Span::of_days(90);
const SHORTEST: Span = Span::of_minutes(60);
const LONGEST_OUTAGE: Span = Span::of_days(1);
const SHORTEST_OUTAGE: Span = Span::of_minutes(1);
const MOST_JITTER: Span = Span::of_minutes(12 * 60);

/// What becomes of an invoice after the last try, and of the subscriptions that it bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum FinalAction {
    /// It stays open.
    #[default]
    LeaveOpen,
    /// It is written off.
    Uncollectible,
    /// Its subscriptions are paused; it stays open.
    Pause,
    /// They are canceled; it stays open.
    CancelNow,
    /// They are canceled at the end of the period; it stays open.
    CancelAtPeriodEnd,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// Whether it is this one of the calendar.
    #[must_use]
    pub fn is(self, day: chrono::Weekday) -> bool {
        self as u32 == day.num_days_from_monday()
    }
}

/// What a version of a policy says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// From each failure to the next try.
    pub offsets: Vec<Span>,
    /// Of the tenant's time; `None`: the hour of the failure.
    pub local_hour: Option<u32>,
    /// None: each.
    pub weekdays: Vec<Weekday>,
    /// Days of the month, 31 its last; none: each.
    pub paydays: Vec<u32>,
    /// Spread over so long.
    pub jitter: Span,
    /// While gateway or issuer is not there: these use up no step.
    pub outage_offsets: Vec<Span>,
    pub final_action: FinalAction,
    /// Whether a step is taken earlier where the tenant's own retries say that this is better.
    #[serde(default)]
    pub adaptive: bool,
}

impl Default for Terms {
    /// What holds where a tenant has said nothing.
    fn default() -> Terms {
        Terms {
            offsets: [1, 3, 5, 7].map(Span::of_days).to_vec(),
            local_hour: None,
            weekdays: Vec::new(),
            paydays: Vec::new(),
            jitter: Span::default(),
            outage_offsets: [5, 30, 120].map(Span::of_minutes).to_vec(),
            final_action: FinalAction::LeaveOpen,
            adaptive: false,
        }
    }
}

impl Terms {
    /// Checks each value, and that no network's limit is broken.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        check_spans(&mut faults, ("/offsets", &self.offsets), (SHORTEST, LONGEST));
        check_spans(
            &mut faults,
            ("/outage_offsets", &self.outage_offsets),
            (SHORTEST_OUTAGE, LONGEST_OUTAGE),
        );
        if self.local_hour.is_some_and(|hour| hour > 23) {
            faults.add("/local_hour", "out_of_range", "an hour of the day is 0 to 23");
        }
        if self.paydays.iter().any(|day| !(1..=31).contains(day)) {
            faults.add(
                "/paydays",
                "out_of_range",
                "a payday is a day of the month: 1 to 31, where 31 is its last",
            );
        }
        for (pointer, twice) in
            [("/paydays", has_twice(&self.paydays)), ("/weekdays", has_twice(&self.weekdays))]
        {
            if twice {
                faults.add(pointer, "given_twice", "give each day once");
            }
        }
        if self.jitter > MOST_JITTER {
            faults.add("/jitter", "out_of_range", format!("tries are spread over {MOST_JITTER} at most"));
        }
        let offsets: Vec<_> = self.offsets.iter().map(|offset| offset.delta()).collect();
        if let Some(limit) = networks::broken_by(&offsets, self.outage_offsets.len()) {
            let hours = limit.window.map_or(0, |window| window.num_hours());
            let at = limit.gateway.map(|gateway| format!(" at {gateway}")).unwrap_or_default();
            let detail = format!(
                "with its tries after an outage this is more than {}{at} allows: {} in {hours} hours; take tries away, or put them further apart",
                limit.network, limit.most
            );
            faults.add("/offsets", "breaks_network_limit", detail);
        }
        faults.into_result()
    }
}

fn check_spans(faults: &mut Faults, (pointer, spans): (&str, &[Span]), (shortest, longest): (Span, Span)) {
    if spans.len() > MOST {
        faults.add(pointer, "too_many", format!("there are {MOST} at most"));
    }
    for (n, span) in spans.iter().enumerate() {
        if !(shortest..=longest).contains(span) {
            let detail = format!("from one try to the next it is {shortest} to {longest}");
            faults.add(format!("{pointer}/{n}"), "out_of_range", detail);
        }
    }
}

fn has_twice<T: Ord + Copy>(days: &[T]) -> bool {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair.first() == pair.get(1))
}

/// A policy as it is kept, with the newest of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    pub id: RetryPolicyId,
    pub name: String,
    /// Whether invoices whose first attempt fails from now on follow it.
    pub is_default: bool,
    pub version: i32,
    pub terms: Terms,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A version that an invoice follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    pub policy_id: RetryPolicyId,
    pub version: i32,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyChange {
    pub name: Option<String>,
    pub is_default: Option<bool>,
    pub terms: TermsChange,
}

/// What to change of the terms; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermsChange {
    pub offsets: Option<Vec<Span>>,
    pub local_hour: Option<Option<u32>>,
    pub weekdays: Option<Vec<Weekday>>,
    pub paydays: Option<Vec<u32>>,
    pub jitter: Option<Span>,
    pub outage_offsets: Option<Vec<Span>>,
    pub final_action: Option<FinalAction>,
    pub adaptive: Option<bool>,
}

impl TermsChange {
    /// These terms, changed so.
    #[must_use]
    pub fn apply_to(self, terms: Terms) -> Terms {
        Terms {
            offsets: self.offsets.unwrap_or(terms.offsets),
            local_hour: self.local_hour.unwrap_or(terms.local_hour),
            weekdays: self.weekdays.unwrap_or(terms.weekdays),
            paydays: self.paydays.unwrap_or(terms.paydays),
            jitter: self.jitter.unwrap_or(terms.jitter),
            outage_offsets: self.outage_offsets.unwrap_or(terms.outage_offsets),
            final_action: self.final_action.unwrap_or(terms.final_action),
            adaptive: self.adaptive.unwrap_or(terms.adaptive),
        }
    }
}

impl RetryPolicy {
    /// The policy as changed. Its terms are a new version when they differ: invoices go on by the one they began with.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn change(self, change: PolicyChange, now: DateTime<Utc>) -> Result<RetryPolicy, Invalid> {
        let terms = change.terms.apply_to(self.terms.clone());
        let version = if terms == self.terms { self.version } else { self.version.saturating_add(1) };
        let changed = RetryPolicy {
            name: change.name.unwrap_or(self.name),
            is_default: change.is_default.unwrap_or(self.is_default),
            version,
            terms,
            updated_at: now,
            ..self
        };
        changed.check()?;
        Ok(changed)
    }

    /// Checks its values.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/name", &self.name, NAME_LENGTH);
        if let Err(invalid) = self.terms.check() {
            faults.extend(invalid);
        }
        faults.into_result()
    }

    /// What it looks like now, as its events show it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "retry_policy",
            "id": self.id,
            "name": self.name,
            "default": self.is_default,
            "version": self.version,
            "terms": self.terms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(terms: &Terms) -> Vec<String> {
        let Err(invalid) = terms.check() else { return Vec::new() };
        invalid.errors.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn the_terms_that_hold_by_themselves_break_nothing() {
        assert!(codes(&Terms::default()).is_empty());
    }

    #[test]
    fn every_value_at_fault_is_named() {
        let terms = Terms {
            offsets: vec![Span::of_minutes(59), Span::of_days(91)],
            local_hour: Some(24),
            weekdays: vec![Weekday::Mon, Weekday::Mon],
            paydays: vec![0, 32],
            jitter: Span::of_days(1),
            outage_offsets: vec![Span::of_days(2)],
            final_action: FinalAction::Pause,
            adaptive: false,
        };
        assert_eq!(
            codes(&terms),
            [
                "/offsets/0 out_of_range",
                "/offsets/1 out_of_range",
                "/outage_offsets/0 out_of_range",
                "/local_hour out_of_range",
                "/paydays out_of_range",
                "/weekdays given_twice",
                "/jitter out_of_range",
            ]
        );
    }

    #[test]
    fn a_policy_that_breaks_a_networks_limit_is_refused_at_the_first_try_too_many() {
        let daily = |count| Terms {
            offsets: vec![Span::of_days(1); count],
            outage_offsets: vec![],
            ..Terms::default()
        };
        assert!(codes(&daily(15)).is_empty());
        assert_eq!(codes(&daily(16)), ["/offsets breaks_network_limit"]);
        let hourly = |count| Terms {
            offsets: vec![Span::of_minutes(60); count],
            outage_offsets: vec![],
            ..Terms::default()
        };
        assert!(codes(&hourly(9)).is_empty());
        assert_eq!(codes(&hourly(10)), ["/offsets breaks_network_limit"]);
    }

    #[test]
    fn other_terms_are_another_version_and_another_name_is_not() {
        let policy = RetryPolicy {
            id: RetryPolicyId::from_uuid(uuid::Uuid::nil()),
            name: "Cards".to_owned(),
            is_default: false,
            version: 1,
            terms: Terms::default(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let renamed = PolicyChange { name: Some("All".to_owned()), ..PolicyChange::default() };
        let policy = policy.change(renamed, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((policy.name.as_str(), policy.version), ("All", 1));
        let terms = TermsChange { local_hour: Some(Some(9)), ..TermsChange::default() };
        let policy =
            policy.change(PolicyChange { terms, ..PolicyChange::default() }, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((policy.terms.local_hour, policy.version), (Some(9), 2));
    }
}
