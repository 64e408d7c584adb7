//! When is a register asked whether a number of a customer is valid, and what does its answer change? Only an answer that says valid or
//! invalid changes what is known; when nobody answers, nothing is known better, and it is asked again.
//!
//! Not answered at 12:00: asked again at 12:05, 12:15, 12:35, 13:15 … in the end once a day. Valid on 5 January and billed again on 1 February:
//! looked at on 12 January, asked on 31 January, the day before, and without any bill on 4 February, after 30 days.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Customer;
use super::tax_id::{Standing, in_vies};
use super::tax_numbers::NumberKind;
use crate::domain::ids::{CustomerId, TaxNumberId};

/// The first gap after nobody answered; the next ones are twice as long.
const FIRST_GAP: TimeDelta = TimeDelta::minutes(5);
const LONGEST_GAP: TimeDelta = TimeDelta::days(1);
/// An answer is asked for again after so long in any case.
pub const PERIOD: TimeDelta = TimeDelta::days(30);
/// One that is younger is good enough for the next bill; a look as often finds bills that came in between.
pub const FRESH: TimeDelta = TimeDelta::days(7);
/// So long before a bill it is asked for.
const BEFORE_BILL: TimeDelta = TimeDelta::days(1);
/// Who asks has so long to come back with an answer before another asks.
pub const LEASE: TimeDelta = TimeDelta::minutes(5);

/// What a register says of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It knows it.
    Valid(Evidence),
    /// It does not know it.
    Invalid(Evidence),
    /// It did not say: a time-out, an outage, too many questions at once, words that cannot be read.
    Unknown { reason: String },
}

/// What goes with an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The number of the consultation, where the register gives one.
    pub consultation: Option<String>,
    /// Whose the number is.
    pub name: Option<String>,
    pub address: Option<String>,
}

impl Answer {
    /// What it makes known.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self {
            Answer::Valid(_) => Standing::Valid,
            Answer::Invalid(_) => Standing::Invalid,
            Answer::Unknown { .. } => Standing::Unknown,
        }
    }

    /// What goes with it; nothing where there is no answer.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Answer::Valid(evidence) | Answer::Invalid(evidence) => Some(evidence),
            Answer::Unknown { .. } => None,
        }
    }
}

/// A number that a register is asked about, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedNumber {
    pub id: TaxNumberId,
    pub customer_id: CustomerId,
    /// As VIES writes it.
    pub value: String,
    /// When it is looked at next; `None`: it is not.
    pub next_check_at: Option<DateTime<Utc>>,
    /// How often a register was asked.
    pub checks: i32,
    /// How often in a row nobody answered since the last answer.
    pub unanswered: i32,
    /// When it was asked about last.
    pub checked_at: Option<DateTime<Utc>>,
    pub answered: Option<Answered>,
}

/// The last answer that was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Valid or invalid.
    pub standing: Standing,
    pub at: DateTime<Utc>,
    pub consultation: Option<String>,
}

/// What is to be done about a number whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The register is asked.
    Ask,
    /// Its answer is good enough until then.
    WaitUntil(DateTime<Utc>),
}

impl WatchedNumber {
    /// A number nobody has asked about, to be asked about at once.
    #[must_use]
    pub fn new(id: TaxNumberId, customer_id: CustomerId, value: String, now: DateTime<Utc>) -> WatchedNumber {
        let (next_check_at, checked_at) = (Some(now), None);
        WatchedNumber {
            id,
            customer_id,
            value,
            next_check_at,
            checks: 0,
            unanswered: 0,
            checked_at,
            answered: None,
        }
    }

    /// Whether what is known of it is what the register answered last.
    #[must_use]
    pub fn is_known_as(&self, standing: Standing) -> bool {
        self.answered.as_ref().is_some_and(|answered| answered.standing == standing)
    }

    /// Whether it has an answer and is looked at again in its time: not asked about now, nor waiting for who did not answer.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.answered.is_some() && self.unanswered == 0
    }

    /// Whether it rests since then or later.
    #[must_use]
    pub fn is_resting_since(&self, since: DateTime<Utc>) -> bool {
        self.is_resting() && self.answered.as_ref().is_some_and(|answered| answered.at >= since)
    }

    /// Whether another customer with the same number begins with what is known of this one: it is looked at still, or was until lately.
    #[must_use]
    pub fn is_known(&self, now: DateTime<Utc>) -> bool {
        let is_young = |answered: &Answered| answered.at >= now - PERIOD;
        self.answered.as_ref().is_some_and(|answered| self.next_check_at.is_some() || is_young(answered))
    }

    /// Whether what was answered then of the same number of another customer is known of it, too: it is looked at, and was not answered later.
    #[must_use]
    pub fn hears(&self, at: DateTime<Utc>) -> bool {
        self.next_check_at.is_some() && self.answered.as_ref().is_none_or(|answered| answered.at < at)
    }

    /// What is to be done now, when the customer is billed next at `next_bill`.
    #[must_use]
    pub fn look(&self, now: DateTime<Utc>, next_bill: Option<DateTime<Utc>>) -> Look {
        let answered = self.answered.as_ref().filter(|_| self.unanswered == 0);
        let Some(Answered { at, .. }) = answered else { return Look::Ask };
        let before_bill = next_bill.map(|bill| (bill - BEFORE_BILL).max(*at + FRESH));
        let due = before_bill.map_or(*at + PERIOD, |before| before.min(*at + PERIOD));
        if due <= now { Look::Ask } else { Look::WaitUntil(due.min(now + FRESH)) }
    }

    /// The number after it was asked about: what is known, and when it is looked at again.
    #[must_use]
    pub fn checked(&self, answer: &Answer, now: DateTime<Utc>) -> WatchedNumber {
        let mut next =
            WatchedNumber { checks: self.checks.saturating_add(1), checked_at: Some(now), ..self.clone() };
        match answer.evidence() {
            Some(evidence) => {
                next.unanswered = 0;
                let consultation = evidence.consultation.clone();
                next.answered = Some(Answered { standing: answer.standing(), at: now, consultation });
                next.next_check_at = Some(now + FRESH);
            }
            None => next = next.put_off(now),
        }
        next
    }

    /// The number after nobody could say anything, or be asked.
    #[must_use]
    pub fn put_off(&self, now: DateTime<Utc>) -> WatchedNumber {
        let unanswered = self.unanswered.saturating_add(1);
        let next_check_at = Some(now + gap(unanswered));
        WatchedNumber { unanswered, next_check_at, ..self.clone() }
    }

    /// What its event carries.
    #[must_use]
    pub fn event_data(&self, standing: Standing) -> serde_json::Value {
        json!({
            "object": "customer",
            "id": self.customer_id,
            "tax_id": {
                "type": NumberKind::EuVat.into_str(),
                "value": self.value,
                "status": standing.into_str(),
                "checked_at": self.checked_at,
                "consultation_number": self.answered.as_ref().and_then(|answered| answered.consultation.as_ref()),
            },
        })
    }
}

/// How long nobody is asked after so many times, 1 or more, without an answer.
fn gap(unanswered: i32) -> TimeDelta {
    let doublings = u32::try_from(unanswered.saturating_sub(1)).unwrap_or(0).min(10);
    FIRST_GAP.checked_mul(1 << doublings).map_or(LONGEST_GAP, |gap| gap.min(LONGEST_GAP))
}

impl Customer {
    /// Its numbers that VIES can be asked about, each once, with what is known of it.
    #[must_use]
    pub fn numbers_in_vies(&self) -> Vec<(String, Standing)> {
        let mut numbers: Vec<(String, Standing)> = Vec::new();
        for tax_id in &self.tax_ids {
            let Some(value) = in_vies(tax_id) else { continue };
            if numbers.iter().all(|(known, _)| *known != value) {
                numbers.push((value, tax_id.status));
            }
        }
        numbers
    }

    /// What is known of a number that VIES can be asked about; `None`: the customer does not have it.
    #[must_use]
    pub fn standing_in_vies(&self, value: &str) -> Option<Standing> {
        self.numbers_in_vies().into_iter().find(|(number, _)| number == value).map(|(_, standing)| standing)
    }

    /// The customer with what is now known of a number: a version further when it is something else than before.
    #[must_use]
    pub fn with_standing(&self, value: &str, standing: Standing) -> Customer {
        let mut next = self.clone();
        for tax_id in &mut next.tax_ids {
            if in_vies(tax_id).as_deref() == Some(value) {
                tax_id.status = standing;
            }
        }
        next.version += i32::from(next.tax_ids != self.tax_ids);
        next
    }
}

/// What is to be written of a customer's watched numbers so that they are those to be asked about. `watched` are those there are, `wanted` those
/// that the customer has, `is_asked` says whether a register could be asked, `mint` gives ids.
#[must_use]
pub fn rewatch(
    watched: &[WatchedNumber],
    (customer_id, wanted): (CustomerId, &[(String, Standing)]),
    now: DateTime<Utc>,
    is_asked: impl Fn(&str) -> bool,
    mut mint: impl FnMut() -> TaxNumberId,
) -> Vec<WatchedNumber> {
    let mut changed = Vec::new();
    for (value, standing) in wanted {
        let row = watched.iter().find(|row| row.value == *value);
        match (row, standing) {
            (None, Standing::Unknown) if is_asked(value) => {
                changed.push(WatchedNumber::new(mint(), customer_id, value.clone(), now));
            }
            (Some(row), Standing::Unknown) if row.next_check_at.is_none() && is_asked(value) => {
                let anew = WatchedNumber { answered: None, unanswered: 0, ..row.clone() };
                changed.push(WatchedNumber { next_check_at: Some(now), ..anew });
            }
            // The caller's own word.
            (Some(row), standing) if *standing != Standing::Unknown && !row.is_known_as(*standing) => {
                changed.extend(row.next_check_at.is_some().then(|| row.left_alone()));
            }
            _ => {}
        }
    }
    let is_gone = |row: &&WatchedNumber| wanted.iter().all(|(value, _)| *value != row.value);
    let gone = watched.iter().filter(is_gone).filter(|row| row.next_check_at.is_some());
    changed.extend(gone.map(WatchedNumber::left_alone));
    changed
}

impl WatchedNumber {
    /// The same, looked at no more.
    fn left_alone(&self) -> WatchedNumber {
        WatchedNumber { next_check_at: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn number() -> WatchedNumber {
        let (id, customer) = (TaxNumberId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::nil()));
        WatchedNumber::new(id, customer, "DE136695976".to_owned(), at("2026-01-05T12:00:00Z"))
    }

    fn outage() -> Answer {
        Answer::Unknown { reason: "MS_UNAVAILABLE".to_owned() }
    }

    #[test]
    fn while_nobody_answers_the_gaps_double_up_to_a_day() {
        let (mut one, mut now, mut minutes) = (number(), at("2026-01-05T12:00:00Z"), Vec::new());
        for _ in 0..11 {
            assert_eq!(one.look(now, None), Look::Ask);
            one = one.checked(&outage(), now);
            let next = one.next_check_at.unwrap();
            minutes.push((next - now).num_minutes());
            now = next;
        }
        assert_eq!(minutes, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
        assert_eq!((one.checks, one.unanswered, one.answered.clone()), (11, 11, None));
        let answered = one.checked(&Answer::Valid(Evidence::default()), now);
        assert_eq!((answered.unanswered, answered.is_known_as(Standing::Valid)), (0, true));
        let again = answered.checked(&outage(), now + TimeDelta::days(31));
        assert!(again.is_known_as(Standing::Valid), "an outage makes nothing unknown");
        assert_eq!(gap(i32::MAX), LONGEST_GAP);
    }

    #[test]
    fn what_is_known_is_passed_on_while_it_is_looked_at_or_young_and_only_newer_answers_are_heard() {
        let answered = at("2026-01-05T12:00:00Z");
        let watched = number().checked(&Answer::Valid(Evidence::default()), answered);
        let left = watched.left_alone();
        let days = |days| answered + TimeDelta::days(days);
        assert!(!number().is_known(answered), "nothing is known yet");
        assert!(watched.is_known(days(60)) && left.is_known(days(30)) && !left.is_known(days(31)));
        assert!(watched.checked(&outage(), days(31)).is_known(days(60)), "an outage makes nothing unknown");
        assert!(number().hears(answered) && watched.hears(days(1)) && !watched.hears(answered));
        assert!(!left.hears(days(1)), "what the caller says of it stands");
        assert!(watched.is_resting_since(answered) && !watched.is_resting_since(days(1)));
    }

    #[test]
    fn an_answer_is_asked_for_before_each_bill_and_once_a_month() {
        let one = number().checked(&Answer::Valid(Evidence::default()), at("2026-01-05T12:00:00Z"));
        assert_eq!(one.next_check_at, Some(at("2026-01-12T12:00:00Z")));
        let bill = Some(at("2026-02-01T00:00:00Z"));
        let look = |now: &str, bill| one.look(at(now), bill);
        assert_eq!(look("2026-01-12T12:00:00Z", bill), Look::WaitUntil(at("2026-01-19T12:00:00Z")));
        assert_eq!(look("2026-01-26T12:00:00Z", bill), Look::WaitUntil(at("2026-01-31T00:00:00Z")));
        assert_eq!(look("2026-01-31T00:00:00Z", bill), Look::Ask);
        // A bill that comes sooner finds an answer that is young enough.
        assert_eq!(
            look("2026-01-06T00:00:00Z", Some(at("2026-01-07T00:00:00Z"))),
            Look::WaitUntil(at("2026-01-12T12:00:00Z"))
        );
        assert_eq!(look("2026-02-03T12:00:00Z", None), Look::WaitUntil(at("2026-02-04T12:00:00Z")));
        assert_eq!(look("2026-02-04T12:00:00Z", None), Look::Ask);
    }

    #[test]
    fn the_callers_own_word_is_left_alone_and_the_registers_is_asked_for_again() {
        let now = at("2026-01-06T00:00:00Z");
        let (customer, id) = (number().customer_id, number().id);
        let rewatched = |watched: &[WatchedNumber], standing| {
            let wanted = [("DE136695976".to_owned(), standing)];
            let changed = rewatch(watched, (customer, &wanted), now, |_| true, || id);
            changed.iter().map(|one| one.next_check_at).collect::<Vec<_>>()
        };
        assert_eq!(rewatched(&[], Standing::Unknown), [Some(now)]);
        assert_eq!(rewatched(&[], Standing::Valid), []);
        let valid = number().checked(&Answer::Valid(Evidence::default()), now);
        assert_eq!(rewatched(from_ref(&valid), Standing::Valid), [], "as it was read");
        assert_eq!(rewatched(from_ref(&valid), Standing::Invalid), [None]);
        assert_eq!(rewatched(&[valid.left_alone()], Standing::Unknown), [Some(now)]);
        let gone = rewatch(&[valid], (customer, &[]), now, |_| true, || id);
        assert_eq!(gone[0].next_check_at, None);
    }
}
