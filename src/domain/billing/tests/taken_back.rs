//! Does what stays of a charge follow its laws, whatever was taken back of it and in whatever order?

use proptest::prelude::*;

use crate::domain::billing::piece::Key;
use crate::domain::billing::taken_back::{Act, How, Part, TakenBack, netted};
use crate::domain::ids::ItemVersionId;
use crate::domain::money::{Currency, Money};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn act(how: How, amount: i64, worth: i64) -> Act {
    Act { how, amount: usd(amount), discount: usd(0), worth: usd(worth), kept: None }
}

fn stays(acts: &[Act], worth: i64) -> i64 {
    let mut taken_back = TakenBack::default();
    acts.iter().for_each(|act| taken_back.add(*act));
    taken_back.stays(usd(worth)).unwrap().minor()
}

#[test]
fn each_way_has_its_own_rule() {
    assert_eq!(stays(&[], 1_600), 1_600);
    assert_eq!(stays(&[act(How::Waived, 3_100, 3_100)], 1_600), 0);
    assert_eq!(stays(&[act(How::Credited, 2_000, 3_100)], 1_600), 0);
    assert_eq!(stays(&[act(How::Credited, 1_000, 3_100)], 1_600), 600);
    assert_eq!(stays(&[act(How::Corrected, 2_100, 3_100)], 1_600), 516);
    assert_eq!(stays(&[act(How::Corrected, 2_100, 3_100)], 0), 0);
    // Of what is worth more later, what is new is charged.
    assert_eq!(stays(&[act(How::Waived, 1_000, 1_000)], 1_200), 200);
    assert_eq!(stays(&[act(How::Edited, 2_100, 3_100)], 3_200), 1_100);
    // 11.00 left after a note, then void: nothing; half of a charge given up, cut to less than what was paid: that.
    let credited_and_void = [act(How::Credited, 2_000, 3_100), act(How::Waived, 1_100, 3_100)];
    assert_eq!((stays(&credited_and_void, 3_100), stays(&credited_and_void, 900)), (0, 0));
    assert_eq!(
        (stays(&[act(How::Waived, 1_550, 3_100)], 2_000), stays(&[act(How::Waived, 1_550, 3_100)], 900)),
        (1_550, 900)
    );
}

#[test]
fn what_gave_back_counts_against_what_was_charged_beside_it() {
    let part = |minor, start: &str, is_first| Part {
        key: Key { version: ItemVersionId::from_uuid(uuid::Uuid::nil()), start: start.parse().unwrap() },
        amount: usd(minor),
        discount: usd(minor / 10),
        is_first,
    };
    let old = part(-1_500, "2026-01-01T00:00:00Z", false);
    let new = part(3_000, "2026-01-17T00:00:00Z", true);
    let taken: Vec<(i64, i64)> =
        netted(&[old, new]).unwrap().iter().map(|p| (p.amount.minor(), p.discount.minor())).collect();
    assert_eq!(taken, [(1_500, 150)]);
    let goodwill = part(-500, "2026-01-02T00:00:00Z", true);
    let taken: Vec<i64> = netted(&[goodwill, new]).unwrap().iter().map(|p| p.amount.minor()).collect();
    assert_eq!(taken, [-500, 3_000]);
    let for_nothing = Part { amount: usd(-800), discount: usd(-800), ..old };
    let charged = Part { amount: usd(857), discount: usd(800), ..new };
    assert_eq!(netted(&[for_nothing, charged]).unwrap(), [charged]);
}

/// Acts that can follow each other: each takes back some of what stays at the worth there is.
fn histories() -> impl Strategy<Value = (Vec<Act>, i64)> {
    let step = (0..4_u8, 0..=100_i64, 0..=10_000_i64);
    (proptest::collection::vec(step, 0..8), 1..=10_000_i64).prop_map(|(steps, worth)| {
        let (mut acts, mut now) = (Vec::new(), worth);
        for (kind, percent, next) in steps {
            let how = [How::Credited, How::Waived, How::Corrected, How::Edited][usize::from(kind)];
            let left = stays(&acts, now);
            acts.push(act(how, left * percent / 100, now));
            now = next;
        }
        (acts, now)
    })
}

proptest! {
    #[test]
    fn what_stays_is_never_below_nothing_nor_above_the_worth((acts, worth) in histories()) {
        let left = stays(&acts, worth);
        prop_assert!((0..=worth).contains(&left), "{left} of {worth} after {acts:?}");
        prop_assert_eq!(stays(&acts, 0), 0);
    }

    #[test]
    fn what_is_worth_less_never_leaves_more((acts, worth) in histories(), less in 0..=100_i64) {
        prop_assert!(stays(&acts, worth * less / 100) <= stays(&acts, worth));
    }

    #[test]
    fn an_act_leaves_what_it_says_at_the_worth_there_was((acts, worth) in histories(), percent in 0..=100_i64) {
        let before = stays(&acts, worth);
        for how in [How::Credited, How::Waived, How::Corrected] {
            let taken = before * percent / 100;
            let after = [acts.as_slice(), &[act(how, taken, worth)]].concat();
            prop_assert_eq!(stays(&after, worth), before - taken);
        }
    }
}
