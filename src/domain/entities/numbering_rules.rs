//! What does a country's law say of the numbers of documents? How long they are, with which characters, in which shape; each rule names its source.
//!
//! India takes sixteen characters, letters, digits, - and /: `INV/26-27/{seq:4}` fits, `INVOICE-2026-27/{seq:6}` does not.

use super::series::{Kind, Malformed, Part, Pattern};

/// What one country asks of numbers.
#[derive(Debug)]
struct Rule {
    country: &'static str,
    longest: usize,
    /// Beside letters and digits; `None`: any.
    marks: Option<&'static str>,
    shape: Shape,
    /// Patterns that fit, of invoices and of credit notes.
    examples: [&'static str; 2],
    source: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Any,
    /// A code of the kind of document, a blank, the series, a slash, the sequence.
    Portuguese,
    /// The sequence, the premises, the device, and the year, in which it begins again.
    Croatian,
}

const RULES: [Rule; 5] = [
    Rule {
        country: "FR",
        longest: 35,
        marks: Some("-/_+"),
        shape: Shape::Any,
        examples: ["INV-FR-{seq:6}", "CN-FR-{seq:6}"],
        source: "the external specifications of the French reform of e-invoicing, BT-1",
    },
    Rule {
        country: "HR",
        longest: 40,
        marks: Some("-/"),
        shape: Shape::Croatian,
        examples: ["{seq}/INV/1/{year}", "{seq}/CN/1/{year}"],
        source: "the Croatian fiscalisation act: number, premises and device, from 1 in each year",
    },
    Rule {
        country: "IN",
        longest: 16,
        marks: Some("-/"),
        shape: Shape::Any,
        examples: ["INV-IN-{seq:6}", "CN-IN-{seq:6}"],
        source: "rule 46(b) of the Indian Central Goods and Services Tax Rules, 2017",
    },
    Rule {
        country: "IT",
        longest: 20,
        marks: None,
        shape: Shape::Any,
        examples: ["INV-IT-{seq:6}", "CN-IT-{seq:6}"],
        source: "the Italian FatturaPA, 2.1.1.4 Numero",
    },
    Rule {
        country: "PT",
        longest: 60,
        marks: None,
        shape: Shape::Portuguese,
        examples: ["FT INV/{seq}", "NC CN/{seq}"],
        source: "the Portuguese SAF-T, Portaria 302/2016, InvoiceNo",
    },
];

/// Why a country does not take a pattern; `None`: it does, or nothing is known of it.
#[must_use]
pub fn refusal(country: &str, pattern: &Pattern, kind: Kind) -> Option<String> {
    let rule = RULES.iter().find(|rule| rule.country == country)?;
    let broken = rule.broken(pattern)?;
    let [invoice, credit_note] = rule.examples;
    let example = if kind == Kind::Invoice { invoice } else { credit_note };
    Some(format!("{broken}, says {}: such as {example}", rule.source))
}

/// How an entity's documents are numbered when it does not say.
///
/// # Errors
/// The country is none.
pub fn usual(country: &str, kind: Kind) -> Result<Pattern, Malformed> {
    let is_invoice = kind == Kind::Invoice;
    let Some(rule) = RULES.iter().find(|rule| rule.country == country) else {
        let beginning = if is_invoice { "INV" } else { "CN" };
        return format!("{beginning}-{country}-{{seq:6}}").parse();
    };
    let [invoice, credit_note] = rule.examples;
    if is_invoice { invoice.parse() } else { credit_note.parse() }
}

impl Rule {
    fn broken(&self, pattern: &Pattern) -> Option<String> {
        let length = pattern.printed_length();
        if length > self.longest {
            return Some(format!("a number has at most {} characters, and this one {length}", self.longest));
        }
        let is_strange = |part: &&Part| match (part, self.marks) {
            (Part::Character(character), Some(marks)) => {
                !character.is_ascii_alphanumeric() && !marks.contains(*character)
            }
            _ => false,
        };
        if pattern.parts().iter().any(|part| is_strange(&part)) {
            let marks = self.marks.unwrap_or_default();
            return Some(format!("a number has letters, digits and {marks} alone"));
        }
        match self.shape {
            Shape::Any => None,
            Shape::Portuguese => (!is_portuguese(pattern.parts())).then(|| {
                "a number is the kind of document, a blank, the series, a slash and the sequence".to_owned()
            }),
            Shape::Croatian => (!is_croatian(pattern)).then(|| {
                "a number is the sequence, the premises and the device, and the year in which it begins again"
                    .to_owned()
            }),
        }
    }
}

/// `[^ ]+ [^/ ]+/[0-9]+`
fn is_portuguese(parts: &[Part]) -> bool {
    let [before @ .., Part::Character('/'), Part::Sequence(_)] = parts else { return false };
    let Some(blank) = before.iter().position(|part| *part == Part::Character(' ')) else { return false };
    let series = &before[blank + 1..];
    let plain = |part: &Part| !matches!(part, Part::Character(' ' | '/'));
    blank > 0 && !series.is_empty() && series.iter().all(plain)
}

fn is_croatian(pattern: &Pattern) -> bool {
    let parts = pattern.parts();
    let is_mark = |part: &Part| matches!(part, Part::Character('/' | '-'));
    let groups: Vec<&[Part]> = parts.split(is_mark).collect();
    let filled = groups.iter().all(|group| !group.is_empty());
    pattern.is_yearly()
        && groups.len() == 4
        && filled
        && matches!(groups[0], [Part::Sequence(_)])
        && matches!(groups[3], [Part::Year | Part::ShortYear])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(country: &str, text: &str) -> bool {
        refusal(country, &text.parse().unwrap(), Kind::Invoice).is_none()
    }

    #[test]
    fn each_country_takes_its_own_examples() {
        for rule in RULES {
            for (example, kind) in rule.examples.into_iter().zip([Kind::Invoice, Kind::CreditNote]) {
                let pattern: Pattern = example.parse().unwrap();
                assert_eq!(refusal(rule.country, &pattern, kind), None);
                assert_eq!(usual(rule.country, kind).unwrap(), pattern);
            }
        }
        assert_eq!(usual("DE", Kind::CreditNote).unwrap().text(), "CN-DE-{seq:6}");
    }

    #[test]
    fn india_takes_sixteen_characters() {
        assert!(takes("IN", "INV/26-27/{seq:4}"));
        assert!(takes("IN", "ABCDEFGHIJ{seq:6}"));
        assert!(!takes("IN", "ABCDEFGHIJK{seq:6}"));
        assert!(!takes("IN", "INV_{seq:6}"));
    }

    #[test]
    fn portugal_takes_a_kind_a_series_and_a_sequence() {
        assert!(takes("PT", "FT A{year}/{seq}"));
        for text in ["INV-{seq:6}", "FT /{seq}", "FT A B/{seq}", "FT A/B/{seq}", "FT A/{seq}X"] {
            assert!(!takes("PT", text), "{text}");
        }
    }

    #[test]
    fn croatia_takes_a_sequence_that_begins_again_each_year() {
        assert!(takes("HR", "{seq}-P1-1-{yy}"));
        for text in ["{seq}/P1/1", "P1/1/{seq}/{year}", "{seq}//1/{year}", "INV-{seq:6}"] {
            assert!(!takes("HR", text), "{text}");
        }
    }

    #[test]
    fn a_refusal_names_its_source_and_an_example() {
        let pattern = "INVOICES.OF.THE.HOUSE-{seq:6}".parse().unwrap();
        let said = refusal("IT", &pattern, Kind::Invoice).unwrap();
        assert_eq!(
            said,
            "a number has at most 20 characters, and this one 28, says the Italian FatturaPA, 2.1.1.4 Numero: such as INV-IT-{seq:6}"
        );
        assert!(takes("US", "INVOICES.OF.THE.HOUSE-{seq:6}"));
    }
}
