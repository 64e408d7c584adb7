//! What of an invoice that is given up was not earned? That is taken out of what is deferred, with the receivable; only the rest is lost.
//!
//! 31.00 for 15 January to 14 February, given up on 1 February: 14.00 are not earned and never will be, 17.00 are lost. Half of it is paid in
//! March after all: 7.00 are earned then, and 10.00 less are lost.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::numbers::Numbers;
use super::schedule::{After, Entry, Rule, Schedule};
use crate::domain::money::{Currency, Money, MoneyError};

/// So much of a sum.
pub type Share = (Money, Money);

/// The schedules that take out what is not earned of an invoice before the day on which a share of it is given up: of each line and of each
/// of its notes, so that nothing is left of what is given up as a whole. Where a line's service ended before, nothing was earned from then on.
///
/// # Errors
/// Sums that do not fit.
pub fn given_up(
    known: &[Schedule],
    share: Share,
    (booked_on, ended): (NaiveDate, &BTreeMap<i32, NaiveDate>),
) -> Result<Vec<Schedule>, MoneyError> {
    let mut next = Numbers::after(known);
    let mut added = Vec::new();
    for schedule in known {
        let is_charged = matches!(
            schedule.entry,
            Entry::Line | Entry::Note(..) | Entry::Allocated { .. } | Entry::Moved { .. }
        );
        if !is_charged || !schedule.deferred || schedule.rule == Rule::AsDrawn {
            continue;
        }
        let ended_on = ended.get(&schedule.line.line_no).copied();
        let first = ended_on.map_or(booked_on, |ended_on| ended_on.min(booked_on));
        let since = first.pred_opt().unwrap_or(first);
        let whole = part(schedule.whole(), share)?.negated()?;
        let entry = schedule.entry.number();
        // Of what was moved, no more than it brings after the day since which it does.
        let since = schedule.after.map_or(since, |after| after.since.max(since));
        let earned = match schedule.rule.is_on_fulfilment() {
            true => part(fulfilled(known, schedule)?, share)?.negated()?,
            false => schedule.share_by(whole, since)?,
        };
        added.extend(rest(schedule, (entry, booked_on), (After { whole, since }, earned), &mut next)?);
    }
    Ok(added)
}

/// What is fulfilled of one of a line's schedules.
fn fulfilled(known: &[Schedule], schedule: &Schedule) -> Result<Money, MoneyError> {
    let of_it = known.iter().filter(|other| other.line == schedule.line);
    let earned = of_it.filter_map(|other| match other.entry {
        Entry::Fulfilled { entry, earned, .. } if entry == schedule.entry.number() => Some(earned),
        _ => None,
    });
    Money::sum(schedule.amount.currency(), earned)
}

/// The schedules that bring back a share of what is given up still, as it would have been earned since: all of it comes back, and the rest is
/// given up anew from the same day on, so that no cent is left between the parts.
///
/// # Errors
/// Sums that do not fit.
pub fn restored(known: &[Schedule], share: Share, booked_on: NaiveDate) -> Result<Vec<Schedule>, MoneyError> {
    let mut outstanding: BTreeMap<(i32, i16, NaiveDate), (&Schedule, Outstanding)> = BTreeMap::new();
    for schedule in known {
        let (Entry::GivenUp { entry, .. }, Some(After { whole, since })) = (schedule.entry, schedule.after)
        else {
            continue;
        };
        let key = (schedule.line.line_no, entry, since);
        let nothing = Money::zero(whole.currency());
        let (_, sum) =
            outstanding.entry(key).or_insert((schedule, Outstanding { whole: nothing, amount: nothing }));
        sum.whole = sum.whole.checked_add(whole)?;
        sum.amount = sum.amount.checked_add(schedule.amount)?;
    }
    let mut next = Numbers::after(known);
    let mut added = Vec::new();
    for ((_, entry, since), (schedule, sum)) in outstanding {
        let earned = sum.whole.checked_sub(sum.amount)?;
        let stays = sum.whole.checked_sub(part(sum.whole, share)?)?;
        let earned_of_it = match schedule.rule.is_on_fulfilment() {
            true => earned.checked_sub(part(earned, share)?)?,
            false => schedule.share_by(stays, since)?,
        };
        for (whole, earned) in [(sum.whole.negated()?, earned.negated()?), (stays, earned_of_it)] {
            added.extend(rest(schedule, (entry, booked_on), (After { whole, since }, earned), &mut next)?);
        }
    }
    Ok(added)
}

/// What is given up still of a schedule: of a whole, the part that was not earned.
struct Outstanding {
    whole: Money,
    amount: Money,
}

/// What schedules come to.
///
/// # Errors
/// The sum does not fit.
pub fn sum(schedules: &[Schedule], currency: Currency) -> Result<Money, MoneyError> {
    Money::sum(currency, schedules.iter().map(|schedule| schedule.amount))
}

/// With all of it, all.
fn part(amount: Money, (some, whole): Share) -> Result<Money, MoneyError> {
    if some == whole || !whole.is_positive() { Ok(amount) } else { amount.share((some, whole)) }
}

/// What is not earned of a whole, where that is something.
fn rest(
    schedule: &Schedule,
    (entry, booked_on): (i16, NaiveDate),
    (after, earned): (After, Money),
    next: &mut Numbers,
) -> Result<Option<Schedule>, MoneyError> {
    let amount = after.whole.checked_sub(earned)?;
    if after.whole.is_zero() || amount.is_zero() {
        return Ok(None);
    }
    let number = next.take(schedule.line.line_no)?;
    let entry = Entry::GivenUp { number, entry };
    Ok(Some(Schedule { entry, amount, after: Some(after), booked_on, ..*schedule }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{CreditNoteId, InvoiceId, LineId};
    use crate::domain::laws;
    use crate::domain::revenue::Days;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn line(amount: i64, days: (&str, &str)) -> Schedule {
        Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no: 1 },
            entry: Entry::Line,
            amount: usd(amount),
            after: None,
            deferred: true,
            rule: Rule::RatableDaily,
            because: None,
            days: Days::new(day(days.0), day(days.1)),
            booked_on: day(days.0),
        }
    }

    fn earned(all: &[Schedule], date: NaiveDate) -> i64 {
        all.iter().map(|one| one.earned_by(date).unwrap().minor()).sum()
    }

    fn amounts(all: &[Schedule]) -> Vec<(i16, i64)> {
        all.iter().map(|one| (one.entry.number(), one.amount.minor())).collect()
    }

    #[test]
    fn what_is_not_earned_is_taken_out_and_what_is_earned_is_lost() {
        let mut all = vec![line(3_100, ("2026-01-15", "2026-02-15"))];
        let whole = (usd(3_100), usd(3_100));
        all.extend(given_up(&all, whole, (day("2026-02-01"), &BTreeMap::new())).unwrap());
        assert_eq!(amounts(&all), [(0, 3_100), (-2, -1_400)]);
        for date in ["2026-01-31", "2026-02-01", "2026-02-10", "2026-03-31"] {
            assert_eq!(earned(&all, day(date)), 1_700, "{date}");
        }
        all.extend(restored(&all, (usd(1_550), usd(3_100)), day("2026-03-09")).unwrap());
        assert_eq!(amounts(&all), [(0, 3_100), (-2, -1_400), (-3, 1_400), (-4, -700)]);
        assert_eq!(earned(&all, day("2026-03-08")), 1_700);
        assert_eq!(earned(&all, day("2026-03-09")), 2_400, "what would have been earned since is caught up");
        all.extend(restored(&all, (usd(1_550), usd(1_550)), day("2026-03-10")).unwrap());
        assert_eq!(earned(&all, day("2026-03-10")), 3_100);
        assert_eq!(restored(&all, whole, day("2026-03-11")).unwrap(), []);
    }

    #[test]
    fn what_is_given_up_again_counts_on() {
        let mut all = vec![line(3_100, ("2026-01-15", "2026-02-15"))];
        let whole = (usd(3_100), usd(3_100));
        all.extend(given_up(&all, whole, (day("2026-01-20"), &BTreeMap::new())).unwrap());
        all.extend(restored(&all, whole, day("2026-01-25")).unwrap());
        all.extend(given_up(&all, whole, (day("2026-02-01"), &BTreeMap::new())).unwrap());
        assert_eq!(amounts(&all), [(0, 3_100), (-2, -2_600), (-3, 2_600), (-4, -1_400)]);
        assert_eq!(earned(&all, day("2026-02-20")), 1_700);
    }

    #[test]
    fn what_is_earned_at_once_is_lost_as_it_is() {
        let over = Schedule { rule: Rule::PointInTime, ..line(3_100, ("2026-01-15", "2026-02-15")) };
        let at_once = Schedule { deferred: false, ..over };
        let whole = (usd(3_100), usd(3_100));
        assert_eq!(given_up(&[over, at_once], whole, (day("2026-02-01"), &BTreeMap::new())).unwrap(), []);
    }

    proptest! {
        #![proptest_config(laws::tried())]
        #[test]
        fn a_whole_that_is_given_up_earns_nothing_more_and_leaves_nothing_deferred(
            amount in 1_i64..1_000_000,
            (noted, length, on) in (0_i64..1_000, 1_i64..800, -40_i64..900),
            monthly in any::<bool>(),
        ) {
            let rule = if monthly { Rule::RatableMonthly } else { Rule::RatableDaily };
            let from = day("2026-01-15");
            let days = Days::new(from, from + chrono::TimeDelta::days(length));
            let line = Schedule { rule, days, booked_on: from - chrono::TimeDelta::days(60), ..line(amount, ("2026-01-15", "2026-02-15")) };
            let note = Schedule {
                entry: Entry::Note(1, CreditNoteId::from_uuid(Uuid::nil())),
                amount: usd(-amount * noted / 1_000),
                ..line
            };
            let mut all = vec![line, note];
            let left = usd(amount + note.amount.minor());
            let booked_on = from + chrono::TimeDelta::days(on);
            let before = earned(&all, booked_on - chrono::TimeDelta::days(1));
            all.extend(given_up(&all, (left, left), (booked_on, &BTreeMap::new())).unwrap());
            for later in [0, 1, 17, 100, 2_000] {
                prop_assert_eq!(earned(&all, booked_on + chrono::TimeDelta::days(later)), before);
            }
            prop_assert_eq!(sum(&all, left.currency()).unwrap().minor(), before, "nothing is deferred");
            let sixth = usd(left.minor() / 6);
            let paid_on = booked_on + chrono::TimeDelta::days(30);
            all.extend(restored(&all, (sixth, left), paid_on).unwrap());
            let rest = usd(left.minor() - sixth.minor());
            all.extend(restored(&all, (rest, rest), paid_on + chrono::TimeDelta::days(3)).unwrap());
            for later in [3, 17, 100, 2_000] {
                let date = paid_on + chrono::TimeDelta::days(later);
                prop_assert_eq!(earned(&all, date), earned(&all[..2], date), "as if it had never been given up");
            }
        }
    }
}
