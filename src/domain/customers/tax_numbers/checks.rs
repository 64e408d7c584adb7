//! Do the check digits of a number fit? The sums that the rules of several countries share.
//!
//! Luhn of 00743110157, an Italian number: from the right every second digit counts twice, a 10 as 1 + 0; together 30, a multiple of 10.

/// The digits of a number, from the left; its letters are passed over.
pub(super) fn digits(number: &str) -> impl DoubleEndedIterator<Item = u32> {
    number.chars().filter_map(|c| c.to_digit(10))
}

/// The sum of the digits, each times its weight; digits beyond the weights do not count.
pub(super) fn weigh(number: &str, weights: &[u32]) -> u32 {
    digits(number).zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Whether that sum, its check digit in it, is a multiple of a number.
pub(super) fn weighs_zero(number: &str, weights: &[u32], modulus: u32) -> bool {
    weigh(number, weights).is_multiple_of(modulus)
}

/// The last digit.
pub(super) fn last(number: &str) -> u32 {
    digits(number).next_back().unwrap_or_default()
}

/// What the digits say as a number; at most 18 of them.
pub(super) fn value(number: &str) -> u64 {
    digits(number).fold(0, |value, digit| value.wrapping_mul(10).wrapping_add(digit.into()))
}

/// A stretch of a number; what is beyond its end is empty.
pub(super) fn part(number: &str, places: std::ops::Range<usize>) -> &str {
    number.get(places).unwrap_or_default()
}

/// The remainder of the sum of Luhn: 0 where the check digit fits. In base 36 the letters count on from 10.
pub(super) fn luhn(number: &str, base: u32) -> u32 {
    let digits = number.chars().rev().filter_map(|c| c.to_digit(base));
    let sum: u32 = digits
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, times)| digit * times / base + digit * times % base)
        .sum();
    sum % base
}

/// ISO 7064 MOD 11,10.
pub(super) fn is_mod_11_10(number: &str) -> bool {
    digits(number).fold(5, |check, digit| {
        let doubled = match check {
            0 => 20,
            check => check * 2,
        };
        (doubled % 11 + digit) % 10
    }) == 1
}

/// The remainder by 97 of a number whose letters are written as 10 to 35, as in ISO 7064 MOD 97-10.
pub(super) fn modulo_97(number: &str) -> u32 {
    let values = number.chars().filter_map(|c| c.to_digit(36));
    values.fold(0, |rest, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (rest * shift + value) % 97
    })
}

/// Whether the last digit is the sum by 11, where a remainder of 10 is weighed again and a second 10 counts as 0: Bulgaria, Lithuania.
pub(super) fn is_weighed_twice(number: &str, first: &[u32], second: &[u32]) -> bool {
    let check = match weigh(number, first) % 11 {
        10 => weigh(number, second) % 11 % 10,
        check => check,
    };
    check == last(number)
}

/// Whether a number carries a letter of an alphabet in the place that a remainder says.
pub(super) fn is_letter(alphabet: &str, place: u64, letter: &str) -> bool {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    place.checked_add(1).and_then(|end| alphabet.get(place..end)) == Some(letter)
}
