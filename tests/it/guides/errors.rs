//! Does `docs/errors.md` explain every code a problem can have, with the status it comes with?

use std::collections::{BTreeMap, BTreeSet};

use super::{codes, text_of};
use crate::architecture::source;

/// The codes that the guide explains, each with the statuses beside it.
fn explained() -> BTreeMap<String, Vec<u16>> {
    let mut explained = BTreeMap::new();
    for row in text_of("docs/errors.md").lines().filter(|line| line.starts_with("| `")) {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (code, status) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let statuses: Vec<u16> =
            status.split(", ").map(|s| s.parse().unwrap_or_else(|_| panic!("no status in: {row}"))).collect();
        let before = explained.insert(code.trim_matches('`').to_owned(), statuses);
        assert!(before.is_none(), "{code} is explained twice");
        assert!(cells.next().is_some_and(|what| !what.is_empty()), "nothing is said of {code}");
    }
    explained
}

#[test]
fn every_code_of_a_problem_is_explained() {
    let (given, explained) = (codes::in_the_source(), explained());
    let missing: Vec<String> = given
        .iter()
        .filter(|(code, _)| !explained.contains_key(*code))
        .map(|(code, file)| format!("{code} ({file})"))
        .collect();
    let never_given: Vec<&String> = explained.keys().filter(|code| !given.contains_key(*code)).collect();
    assert!(
        missing.is_empty() && never_given.is_empty(),
        "docs/errors.md explains nothing of\n{}\nand these that nobody gives: {never_given:?}",
        missing.join("\n")
    );
}

#[test]
fn a_code_comes_with_the_documented_status() {
    let explained = explained();
    let mut seen = BTreeSet::new();
    for source in source::all().iter().filter(|s| s.path.starts_with("tests/")) {
        for call in source.text.split("is_problem(").skip(1) {
            let arguments: String = call.split(')').next().unwrap_or_default().split_whitespace().collect();
            let Some((status, code)) = arguments.split_once(",\"") else { continue };
            let Ok(status) = status.parse::<u16>() else { continue };
            let code = code.split('"').next().unwrap_or_default();
            let Some(documented) = explained.get(code) else { continue };
            assert!(
                documented.contains(&status),
                "{}: {code} came with {status}, and docs/errors.md tells {documented:?}",
                source.path
            );
            seen.insert(code.to_owned());
        }
    }
    assert!(seen.len() > 80, "only {} codes are seen in the tests", seen.len());
}
