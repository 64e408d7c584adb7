//! How is a document numbered? By a pattern with the place of its sequence number, and perhaps of the year: `INV-{year}-{seq:6}` prints the 42nd
//! of 2026 as `INV-2026-000042`.
//!
//! What a pattern is on a day is a series, which a document keeps beside its number: `INV-2026`, and of `FT {year}/{seq}` it is `FT 2026/{seq:1}`.
//! Each series is counted from 1 by itself, so a pattern with a year begins again each year.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use strum::{EnumString, IntoStaticStr};

/// Longest pattern, in characters.
const LENGTH: usize = 40;
/// Most digits a sequence number is filled up to.
const WIDEST: usize = 12;
/// Most digits in a row of what is read back: a year and a sequence number. A thousand readings at most.
const LONGEST_RUN: usize = 16;
/// The end that a series is written without.
const PLAIN_END: &str = "-{seq:6}";

/// What is numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Kind {
    Invoice,
    CreditNote,
}

impl Kind {
    /// Every kind.
    pub const BOTH: [Kind; 2] = [Kind::Invoice, Kind::CreditNote];

    /// Where a request says its pattern.
    pub(super) fn pointer(self) -> &'static str {
        match self {
            Kind::Invoice => "/numbering/invoice",
            Kind::CreditNote => "/numbering/credit_note",
        }
    }
}

/// How documents are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

/// A piece of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Character(char),
    /// Four digits.
    Year,
    /// Two digits.
    ShortYear,
    /// At least so many digits.
    Sequence(usize),
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error(
        "a pattern has the place of the sequence number once, filled up to 1 to {WIDEST} digits, and may have {{year}} or {{yy}}: \
         such as INV-{{year}}-{{seq:6}}"
    )]
    Places,
    #[error("a pattern has 1 to {LENGTH} characters, none of them around it blank")]
    Length,
    #[error(
        "numbers are written with letters, digits and - / _ . + : # and blanks of ASCII; {character:?} is none of them"
    )]
    Character {
        /// The first that is not.
        character: char,
    },
}

impl Pattern {
    /// The text, as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The series that it is on a day.
    #[must_use]
    pub fn series(&self, day: NaiveDate) -> String {
        let mut series = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Character(character) => series.push(*character),
                Part::Year => series.push_str(&format!("{:04}", day.year())),
                Part::ShortYear => series.push_str(&format!("{:02}", day.year().rem_euclid(100))),
                Part::Sequence(width) => series.push_str(&format!("{{seq:{width}}}")),
            }
        }
        if series.ends_with(PLAIN_END) {
            series.truncate(series.len() - PLAIN_END.len());
        }
        series
    }

    /// How long a number is, as long as it has no more digits than it is filled up to.
    #[must_use]
    pub fn printed_length(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Character(_) => 1,
            Part::Year => 4,
            Part::ShortYear => 2,
            Part::Sequence(width) => *width,
        };
        self.parts.iter().map(length).sum()
    }

    /// Whether it begins again each year.
    #[must_use]
    pub fn is_yearly(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Year | Part::ShortYear))
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether some number of the one can be some number of the other, in capitals or not.
    #[must_use]
    pub fn can_meet(&self, other: &Pattern) -> bool {
        let (ours, theirs) = (self.steps(), other.steps());
        let width = theirs.len() + 1;
        let mut seen = vec![false; (ours.len() + 1) * width];
        let mut open = vec![(0, 0)];
        while let Some((i, j)) = open.pop() {
            if std::mem::replace(&mut seen[i * width + j], true) {
                continue;
            }
            let (a, b) = (ours.get(i), theirs.get(j));
            if a.is_none() && b.is_none() {
                return true;
            }
            if a == Some(&Step::Digits) {
                open.push((i + 1, j));
            }
            if b == Some(&Step::Digits) {
                open.push((i, j + 1));
            }
            if let Some((a, b)) = a.zip(b).filter(|(a, b)| a.meets(**b)) {
                open.push((i + usize::from(*a != Step::Digits), j + usize::from(*b != Step::Digits)));
            }
        }
        false
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.printed_length() + 1);
        for part in &self.parts {
            match part {
                Part::Character(character) => steps.push(Step::Is(character.to_ascii_uppercase())),
                Part::Year => steps.extend([Step::Digit; 4]),
                Part::ShortYear => steps.extend([Step::Digit; 2]),
                Part::Sequence(width) => {
                    steps.extend(vec![Step::Digit; *width]);
                    steps.push(Step::Digits);
                }
            }
        }
        steps
    }
}

/// What may stand at a place of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Is(char),
    Digit,
    /// As many as there are, or none.
    Digits,
}

impl Step {
    fn meets(self, other: Step) -> bool {
        match (self, other) {
            (Step::Is(a), Step::Is(b)) => a == b,
            (Step::Is(a), _) | (_, Step::Is(a)) => a.is_ascii_digit(),
            _ => true,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pattern {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Pattern, Malformed> {
        if text.trim() != text || !(1..=LENGTH).contains(&text.chars().count()) {
            return Err(Malformed::Length);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if character == '{' {
                let (place, after) = rest[1..].split_once('}').ok_or(Malformed::Places)?;
                parts.push(place_of(place)?);
                rest = after;
                continue;
            }
            if !character.is_ascii_alphanumeric() && !"-/_.+:# ".contains(character) {
                return Err(Malformed::Character { character });
            }
            parts.push(Part::Character(character));
            rest = &rest[1..];
        }
        let sequences = parts.iter().filter(|part| matches!(part, Part::Sequence(_))).count();
        if sequences != 1 {
            return Err(Malformed::Places);
        }
        Ok(Pattern { text: text.to_owned(), parts })
    }
}

fn place_of(place: &str) -> Result<Part, Malformed> {
    match place {
        "year" => Ok(Part::Year),
        "yy" => Ok(Part::ShortYear),
        "seq" => Ok(Part::Sequence(1)),
        _ => {
            let width =
                place.strip_prefix("seq:").and_then(|text| (1..=WIDEST).find(|n| n.to_string() == text));
            width.map(Part::Sequence).ok_or(Malformed::Places)
        }
    }
}

/// A number of a series, as it is printed.
#[must_use]
pub fn printed(series: &str, number: i64) -> String {
    let parts = series.split_once("{seq:").and_then(|(before, rest)| {
        let (width, after) = rest.split_once('}')?;
        Some((before, width.parse::<usize>().ok()?, after))
    });
    match parts {
        Some((before, width, after)) => format!("{before}{number:0width$}{after}"),
        None => format!("{series}-{number:06}"),
    }
}

/// The series and sequence numbers that a text can be, printed: `INV-000042` is the 42nd of `INV`, and of a few others that hardly anyone has.
#[must_use]
pub fn readings(text: &str) -> Vec<(String, i64)> {
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    if text.len() > LENGTH + WIDEST || longest > LONGEST_RUN {
        return Vec::new();
    }
    let mut found: Vec<(String, i64)> = Vec::new();
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    for start in (0..text.len()).filter(|at| digit(*at)) {
        let ends = (start + 1..=text.len()).take_while(|end| digit(end - 1));
        for end in ends {
            let (Some(before), Some(digits), Some(after)) =
                (text.get(..start), text.get(start..end), text.get(end..))
            else {
                continue;
            };
            let Ok(number) = digits.parse::<i64>() else { continue };
            let mut series: Vec<String> = (1..=WIDEST.min(digits.len()))
                .map(|width| format!("{before}{{seq:{width}}}{after}"))
                .collect();
            series.extend(before.strip_suffix('-').filter(|_| after.is_empty()).map(str::to_owned));
            found.extend(series.into_iter().map(|series| (series, number)));
        }
    }
    found.retain(|(series, number)| *number > 0 && printed(series, *number) == text);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    fn first(text: &str, day: &str) -> (String, String) {
        let series = pattern(text).series(day.parse().unwrap());
        let number = printed(&series, 42);
        (series, number)
    }

    #[test]
    fn a_number_is_printed_by_its_pattern_and_the_year() {
        let two = |series: &str, number: &str| (series.to_owned(), number.to_owned());
        assert_eq!(first("INV-{seq:6}", "2026-12-31"), two("INV", "INV-000042"));
        assert_eq!(first("INV-{year}-{seq:6}", "2026-12-31"), two("INV-2026", "INV-2026-000042"));
        assert_eq!(first("FT A{yy}/{seq}", "2027-01-01"), two("FT A27/{seq:1}", "FT A27/42"));
        assert_eq!(first("{seq:3}/P1/1/{year}", "2027-01-01"), two("{seq:3}/P1/1/2027", "042/P1/1/2027"));
        assert_eq!(printed("A{seq:2}", 1234), "A1234");
    }

    #[test]
    fn a_pattern_has_one_sequence_and_plain_characters() {
        let error = |text: &str| text.parse::<Pattern>().unwrap_err();
        for text in ["INV", "{seq}{seq}", "{seq:0}", "{seq:13}", "{seq:06}", "{month}-{seq}", "INV-{seq"] {
            assert_eq!(error(text), Malformed::Places, "{text}");
        }
        for text in ["", " INV-{seq}", &"x".repeat(41)] {
            assert_eq!(error(text), Malformed::Length, "{text}");
        }
        assert_eq!(error("FÄ-{seq}"), Malformed::Character { character: 'Ä' });
        assert_eq!(error("INV}-{seq}"), Malformed::Character { character: '}' });
    }

    #[test]
    fn patterns_meet_when_they_can_print_the_same_number() {
        for (a, b) in [
            ("INV-{seq:6}", "INV-{year}{seq:4}"),
            ("inv-{seq:6}", "INV-{seq:3}"),
            ("A1{seq}", "A{seq:3}"),
            ("{yy}{seq:2}", "{seq}"),
        ] {
            assert!(pattern(a).can_meet(&pattern(b)), "{a} {b}");
            assert!(pattern(b).can_meet(&pattern(a)), "{b} {a}");
        }
        for (a, b) in [
            ("INV-{seq:6}", "INV-{year}-{seq:6}"),
            ("INV-{seq:6}", "CN-{seq:6}"),
            ("INV-{seq:6}", "INV-DE-{seq:6}"),
            ("FR1-{seq}", "FR2-{seq}"),
            ("A{seq:4}B", "A{seq:4}"),
        ] {
            assert!(!pattern(a).can_meet(&pattern(b)), "{a} {b}");
        }
    }

    #[test]
    fn a_printed_number_is_read_back_as_what_it_may_be() {
        let has = |text: &str, series: &str, number| readings(text).contains(&(series.to_owned(), number));
        assert!(has("INV-000042", "INV", 42));
        assert!(has("INV-2026-000042", "INV-2026", 42));
        assert!(has("FT 2026/7", "FT 2026/{seq:1}", 7));
        assert!(has("0042/26", "{seq:4}/26", 42));
        assert!(has("INV-1234567", "INV", 1_234_567));
        assert!(!has("INV-42", "INV", 42));
        assert!(readings("Ada").is_empty() && readings("").is_empty());
        assert!(readings(&"1".repeat(16)).len() < 1000 && readings(&"1".repeat(17)).is_empty());
        for (series, number) in readings("R7-19/003") {
            assert_eq!(printed(&series, number), "R7-19/003");
        }
    }
}
