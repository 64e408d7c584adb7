//! What does the register of test tenants say? Of a few numbers what their digits stand for, of all others nothing: `DE100000008` is valid.

use super::{Question, Registry};
use crate::domain::customers::verification::{Answer, Evidence};

/// A register without a network.
#[derive(Debug, Clone, Copy, Default)]
pub struct Simulator;

/// What is said of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Valid,
    Invalid,
    /// Never anything, for this reason.
    Nothing(&'static str),
    /// Twice that too many ask at once, from then on valid.
    ValidLater,
    /// Once valid, from then on invalid.
    InvalidLater,
}

/// Each is well-formed, in Germany and in France.
const NUMBERS: [([&str; 2], Says); 6] = [
    (["DE100000008", "FR88100000009"], Says::Valid),
    (["DE200000005", "FR37200000008"], Says::Invalid),
    (["DE300000002", "FR83300000007"], Says::Nothing("MS_UNAVAILABLE")),
    (["DE400000000", "FR32400000006"], Says::Nothing("TIMEOUT")),
    (["DE500000007", "FR78500000005"], Says::ValidLater),
    (["DE600000004", "FR27600000004"], Says::InvalidLater),
];

/// Whether it says anything of a number, if only that the register is out of reach.
#[must_use]
pub fn knows(number: &str) -> bool {
    said_of(number).is_some()
}

fn said_of(number: &str) -> Option<Says> {
    NUMBERS.iter().find(|(numbers, _)| numbers.contains(&number)).map(|(_, says)| *says)
}

impl Registry for Simulator {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn check(&self, question: Question<'_>) -> Answer {
        let Question { number, requester, earlier } = question;
        let unknown = |reason: &str| Answer::Unknown { reason: reason.to_owned() };
        let evidence = |is_valid: bool| Evidence {
            consultation: requester.map(|_| format!("SIMULATED-{number}-{}", earlier.saturating_add(1))),
            name: is_valid.then(|| "Simulated business".to_owned()),
            address: is_valid.then(|| "1 Simulated Street".to_owned()),
        };
        let valid = || Answer::Valid(evidence(true));
        let invalid = || Answer::Invalid(evidence(false));
        match said_of(number) {
            Some(Says::Valid) => valid(),
            Some(Says::Invalid) => invalid(),
            Some(Says::Nothing(reason)) => unknown(reason),
            Some(Says::ValidLater) if earlier >= 2 => valid(),
            Some(Says::ValidLater) => unknown("MS_MAX_CONCURRENT_REQ"),
            Some(Says::InvalidLater) if earlier == 0 => valid(),
            Some(Says::InvalidLater) => invalid(),
            None => unknown("the simulator knows nothing of this number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::customers::tax_numbers;

    #[test]
    fn every_number_is_well_formed_and_written_as_vies_writes_it() {
        for number in NUMBERS.iter().flat_map(|(numbers, _)| numbers) {
            let parsed = tax_numbers::parse("eu_vat", number).unwrap().unwrap();
            assert_eq!(parsed.value, *number);
        }
    }

    #[test]
    fn each_answers_as_its_digits_stand_for() {
        let said = |number: &str| {
            let answers = (0..4).map(|earlier| {
                let question = Question { number, requester: Some("FR88100000009"), earlier };
                Simulator.check(question).standing().into_str()
            });
            answers.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(said("DE100000008"), "valid valid valid valid");
        assert_eq!(said("FR37200000008"), "invalid invalid invalid invalid");
        assert_eq!(said("DE300000002"), "unknown unknown unknown unknown");
        assert_eq!(said("DE500000007"), "unknown unknown valid valid");
        assert_eq!(said("DE600000004"), "valid invalid invalid invalid");
        assert_eq!(said("DE136695976"), "unknown unknown unknown unknown");
    }
}
