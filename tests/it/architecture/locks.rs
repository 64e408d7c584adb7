//! Where are rows of customers locked? In one file, so that they are always locked in one order, and whoever writes asks for its witness.

use super::source::{Breach, Source};

const THE_FILE: &str = "src/storage/customers/locks.rs";

/// How a statement names the table.
const TABLE: [&str; 2] = ["customers::table", "FROM customers"];
/// How it locks.
const LOCKS: [&str; 6] =
    [".for_no_key_update(", ".for_update(", ".for_share(", "FOR NO KEY UPDATE", "FOR UPDATE", "FOR SHARE"];

/// Statements that lock customers elsewhere.
pub fn elsewhere(source: &Source) -> Vec<Breach> {
    if source.path == THE_FILE {
        return Vec::new();
    }
    let mut line = 1;
    let mut breaches = Vec::new();
    for statement in source.text.split_inclusive(';') {
        let has = |words: &[&str]| words.iter().any(|word| statement.contains(word));
        if has(&TABLE) && has(&LOCKS) {
            breaches.push(source.breach(line, format!("customers are locked by {THE_FILE} alone")));
        }
        line += statement.matches('\n').count();
    }
    breaches
}
