//! What does a number look like? Pictures of its characters.
//!
//! `U########` is a U and eight digits: `U12345678` fits, `U1234567` and `U1234567A` do not.

/// Whether a number has the shape of a picture: `#` is a digit, `%` a digit but 0, `@` a letter, `?` a letter or a digit, `~` at the end any
/// digits or none; another character is itself.
pub(super) fn fits(picture: &str, number: &str) -> bool {
    let (picture, open) = match picture.strip_suffix('~') {
        Some(fixed) => (fixed, true),
        None => (picture, false),
    };
    let rest = number.get(picture.len()..);
    let is_long_enough =
        rest.is_some_and(|rest| rest.is_empty() || open && rest.bytes().all(|b| b.is_ascii_digit()));
    is_long_enough && picture.bytes().zip(number.bytes()).all(|(place, byte)| stands(place, byte))
}

fn stands(place: u8, byte: u8) -> bool {
    match place {
        b'#' => byte.is_ascii_digit(),
        b'%' => matches!(byte, b'1'..=b'9'),
        b'@' => byte.is_ascii_uppercase(),
        b'?' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        other => byte == other,
    }
}

/// A number as it was typed, without what people put between its characters, in upper case. The `+` and `*` of old Irish numbers stay.
pub(super) fn normalised(value: &str) -> String {
    value.chars().filter(|&c| !is_between(c)).map(|c| c.to_ascii_uppercase()).collect()
}

fn is_between(c: char) -> bool {
    // U+2010 to U+2015 are the dashes, U+2212 is the minus, U+200B and U+FEFF are blanks without width.
    c.is_whitespace()
        || matches!(
            c,
            '.' | ',' | '-' | '/' | ':' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}'
        )
}
