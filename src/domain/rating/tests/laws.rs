//! What holds whatever the prices: more units never cost less when each pays its own tier's price; splitting a tier changes nothing.
//!
//! Quantities and prices here are ten-thousandths up to a thousand, so that every product is exact.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::super::rate;
use crate::domain::catalog::{PriceModel, Tier};
use crate::domain::laws::tried;
use crate::domain::money::MoneyError;

fn numbers() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        3 => (0..1_000_i64).prop_map(Decimal::from),
        1 => (0..10_000_000_i64).prop_map(|n| Decimal::new(n, 4)),
    ]
}

/// Valid tiers: strictly rising, from 0 at the lowest, the last one open.
fn tiers(with_flat: bool) -> impl Strategy<Value = Vec<Tier>> {
    let bounds = prop::collection::btree_set(numbers(), 0..5);
    let prices = prop::collection::vec((numbers(), numbers()), 6);
    (bounds, prices).prop_map(move |(bounds, prices)| {
        let bounds = bounds.into_iter().map(Some).chain([None]);
        let tier = |(up_to, (unit_amount, flat))| {
            let flat_amount = if with_flat { flat } else { Decimal::ZERO };
            Tier { up_to, unit_amount, flat_amount }
        };
        bounds.zip(prices).map(tier).collect()
    })
}

/// Any decimal there is, however large or fine.
fn anything() -> impl Strategy<Value = Decimal> {
    (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32)
        .prop_map(|([lo, mid, hi], negative, scale)| Decimal::from_parts(lo, mid, hi, negative, scale))
}

fn any_models() -> impl Strategy<Value = PriceModel> {
    let tier = (prop::option::of(anything()), anything(), anything())
        .prop_map(|(up_to, unit_amount, flat_amount)| Tier { up_to, unit_amount, flat_amount })
        .boxed();
    let tiers = || prop::collection::vec(tier.clone(), 0..4);
    prop_oneof![
        anything().prop_map(|amount| PriceModel::Flat { amount }),
        anything().prop_map(|unit_amount| PriceModel::PerUnit { unit_amount }),
        (anything(), anything()).prop_map(|(amount, size)| PriceModel::Package { amount, size }),
        tiers().prop_map(|tiers| PriceModel::Graduated { tiers }),
        tiers().prop_map(|tiers| PriceModel::Volume { tiers }),
        tiers().prop_map(|tiers| PriceModel::Stairstep { tiers }),
    ]
}

fn cost(model: &PriceModel, quantity: Decimal) -> Decimal {
    rate(model, quantity).unwrap().amount
}

fn bounds(tiers: &[Tier]) -> Vec<Decimal> {
    tiers.iter().filter_map(|tier| tier.up_to).collect()
}

/// The same tiers, with the one that holds `at` cut in two at it.
fn split(tiers: &[Tier], at: Decimal) -> Vec<Tier> {
    let mut cut = Vec::new();
    let mut done = bounds(tiers).contains(&at);
    for tier in tiers {
        if !done && tier.up_to.is_none_or(|bound| at < bound) {
            cut.push(Tier { up_to: Some(at), ..tier.clone() });
            done = true;
        }
        cut.push(tier.clone());
    }
    cut
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn more_graduated_units_never_cost_less(tiers in tiers(true), a in numbers(), b in numbers()) {
        let model = PriceModel::Graduated { tiers };
        prop_assert!(cost(&model, a.min(b)) <= cost(&model, a.max(b)));
    }

    #[test]
    fn without_flat_amounts_no_graduated_bound_is_a_jump(tiers in tiers(false)) {
        let step = Decimal::new(1, 4);
        let dearest = tiers.iter().map(|tier| tier.unit_amount).max().unwrap_or_default();
        for bound in bounds(&tiers) {
            let model = PriceModel::Graduated { tiers: tiers.clone() };
            let jump = cost(&model, bound + step) - cost(&model, bound);
            prop_assert!(jump >= Decimal::ZERO && jump <= dearest * step, "{jump} at {bound}");
        }
    }

    #[test]
    fn splitting_a_tier_at_the_same_price_changes_nothing(
        tiers in tiers(false), at in numbers(), quantity in numbers()
    ) {
        let cut = split(&tiers, at);
        let graduated = |tiers: &[Tier]| cost(&PriceModel::Graduated { tiers: tiers.to_vec() }, quantity);
        let volume = |tiers: &[Tier]| cost(&PriceModel::Volume { tiers: tiers.to_vec() }, quantity);
        prop_assert_eq!(graduated(&tiers), graduated(&cut));
        prop_assert_eq!(volume(&tiers), volume(&cut));
    }

    #[test]
    fn splitting_a_step_or_a_tier_with_a_flat_amount_leaves_the_tier_reached_as_it_was(
        tiers in tiers(true), at in numbers(), quantity in numbers()
    ) {
        let cut = split(&tiers, at);
        let volume = |tiers: &[Tier]| cost(&PriceModel::Volume { tiers: tiers.to_vec() }, quantity);
        let stairs = |tiers: &[Tier]| cost(&PriceModel::Stairstep { tiers: tiers.to_vec() }, quantity);
        prop_assert_eq!(volume(&tiers), volume(&cut));
        prop_assert_eq!(stairs(&tiers), stairs(&cut));
    }

    #[test]
    fn in_one_price_for_all_graduated_volume_and_per_unit_agree(
        tiers in tiers(false), unit_amount in numbers(), quantity in numbers()
    ) {
        let tiers: Vec<Tier> = tiers.into_iter().map(|tier| Tier { unit_amount, ..tier }).collect();
        let expected = unit_amount * quantity;
        prop_assert_eq!(cost(&PriceModel::PerUnit { unit_amount }, quantity), expected);
        prop_assert_eq!(cost(&PriceModel::Graduated { tiers: tiers.clone() }, quantity), expected);
        prop_assert_eq!(cost(&PriceModel::Volume { tiers }, quantity), expected);
    }

    #[test]
    fn packages_hold_the_quantity_and_one_fewer_would_not(
        size in (1..100_000_i64).prop_map(|n| Decimal::new(n, 3)), quantity in numbers()
    ) {
        let packages = rate(&PriceModel::Package { amount: Decimal::ONE, size }, quantity).unwrap().amount;
        prop_assert!(packages.fract().is_zero());
        prop_assert!(packages * size >= quantity);
        prop_assert!(packages.is_zero() || (packages - Decimal::ONE) * size < quantity);
    }

    #[test]
    fn a_line_is_its_quantity_times_its_unit_amount(
        tiers in tiers(true), amount in numbers(), quantity in numbers()
    ) {
        for model in [
            PriceModel::Flat { amount },
            PriceModel::PerUnit { unit_amount: amount },
            PriceModel::Package { amount, size: Decimal::TEN },
            PriceModel::Graduated { tiers: tiers.clone() },
            PriceModel::Volume { tiers: tiers.clone() },
            PriceModel::Stairstep { tiers },
        ] {
            let rated = rate(&model, quantity).unwrap();
            prop_assert_eq!(rated.quantity * rated.unit_amount, rated.amount, "{}", model.type_name());
        }
    }

    #[test]
    fn numbers_too_large_are_refused_and_never_panic(model in any_models(), quantity in anything()) {
        let refused = rate(&model, quantity).err();
        let is_known = matches!(refused, None | Some(MoneyError::Overflow | MoneyError::BadDenominator { .. }));
        prop_assert!(is_known, "{:?}", refused);
    }
}
