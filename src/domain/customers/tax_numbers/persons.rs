//! Is a number that of a natural person? Several states take the personal number, with the date of birth in it, as the VAT number.
//!
//! `CZ7103192745`: born on 19 March 1971; 710319274 leaves 5 by 11, which is the last digit.

use chrono::NaiveDate;

use super::checks::{digits, is_letter, last, part, value, weigh};

/// Whether there is such a day; the year, the month and the day as digits.
fn is_day(year: u64, month: u64, day: u64) -> bool {
    let date = |year, month, day| {
        NaiveDate::from_ymd_opt(
            i32::try_from(year).ok()?,
            u32::try_from(month).ok()?,
            u32::try_from(day).ok()?,
        )
    };
    date(year, month, day).is_some()
}

/// A citizen's (EGN), a foreigner's (LNC) or another person's.
pub(super) fn is_bulgarian_person(number: &str) -> bool {
    let is_foreign = weigh(number, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == last(number);
    let is_other = (11 - weigh(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == last(number);
    is_foreign || is_other || is_bulgarian_citizen(number)
}

/// The month is counted up by 20 before 1900 and by 40 from 2000.
fn is_bulgarian_citizen(number: &str) -> bool {
    let (year, day) = (value(part(number, 0..2)), value(part(number, 4..6)));
    let is_born = match value(part(number, 2..4)) {
        month @ 41.. => is_day(2000 + year, month - 40, day),
        month @ 21.. => is_day(1800 + year, month - 20, day),
        month => is_day(1900 + year, month, day),
    };
    is_born && weigh(number, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == last(number)
}

/// A birth number, act 133/2000 § 13: of ten digits from 1954, of nine without a check digit before. The month is counted up by 50 for women,
/// and by 20 more where a day's numbers have run out.
pub(super) fn is_czech_person(number: &str) -> bool {
    let (year, day) = (value(part(number, 0..2)), value(part(number, 4..6)));
    let year = match (number.len(), year) {
        (9, 0..=53) => 1900 + year,
        (9, 54..=79) => return false,
        (9, _) => 1800 + year,
        (_, 0..=53) => 2000 + year,
        _ => 1900 + year,
    };
    let month = match value(part(number, 2..4)) {
        month @ 71.. => month - 70,
        month @ 51.. => month - 50,
        month @ 21.. => month - 20,
        month => month,
    };
    // Until 1985 a remainder of 10 was given as 0.
    let fits = number.len() == 9 || value(part(number, 0..9)) % 11 % 10 == u64::from(last(number));
    fits && is_day(year, month, day)
}

/// The same birth number as the Czech; of nine digits it is no VAT number.
pub(super) fn is_slovak_person(number: &str) -> bool {
    number.len() == 10 && is_czech_person(number)
}

/// A personal code: since July 2017 it begins with 32, before with the day of birth, and the seventh digit is the century.
pub(super) fn is_latvian_person(number: &str) -> bool {
    let year = 1800 + value(part(number, 6..7)) * 100 + value(part(number, 4..6));
    let is_born =
        number.starts_with("32") || is_day(year, value(part(number, 2..4)), value(part(number, 0..2)));
    is_born && (weigh(number, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]) + 1) % 11 % 10 == last(number)
}

/// A personal numeric code (CNP): sex and century, day of birth, county, serial number.
pub(super) fn is_romanian_person(number: &str) -> bool {
    let century = match value(part(number, 0..1)) {
        3 | 4 => 1800,
        5 | 6 => 2000,
        _ => 1900,
    };
    let year = century + value(part(number, 1..3));
    let is_born = is_day(year, value(part(number, 3..5)), value(part(number, 5..7)));
    let is_county = matches!(value(part(number, 7..9)), 1..=48 | 51 | 52 | 70 | 80..=83);
    let check = match weigh(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
        10 => 1,
        check => check,
    };
    is_born && is_county && check == last(number)
}

/// A Spaniard's number, or a foreigner's with X, Y or Z for 0, 1 or 2 in front; K, L and M count nothing.
pub(super) fn spanish_letter(number: &str) -> bool {
    let first = match part(number, 0..1) {
        "Y" => 10_000_000,
        "Z" => 20_000_000,
        _ => 0,
    };
    let letter = number.get(number.len() - 1..).unwrap_or_default();
    is_letter("TRWAGMYFPDXBNJZSQVHLCKE", (first + value(number)) % 23, letter) && digits(number).count() >= 7
}
