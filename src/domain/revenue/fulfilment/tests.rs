//! Is as much earned as is fulfilled, and deferred until then?

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::domain::ids::{CreditNoteId, InvoiceId};
use crate::domain::money::Currency;
use crate::domain::revenue::given_up::{given_up, restored};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn set_up() -> Schedule {
    Schedule {
        line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no: 1 },
        entry: Entry::Line,
        amount: usd(50_000),
        after: None,
        deferred: true,
        rule: Rule::OnFulfilment,
        because: None,
        days: Days::new(day("2026-03-01"), day("2026-03-01")),
        booked_on: day("2026-03-01"),
    }
}

fn so_far(percent: i64) -> Progress {
    Progress { done: Decimal::from(percent), whole: Decimal::ONE_HUNDRED }
}

fn earned_by(all: &[Schedule], text: &str) -> i64 {
    all.iter().map(|one| one.earned_by(day(text)).unwrap().minor()).sum()
}

fn deferred_by(all: &[Schedule], text: &str) -> i64 {
    all.iter()
        .filter(|one| one.booked_on <= day(text))
        .map(|one| one.deferred_by(day(text)).unwrap().minor())
        .sum()
}

#[test]
fn what_is_fulfilled_is_earned_and_of_what_is_credited_as_much_is_not() {
    let mut all = vec![set_up()];
    all.extend(earned(&all, so_far(40), day("2026-03-20")).unwrap());
    let amount = usd(-10_000);
    let note = Entry::Note(1, CreditNoteId::from_uuid(Uuid::nil()));
    all.push(Schedule { entry: note, amount, booked_on: day("2026-04-10"), ..set_up() });
    all.extend(earned(&all, so_far(40), day("2026-04-10")).unwrap());
    all.extend(earned(&all, so_far(100), day("2026-05-02")).unwrap());
    let found = ["2026-03-19", "2026-03-20", "2026-04-10", "2026-05-01", "2026-05-02", "2027-01-01"];
    assert_eq!(found.map(|on| earned_by(&all, on)), [0, 20_000, 16_000, 16_000, 40_000, 40_000]);
    assert_eq!(found.map(|on| deferred_by(&all, on)), [50_000, 30_000, 24_000, 24_000, 0, 0]);
    assert_eq!(earned(&all, so_far(100), day("2026-06-01")).unwrap(), [], "nothing twice");
}

#[test]
fn what_is_reversed_is_taken_back_and_so_is_what_is_void() {
    let mut all = vec![set_up()];
    all.extend(earned(&all, so_far(60), day("2026-03-20")).unwrap());
    all.extend(earned(&all, so_far(20), day("2026-04-02")).unwrap());
    assert_eq!(earned_by(&all, "2026-04-02"), 10_000);
    all.push(Schedule { entry: Entry::Void, amount: usd(-50_000), booked_on: day("2026-04-05"), ..set_up() });
    all.extend(earned(&all, so_far(20), day("2026-04-05")).unwrap());
    assert_eq!((earned_by(&all, "2026-04-05"), deferred_by(&all, "2026-04-05")), (0, 0));
}

#[test]
fn what_is_not_fulfilled_of_what_is_given_up_is_none_of_the_loss() {
    let mut all = vec![set_up()];
    all.extend(earned(&all, so_far(40), day("2026-03-20")).unwrap());
    let whole = (usd(50_000), usd(50_000));
    all.extend(given_up(&all, whole, (day("2026-04-01"), &BTreeMap::new())).unwrap());
    assert_eq!((earned_by(&all, "2026-04-01"), deferred_by(&all, "2026-04-01")), (20_000, 0));
    all.extend(restored(&all, (usd(25_000), usd(50_000)), day("2026-04-09")).unwrap());
    assert_eq!((earned_by(&all, "2026-04-09"), deferred_by(&all, "2026-04-09")), (20_000, 15_000));
    all.extend(restored(&all, (usd(25_000), usd(25_000)), day("2026-04-10")).unwrap());
    assert_eq!((earned_by(&all, "2026-04-10"), deferred_by(&all, "2026-04-10")), (20_000, 30_000));
}

#[test]
fn no_more_is_fulfilled_than_there_is_and_in_one_measure() {
    let said = |part| Fulfilment {
        id: FulfilmentId::from_uuid(Uuid::nil()),
        line: set_up().line,
        part,
        milestone: None,
        at: DateTime::UNIX_EPOCH,
        fulfilled_on: day("2026-03-20"),
        evidence: None,
        created_at: DateTime::UNIX_EPOCH,
        reversed: None,
    };
    let three = Decimal::from(3);
    let before = [said(Part::Quantity(Decimal::TWO))];
    assert_eq!(check(Part::Quantity(Decimal::ONE), &before, three), Ok(()));
    let left = Refused::MoreThanLeft { left: Decimal::ONE, unit: "quantity" };
    assert_eq!(check(Part::Quantity(Decimal::TWO), &before, three), Err(left));
    let other = Refused::OtherUnit { before: "quantity" };
    assert_eq!(check(Part::Percent(Decimal::ONE), &before, three), Err(other));
    assert_eq!(Progress::of(&before, three), Progress { done: Decimal::TWO, whole: three });
    let nothing = Refused::NotPositive { pointer: "/percent" };
    assert_eq!(check(Part::Percent(Decimal::ZERO), &[], three), Err(nothing));
    let reversed = Reversed { at: DateTime::UNIX_EPOCH, on: day("2026-03-21"), because: "lost".to_owned() };
    let back = said(Part::Quantity(Decimal::TWO)).reverse(reversed.clone()).unwrap();
    let reached = Fulfilment { milestone: Some("design".to_owned()), ..said(Part::Percent(Decimal::ONE)) };
    let again = Refused::MilestoneReached { milestone: "design".to_owned() };
    assert_eq!(check_milestone(Some("design "), std::slice::from_ref(&reached)), Err(again));
    assert_eq!(check_milestone(Some("build"), std::slice::from_ref(&reached)), Ok(()));
    let not_so = reached.reverse(reversed.clone()).unwrap();
    assert_eq!(check_milestone(Some("design"), &[not_so]), Ok(()));
    assert_eq!(back.clone().reverse(reversed), Err(Refused::AlreadyReversed));
    assert_eq!(Progress::of(&[back], three).done, Decimal::ZERO);
}
