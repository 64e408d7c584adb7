//! How do the check digits of the member states fit that ask for more than weights? A function for each.
//!
//! `EL094259216`: 256·0 + 128·9 + 64·4 + 32·2 + 16·5 + 8·9 + 4·2 + 2·1 = 1634, 6 more than 148·11: the last digit is 6.

use super::checks::{
    digits, is_letter, is_weighed_twice, last, luhn, modulo_97, part, value, weigh, weighs_zero,
};
use super::persons::is_slovak_person;

/// The last two are what is missing to a multiple of 97: 01 to 97.
pub(super) fn is_belgian(number: &str) -> bool {
    value(number) % 100 == 97 - value(number) / 100 % 97
}

pub(super) fn is_cypriot(number: &str) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let odd = digits(number).step_by(2).filter_map(|digit| ODD.get(usize::try_from(digit).ok()?));
    let sum = odd.sum::<u32>() + digits(number).skip(1).step_by(2).sum::<u32>();
    !number.starts_with("12")
        && is_letter("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (sum % 26).into(), part(number, 8..9))
}

pub(super) fn is_czech_company(number: &str) -> bool {
    let check = match (11 - weigh(number, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11 {
        0 => 1,
        check => check % 10,
    };
    !number.starts_with('9') && check == last(number)
}

/// Persons without a birth number: the 6 in front is not weighed.
pub(super) fn is_czech_special(number: &str) -> bool {
    let rest = weigh(number, &[0, 8, 7, 6, 5, 4, 3, 2]) % 11;
    // 8 - (10 - rest), by 11 and then by 10, kept above zero.
    (18 - (21 - rest) % 11) % 10 == last(number)
}

pub(super) fn is_greek(number: &str) -> bool {
    weigh(number, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == last(number)
}

/// A letter says what the company is. Which of them have a check digit and which a check letter the order EHA/451/2008 leaves open.
pub(super) fn is_spanish_company(number: &str) -> bool {
    let check = (10 - luhn(&format!("{}0", part(number, 1..8)), 10)) % 10;
    let last = part(number, 8..9);
    number.starts_with(|c| "ABCDEFGHJNPQRSUVW".contains(c))
        && (last == check.to_string() || is_letter("JABCDEFGHI", check.into(), last))
}

/// A SIREN, or a number of Monaco, which begins with 000 and is not one.
fn is_siren(number: &str) -> bool {
    number.starts_with("000") || luhn(number, 10) == 0
}

pub(super) fn is_french_by_digits(number: &str) -> bool {
    let siren = part(number, 2..11);
    is_siren(siren) && (value(siren) * 100 + 12) % 97 == value(part(number, 0..2))
}

/// The newer form, of which at least one of the first two is a letter.
pub(super) fn is_french_by_letters(number: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let siren = part(number, 2..11);
    let place = |at| ALPHABET.find(part(number, at)).and_then(|place| u64::try_from(place).ok());
    let (Some(first), Some(second)) = (place(0..1), place(1..2)) else { return false };
    let check = match (first < 10, second < 10) {
        (true, true) => return false,
        (true, false) => first * 24 + second - 10,
        (false, _) => first * 34 + second - 100,
    };
    is_siren(siren) && (value(siren) + 1 + check / 11) % 11 == check % 11
}

/// A second letter counts its place in the alphabet; W counts nothing.
pub(super) fn is_irish(number: &str, letter: &str, second: &str) -> bool {
    const ALPHABET: &str = "WABCDEFGHIJKLMNOPQRSTUV";
    let Some(second) = ALPHABET.find(second).and_then(|place| u64::try_from(place).ok()) else {
        return false;
    };
    let sum = u64::from(weigh(number, &[8, 7, 6, 5, 4, 3, 2])) + 9 * second;
    is_letter(ALPHABET, sum % 23, letter)
}

/// The older form is weighed as 0, its last five digits, its first digit.
pub(super) fn is_old_irish(number: &str) -> bool {
    is_irish(&format!("0{}{}", part(number, 2..7), part(number, 0..1)), part(number, 7..8), "")
}

/// The eighth to tenth digits are the office that gave it.
pub(super) fn is_italian(number: &str) -> bool {
    let office = value(part(number, 7..10));
    value(part(number, 0..7)) > 0
        && matches!(office, 1..=100 | 120 | 121 | 888 | 999)
        && luhn(number, 10) == 0
}

pub(super) fn is_lithuanian(number: &str) -> bool {
    let weights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4];
    let length = number.len() - 1;
    is_weighed_twice(
        number,
        weights.get(..length).unwrap_or_default(),
        weights.get(2..length + 2).unwrap_or_default(),
    )
}

/// Companies by weights, since 2020 sole traders by MOD 97-10 of the whole number with NL.
pub(super) fn is_dutch(number: &str) -> bool {
    let is_zero = value(part(number, 0..9)) == 0 || value(part(number, 10..12)) == 0;
    // 10 is -1 by 11: the ninth digit is what the others come to.
    let is_company = weighs_zero(number, &[9, 8, 7, 6, 5, 4, 3, 2, 10], 11);
    !is_zero && (is_company || modulo_97(&format!("NL{number}")) == 1)
}

/// The weights stand at the right: the last digit but one always counts 2.
pub(super) fn is_romanian_company(number: &str) -> bool {
    let sum: u32 = digits(number)
        .rev()
        .skip(1)
        .zip([2, 3, 5, 7, 1, 2, 3, 5, 7])
        .map(|(digit, weight)| digit * weight)
        .sum();
    sum * 10 % 11 % 10 == last(number)
}

pub(super) fn is_slovenian(number: &str) -> bool {
    match weigh(number, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        // 11 is never given.
        0 => false,
        rest => (11 - rest) % 10 == last(number),
    }
}

/// A company's, or a person's birth number.
pub(super) fn is_slovak(number: &str) -> bool {
    let is_company = !number.starts_with('0') && part(number, 2..3).contains(['2', '3', '4', '7', '8', '9']);
    is_company && value(number).is_multiple_of(11) || is_slovak_person(number)
}
