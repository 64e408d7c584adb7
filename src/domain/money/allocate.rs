//! How is an amount split in proportion, to the cent? By largest remainder, so that the parts are the whole.
//!
//! 15,000.00 over 12,000 : 3,000 : 2,400 gives 10,344.83 + 2,586.21 + 2,068.96; each rounded alone would give 15,000.01.

use super::{Money, MoneyError, rounding};
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// The widest sum of weights for which [`exact_share`] cannot overflow: it needs three times as much.
const MAX_WEIGHT_SUM: u128 = 1 << 126;

/// Splits `total` in proportion to `weights`, in their order; the parts add up to `total` exactly.
///
/// Each part is its exact share rounded down or up. Minor units left over after rounding down go one each to the
/// largest fractions, the earlier of equals first. A negative total mirrors the positive one. A weight of zero gets
/// nothing. A total of zero splits into zeros, whatever the weights.
///
/// # Errors
/// [`MoneyError::NothingToSpreadOver`] when there is no weight above zero; [`MoneyError::NegativeWeight`];
/// [`MoneyError::WeightsOutOfRange`] when the weights have no exact common scale in 126 bits.
pub fn allocate(total: Money, weights: &[Decimal]) -> Result<Vec<Money>, MoneyError> {
    let weights = whole_weights(weights)?;
    if total.is_zero() {
        return Ok(vec![total; weights.len()]);
    }
    let sum = weights.iter().try_fold(0_u128, |sum, weight| sum.checked_add(*weight));
    let sum = sum.filter(|sum| *sum <= MAX_WEIGHT_SUM).ok_or(MoneyError::WeightsOutOfRange)?;
    if sum == 0 {
        return Err(MoneyError::NothingToSpreadOver { total });
    }
    let units = spread(total.minor().unsigned_abs(), &weights, sum).ok_or(MoneyError::WeightsOutOfRange)?;
    let sign = i128::from(total.minor().signum());
    units.into_iter().map(|part| Money::from_wide_minor(sign * i128::from(part), total.currency())).collect()
}

/// The largest-remainder method on unsigned integers. `sum` is the sum of `weights`, above zero; none when a weight is above it.
fn spread(total: u64, weights: &[u128], sum: u128) -> Option<Vec<u64>> {
    let shares = weights.iter().map(|weight| exact_share(total, *weight, sum));
    let (mut parts, remainders) = shares.collect::<Option<(Vec<u64>, Vec<u128>)>>()?;
    // The fractions add up to the units left, each below one: so the units left are fewer than the parts with a
    // fraction, and none can reach a weight of zero.
    let left = total - parts.iter().sum::<u64>();
    let mut order: Vec<(&mut u64, u128)> = parts.iter_mut().zip(remainders).collect();
    order.sort_by_key(|(_, remainder)| Reverse(*remainder)); // stable: the earlier of equals first
    for ((part, _), _) in order.into_iter().zip(0..left) {
        *part += 1;
    }
    Some(parts)
}

/// `total × weight ÷ sum` as (quotient, remainder), exact although the product may need 190 bits. The quotient never exceeds the 64-bit
/// total, because a weight never exceeds the sum of the weights.
fn exact_share(total: u64, weight: u128, sum: u128) -> Option<(u64, u128)> {
    if let Some(product) = u128::from(total).checked_mul(weight) {
        return Some((u64::try_from(product / sum).ok()?, product % sum));
    }
    // Long division bit by bit: the carried remainder stays below 2 × sum + weight.
    let (mut share, mut remainder) = (0_u128, 0_u128);
    for bit in (0..u64::BITS).rev() {
        let carried = 2 * remainder + if total >> bit & 1 == 1 { weight } else { 0 };
        share = 2 * share + carried / sum;
        remainder = carried % sum;
    }
    Some((u64::try_from(share).ok()?, remainder))
}

/// The weights multiplied by one common power of ten, so that all are integers.
fn whole_weights(weights: &[Decimal]) -> Result<Vec<u128>, MoneyError> {
    if let Some(weight) = weights.iter().find(|weight| weight.is_sign_negative() && !weight.is_zero()) {
        return Err(MoneyError::NegativeWeight { weight: *weight });
    }
    let exact: Vec<Decimal> = weights.iter().map(Decimal::normalize).collect();
    let scale = exact.iter().map(Decimal::scale).max().unwrap_or_default();
    let whole = |weight: &Decimal| {
        let factor = rounding::power_of_ten(scale - weight.scale())?;
        weight.mantissa().checked_mul(factor).map(i128::unsigned_abs)
    };
    exact.iter().map(whole).collect::<Option<Vec<u128>>>().ok_or(MoneyError::WeightsOutOfRange)
}
