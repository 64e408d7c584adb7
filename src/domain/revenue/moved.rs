//! What if a service is not had on the days of its line? A break that extends moves the rest of it, and what is taken back ends it: what was not earned
//! by then moves with it, and what should have been earned by then otherwise is caught up.
//!
//! 31.00 for January, a break from the 17th to the 27th: 16.00 by the 16th, nothing in the break, 5.00 from the 27th to the 31st, 10.00 until
//! 10 February. Told on the 20th, when 19.00 were earned: −3.00 that day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::numbers::Numbers;
use super::schedule::{After, Days, Entry, Rule, Schedule, next_month};
use crate::domain::money::{Money, MoneyError, rounding::share_half_away};

/// The days on which a line is had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// One after the other.
    pub stretches: Vec<Days>,
    /// Of the days that nobody knows yet, as many as these.
    pub waits: Option<Days>,
    /// All that was paid, of which a break leaves the first stretch as it is; `None`: the stretches are all there is.
    pub paid: Option<Days>,
}

impl Path {
    /// The days of its line as they are.
    #[must_use]
    pub fn of(days: Days) -> Path {
        Path { stretches: vec![days], waits: None, paid: None }
    }

    /// Over on a day: nothing of it is had from then on.
    #[must_use]
    pub fn over(on: NaiveDate) -> Path {
        let before = on.pred_opt().unwrap_or(on);
        Path::of(Days::new(before, on))
    }

    /// Without what would be had from a day on, and all of it by then.
    #[must_use]
    pub fn cut(mut self, on: NaiveDate) -> Path {
        self.stretches.retain_mut(|days| {
            days.to = days.to.min(on);
            days.from < days.to
        });
        if self.stretches.is_empty() { Path::over(on) } else { Path { waits: None, paid: None, ..self } }
    }

    /// So much of it is over when a day is, and so much it is in all. What was had before the first break counts as it did before that was known: of a
    /// year in equal months, a month is a twelfth whatever comes after it.
    fn part(&self, rule: Rule, date: NaiveDate) -> (i128, i128) {
        if let (Some(paid), Some((first, later))) = (self.paid, self.stretches.split_first())
            && paid.from == first.from
            && first.to < paid.to
        {
            let whole = i128::from(paid.weight(rule));
            let (before, now) = (paid.until(last_of(first.to)).weight(rule), first.until(date).weight(rule));
            let rest = Path { stretches: later.to_vec(), waits: self.waits, paid: None };
            let (over, all) = rest.part(rule, date);
            let (before, now) = (i128::from(before), i128::from(now));
            return (now * all + (whole - before) * over, whole * all);
        }
        let over: i64 = self.stretches.iter().map(|days| days.until(date).weight(rule)).sum();
        let all = self.stretches.iter().chain(&self.waits).map(|days| days.weight(rule)).sum::<i64>();
        (over.into(), all.into())
    }
}

fn last_of(end: NaiveDate) -> NaiveDate {
    end.pred_opt().unwrap_or(end)
}

/// The schedules that move a line's, all of which are known, to a path from a day on; none where they are on it already.
///
/// # Errors
/// Sums that do not fit.
pub fn moved(known: &[Schedule], path: &Path, booked_on: NaiveDate) -> Result<Vec<Schedule>, MoneyError> {
    let Some(own) = known.iter().find(|one| one.entry == Entry::Line && one.is_over_time()) else {
        return Ok(Vec::new());
    };
    let since = booked_on.pred_opt().unwrap_or(booked_on);
    let streams: Vec<&Schedule> =
        known.iter().filter(|one| !matches!(one.entry, Entry::Fulfilled { .. })).collect();
    let mut moving = Move { own, since, booked_on, next: Numbers::after(known), moved: Vec::new() };
    let left = moving.take_out(&streams)?;
    let caught_up = caught_up(&streams, (path, own.rule), (since, left))?;
    moving.put_in(path, (caught_up, left.checked_sub(caught_up)?))?;
    match is_same(&moving.moved, booked_on)? {
        true => Ok(Vec::new()),
        false => Ok(moving.moved),
    }
}

/// What is to be earned on the first day, so that as much is earned by it as the path says: of what is given up, in the same proportion as is left.
fn caught_up(
    streams: &[&Schedule],
    (path, rule): (&Path, Rule),
    (since, left): (NaiveDate, Money),
) -> Result<Money, MoneyError> {
    let zero = Money::zero(left.currency());
    let (mut whole, mut earned) = (zero, zero);
    for one in streams.iter().filter(|one| !matches!(one.entry, Entry::GivenUp { .. })) {
        whole = whole.checked_add(one.in_all()?)?;
        earned = earned.checked_add(one.as_if_by(since)?)?;
    }
    let share = share_half_away(i128::from(whole.minor()), path.part(rule, since)).unwrap_or(0);
    let missing = Money::from_wide_minor(share, left.currency())?.checked_sub(earned)?;
    let rest = whole.checked_sub(earned)?;
    let is_given_up = streams.iter().any(|one| matches!(one.entry, Entry::GivenUp { .. }));
    match (is_given_up, rest.is_zero()) {
        (false, _) => Ok(missing),
        (true, true) => Ok(zero),
        (true, false) => {
            let wide = i128::from(missing.minor())
                .saturating_mul(i128::from(left.minor()).signum() * i128::from(rest.minor()).signum());
            let part = (i128::from(left.minor()).abs(), i128::from(rest.minor()).abs());
            Money::from_wide_minor(share_half_away(wide, part).unwrap_or(0), left.currency())
        }
    }
}

/// What is moved, as it is put together.
struct Move<'a> {
    own: &'a Schedule,
    /// The last day that stays as it is.
    since: NaiveDate,
    booked_on: NaiveDate,
    next: Numbers,
    moved: Vec<Schedule>,
}

impl Move<'_> {
    /// Takes out what would be earned later, and tells how much that is.
    fn take_out(&mut self, streams: &[&Schedule]) -> Result<Money, MoneyError> {
        let mut wholes: BTreeMap<(Rule, Days), Vec<Money>> = BTreeMap::new();
        for one in streams {
            let same = wholes.entry((one.rule, one.days)).or_default();
            let opposite = one.whole().negated()?;
            // What was taken out before stays out.
            match same.iter().position(|known| *known == opposite) {
                Some(known) => drop(same.swap_remove(known)),
                None => same.push(one.whole()),
            }
        }
        let mut left = Money::zero(self.own.amount.currency());
        for ((rule, days), wholes) in wholes {
            for whole in wholes {
                let out = self.add((rule, days), whole.negated()?)?;
                left = left.checked_sub(out)?;
            }
        }
        Ok(left)
    }

    /// Puts it in again: what is caught up on the first day, the rest in the stretches, and what waits.
    fn put_in(&mut self, path: &Path, (caught_up, rest): (Money, Money)) -> Result<(), MoneyError> {
        let rule = self.own.rule;
        self.add((rule, Days::new(self.booked_on, self.booked_on)), caught_up)?;
        let (over, all) = path.part(rule, self.since);
        let share = |part: i128| {
            let minor = share_half_away(rest.minor().into(), (part - over, all - over)).unwrap_or(0);
            Money::from_wide_minor(minor, rest.currency())
        };
        let mut before = Money::zero(rest.currency());
        for days in &path.stretches {
            let days = Days { from: days.from.max(self.booked_on), to: days.to };
            let Some(last) = days.to.pred_opt().filter(|last| *last >= days.from) else { continue };
            let by_then = share(path.part(rule, last).0)?;
            self.add((rule, days), by_then.checked_sub(before)?)?;
            before = by_then;
        }
        if path.waits.is_some() {
            self.add((Rule::OnFulfilment, self.own.days), rest.checked_sub(before)?)?;
        }
        Ok(())
    }

    /// Adds what brings so much from the first day on, of a whole over these days, and tells how much that is.
    fn add(&mut self, (rule, days): (Rule, Days), whole: Money) -> Result<Money, MoneyError> {
        let after = Some(After { whole, since: self.since });
        let amount = Money::zero(whole.currency());
        let entry = Entry::Moved { number: 0 };
        let added = Schedule { entry, amount, after, rule, days, booked_on: self.booked_on, ..*self.own };
        let brings = added.in_all()?;
        if !brings.is_zero() {
            let number = self.next.take(self.own.line.line_no)?;
            self.moved.push(Schedule { entry: Entry::Moved { number }, ..added });
        }
        Ok(brings)
    }
}

/// Whether what moves changes nothing on any day, but for cents that are rounded otherwise.
fn is_same(moved: &[Schedule], from: NaiveDate) -> Result<bool, MoneyError> {
    let (mut days, mut waits) = (vec![from], 0_i64);
    for one in moved {
        if one.rule.is_on_fulfilment() {
            waits = waits.saturating_add(one.whole().minor());
        }
        days.extend([one.days.from, one.days.to].into_iter().filter_map(|day| day.pred_opt()));
    }
    let last = days.iter().copied().max().unwrap_or(from);
    let mut month = from;
    while month < last {
        month = next_month(month);
        days.extend(month.pred_opt());
    }
    let few = i64::try_from(moved.len()).unwrap_or(i64::MAX);
    for day in days.into_iter().filter(|day| *day >= from) {
        let mut sum = 0_i64;
        for one in moved {
            sum = sum.saturating_add(one.earned_by(day)?.minor());
        }
        if sum.abs() > few {
            return Ok(false);
        }
    }
    Ok(waits == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{CreditNoteId, InvoiceId, LineId};
    use crate::domain::laws;
    use crate::domain::money::Currency;
    use crate::domain::revenue::given_up::{given_up, restored, sum};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn days(from: &str, to: &str) -> Days {
        Days::new(day(from), day(to))
    }

    fn january(amount: i64) -> Schedule {
        Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no: 1 },
            entry: Entry::Line,
            amount: usd(amount),
            after: None,
            deferred: true,
            rule: Rule::RatableDaily,
            because: None,
            days: days("2026-01-01", "2026-02-01"),
            booked_on: day("2026-01-01"),
        }
    }

    fn note(of_it: &Schedule, amount: i64, booked_on: &str) -> Schedule {
        let entry = Entry::Note(1, CreditNoteId::from_uuid(Uuid::nil()));
        Schedule { entry, amount: usd(amount), booked_on: day(booked_on), ..*of_it }
    }

    fn earned(all: &[Schedule], date: &str) -> i64 {
        all.iter().map(|one| one.earned_by(day(date)).unwrap().minor()).sum()
    }

    fn earned_by(all: &[Schedule], dates: &[&str]) -> Vec<i64> {
        dates.iter().map(|date| earned(all, date)).collect()
    }

    fn broken() -> Path {
        Path {
            stretches: vec![days("2026-01-01", "2026-01-17"), days("2026-01-27", "2026-02-11")],
            waits: None,
            paid: Some(days("2026-01-01", "2026-02-01")),
        }
    }

    fn open() -> Path {
        Path {
            stretches: vec![days("2026-01-01", "2026-01-17")],
            waits: Some(days("2026-01-17", "2026-02-01")),
            paid: Some(days("2026-01-01", "2026-02-01")),
        }
    }

    #[test]
    fn what_is_not_had_in_a_break_is_earned_after_it() {
        let mut all = vec![january(3_100)];
        all.extend(moved(&all, &open(), day("2026-01-17")).unwrap());
        assert_eq!(earned_by(&all, &["2026-01-16", "2026-01-17", "2026-01-31", "2026-06-30"]), [1_600; 4]);
        assert_eq!(all.iter().filter_map(Schedule::waits).collect::<Vec<_>>(), [usd(1_500)]);
        all.extend(moved(&all, &broken(), day("2026-01-27")).unwrap());
        let dates = ["2026-01-26", "2026-01-27", "2026-01-31", "2026-02-09", "2026-02-10", "2026-03-01"];
        assert_eq!(earned_by(&all, &dates), [1_600, 1_700, 2_100, 3_000, 3_100, 3_100]);
        let waits = all.iter().filter_map(Schedule::waits);
        assert_eq!(Money::sum(usd(0).currency(), waits).unwrap(), usd(0));
        assert_eq!(moved(&all, &broken(), day("2026-01-30")).unwrap(), [], "it is on its path already");
        assert_eq!(sum(&all, usd(0).currency()).unwrap(), usd(3_100));
    }

    #[test]
    fn a_break_that_was_known_before_the_invoice_is_none_of_its_days() {
        // Paid on 1 January, up to the break: the rest comes after it.
        let mut all = vec![Schedule { days: days("2026-01-01", "2026-01-17"), ..january(3_100) }];
        all.extend(moved(&all, &broken(), day("2026-01-01")).unwrap());
        let dates = ["2026-01-01", "2026-01-16", "2026-01-26", "2026-01-31", "2026-02-10"];
        assert_eq!(earned_by(&all, &dates), [100, 1_600, 1_600, 2_100, 3_100]);
    }

    #[test]
    fn of_equal_months_what_was_earned_before_a_break_stays() {
        // 120.00 for a year; February is not had, and comes after December.
        let days = days("2026-01-01", "2027-01-01");
        let mut all = vec![Schedule { rule: Rule::RatableMonthly, days, ..january(12_000) }];
        let stretches =
            vec![Days::new(days.from, day("2026-02-01")), Days::new(day("2026-03-01"), day("2027-01-29"))];
        let path = Path { stretches, waits: None, paid: Some(days) };
        all.extend(moved(&all, &path, day("2026-02-01")).unwrap());
        assert_eq!(earned_by(&all, &["2026-01-31", "2026-02-28"]), [1_000, 1_000]);
        assert_eq!(earned(&all, "2027-01-28"), 12_000);
    }

    #[test]
    fn a_break_that_is_told_later_is_caught_up_that_day() {
        let mut all = vec![january(3_100)];
        all.extend(moved(&all, &broken(), day("2026-01-20")).unwrap());
        let dates = ["2026-01-19", "2026-01-20", "2026-01-26", "2026-01-31", "2026-02-10"];
        assert_eq!(earned_by(&all, &dates), [1_900, 1_600, 1_600, 2_100, 3_100]);
        // It never was: 27.00 would have been earned by the 27th, and 28.00 are by the 28th.
        all.extend(moved(&all, &Path::of(january(1).days), day("2026-01-28")).unwrap());
        assert_eq!(earned_by(&all, &["2026-01-27", "2026-01-28", "2026-01-31"]), [1_700, 2_800, 3_100]);
    }

    #[test]
    fn what_is_taken_back_before_or_in_a_break_goes_on_with_the_rest() {
        let line = january(3_100);
        let mut all = vec![line, note(&line, -1_550, "2026-01-10")];
        all.extend(moved(&all, &broken(), day("2026-01-17")).unwrap());
        assert_eq!(earned_by(&all, &["2026-01-16", "2026-01-26", "2026-02-10"]), [800, 800, 1_550]);
        let mut all = vec![line];
        all.extend(moved(&all, &broken(), day("2026-01-17")).unwrap());
        all.push(note(&line, -1_550, "2026-01-20"));
        all.extend(moved(&all, &broken(), day("2026-01-20")).unwrap());
        assert_eq!(
            earned_by(&all, &["2026-01-19", "2026-01-20", "2026-01-26", "2026-02-10"]),
            [1_600, 800, 800, 1_550]
        );
    }

    #[test]
    fn what_was_credited_before_a_service_ends_is_not_earned_after_its_end() {
        // 310.00, 100.00 of them credited; canceled on the 16th, when 160.00 are given back: 50.00 stay, and all of them are earned.
        let line = january(31_000);
        let mut charged = vec![line, note(&line, -10_000, "2026-01-05")];
        let back = Schedule {
            line: LineId { line_no: 2, ..line.line },
            amount: usd(-16_000),
            days: days("2026-01-16", "2026-02-01"),
            booked_on: day("2026-01-16"),
            ..line
        };
        let mut back = vec![back];
        for all in [&mut charged, &mut back] {
            all.extend(moved(all, &Path::over(day("2026-01-16")), day("2026-01-16")).unwrap());
        }
        for date in ["2026-01-16", "2026-01-20", "2026-01-31", "2026-03-01"] {
            assert_eq!(earned(&charged, date) + earned(&back, date), 5_000, "{date}");
        }
    }

    #[test]
    fn of_what_is_given_up_after_a_break_no_more_is_lost_than_was_had() {
        let mut all = vec![january(3_100)];
        all.extend(moved(&all, &broken(), day("2026-01-17")).unwrap());
        let whole = (usd(3_100), usd(3_100));
        all.extend(given_up(&all, whole, (day("2026-02-01"), &BTreeMap::new())).unwrap());
        assert_eq!(
            sum(&all, usd(0).currency()).unwrap(),
            usd(2_100),
            "the ten days of February will never be earned"
        );
        assert_eq!(earned_by(&all, &["2026-01-31", "2026-02-05", "2026-03-01"]), [2_100; 3]);
        assert_eq!(moved(&all, &broken(), day("2026-02-03")).unwrap(), []);
        all.extend(restored(&all, whole, day("2026-02-06")).unwrap());
        assert_eq!(earned_by(&all, &["2026-02-05", "2026-02-06", "2026-02-10"]), [2_100, 2_700, 3_100]);
    }

    proptest! {
        #![proptest_config(laws::tried())]
        #[test]
        fn whatever_moves_a_line_brings_what_it_was_invoiced_and_is_on_its_path(
            amount in 1_i64..1_000_000,
            noted in 0_i64..1_000,
            breaks in proptest::collection::vec((0_i64..400, 1_i64..60, 0_i64..40), 1..5),
            monthly in any::<bool>(),
        ) {
            let from = day("2026-01-01");
            let at = |days: i64| from + chrono::TimeDelta::days(days);
            let rule = if monthly { Rule::RatableMonthly } else { Rule::RatableDaily };
            let line = Schedule { rule, days: Days::new(from, at(365)), ..january(amount) };
            let mut all = vec![line, note(&line, -amount * noted / 1_000, "2026-01-02")];
            let mut path = Path::of(line.days);
            let mut today = at(2);
            for (begins, lasts, told) in breaks {
                today += chrono::TimeDelta::days(told);
                let last = path.stretches.pop().unwrap();
                let cut = (last.from + chrono::TimeDelta::days(begins)).min(last.to);
                let rest = (last.to - cut).num_days();
                path.stretches.push(Days { from: last.from, to: cut });
                let again = cut + chrono::TimeDelta::days(lasts);
                path.stretches.push(Days { from: again, to: again + chrono::TimeDelta::days(rest) });
                let before = earned(&all, &(today - chrono::TimeDelta::days(1)).to_string());
                all.extend(moved(&all, &path, today).unwrap());
                prop_assert_eq!(earned(&all, &(today - chrono::TimeDelta::days(1)).to_string()), before, "the past stays");
                prop_assert_eq!(&moved(&all, &path, today).unwrap(), &[]);
                let left = amount + all[1].amount.minor();
                for later in [0, 1, 30, 100, 365, 1_000] {
                    let date = today + chrono::TimeDelta::days(later);
                    let share = share_half_away(left.into(), path.part(rule, date)).unwrap();
                    let off = (i128::from(earned(&all, &date.to_string())) - share).unsigned_abs();
                    prop_assert!(off <= all.len() as u128, "{off} cents off on {date}");
                }
                prop_assert_eq!(earned(&all, "2040-01-01"), left);
            }
        }
    }
}
