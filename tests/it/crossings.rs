//! Do any two capabilities ever meet in a test? Faults sit where two of them cross: a void and a cancellation, a pause and usage. Of 41
//! capabilities that move money or time there are 820 pairs, and each needs a story, the random histories, or a reason why it cannot be.
//!
//! A new capability joins [`CAPABILITIES`]; then this test names the pairs that nobody has thought of yet.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::model::{KINDS, NEVER_TOGETHER};

/// Everything that moves money or time, in river order.
const CAPABILITIES: &[&str] = &[
    "start",
    "trial",
    "terms",
    "phases",
    "parent",
    "next_version",
    "migrate",
    "quantity",
    "plan",
    "planned",
    "replace",
    "backdated",
    "add_on",
    "remove_add_on",
    "charge",
    "pause_credit",
    "pause_extend",
    "resume",
    "cancel",
    "cancel_kept",
    "uncancel",
    "usage",
    "late_usage",
    "void_usage",
    "backfill",
    "early_usage",
    "commitment",
    "coupon",
    "grant",
    "sold_credits",
    "pay_ahead",
    "pay",
    "by_card",
    "note",
    "note_refund",
    "correct",
    "void",
    "write_off",
    "draft_edit",
    "apply_balance",
    "pay_out",
];

/// Stories in which two capabilities that the histories do not draw together meet, by the part of the tree and the test's name.
const STORIES: &[(&str, &str, &str)] = &[
    (
        "grant",
        "sold_credits",
        "credits::prepaid::usage_draws_on_what_was_given_before_what_was_bought_and_the_base_is_paid_in_money",
    ),
    ("commitment", "start", "metered::models::a_commitment_of_the_subscription_counts_all_its_usage"),
    ("commitment", "usage", "metered::models::a_minimum_is_trued_up_and_a_maximum_is_not_exceeded"),
    (
        "commitment",
        "late_usage",
        "explain::metered::a_minimum_tells_what_counted_towards_it_and_late_usage_lowers_it",
    ),
    (
        "commitment",
        "parent",
        "accounts::pooled::the_usage_of_all_children_counts_towards_what_the_parent_committed_late_usage_too",
    ),
    (
        "commitment",
        "draft_edit",
        "accounts::pooled::late_usage_of_a_child_lowers_the_shortfall_on_the_same_draft",
    ),
    (
        "commitment",
        "void",
        "taken_back::topped_up::of_a_void_commitment_late_usage_is_charged_above_it_alone",
    ),
    (
        "commitment",
        "void_usage",
        "taken_back::topped_up::of_a_void_commitment_nothing_is_charged_when_its_usage_is_void",
    ),
    (
        "commitment",
        "note",
        "taken_back::topped_up::what_was_credited_of_usage_stays_credited_when_the_minimum_takes_its_place",
    ),
    (
        "commitment",
        "correct",
        "taken_back::topped_up::what_a_correction_took_off_usage_stays_off_when_the_minimum_takes_its_place",
    ),
    (
        "commitment",
        "write_off",
        "taken_back::topped_up::of_a_minimum_given_up_nothing_is_charged_when_its_usage_is_void_until_it_is_paid_after_all",
    ),
    (
        "commitment",
        "cancel",
        "taken_back::topped_up::usage_stays_charged_when_a_cancellation_cuts_the_commitment_whose_shortfall_was_credited",
    ),
];

/// Capabilities that cannot meet, and why.
const APART: &[(&str, &str, &str)] = &[
    ("commitment", "pay", "a payment meets an invoice, whatever its lines are"),
    ("commitment", "pay_ahead", "a payment meets an invoice, whatever its lines are"),
    ("commitment", "by_card", "a payment meets an invoice, whatever its lines are"),
    ("commitment", "apply_balance", "a balance pays an invoice, whatever its lines are"),
    ("commitment", "pay_out", "a balance is money, whatever lines it came from"),
];

/// Pairs nobody has written a story for yet. The list only gets shorter: what is covered must leave it.
const OWED: &[(&str, &[&str])] = &[
    ("phases", &["terms"]),
    ("parent", &["grant", "sold_credits"]),
    ("pause_extend", &["usage", "late_usage", "void_usage", "backfill", "early_usage"]),
    (
        "commitment",
        &[
            "trial",
            "terms",
            "phases",
            "next_version",
            "migrate",
            "quantity",
            "plan",
            "planned",
            "replace",
            "backdated",
            "add_on",
            "remove_add_on",
            "charge",
            "pause_credit",
            "pause_extend",
            "resume",
            "cancel_kept",
            "uncancel",
            "backfill",
            "early_usage",
            "coupon",
            "grant",
            "sold_credits",
            "note_refund",
        ],
    ),
];

#[test]
fn every_two_capabilities_meet_in_a_story_or_in_the_random_histories_or_have_a_reason_not_to() {
    let mut missing = Vec::new();
    for (n, one) in CAPABILITIES.iter().enumerate() {
        for other in &CAPABILITIES[n + 1..] {
            if !meet(one, other) && !is_owed(one, other) {
                missing.push(format!("{one} × {other}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "{} pairs have neither story nor reason; write a story, or let the model draw them:\n{}",
        missing.len(),
        missing.join("\n")
    );
}

#[test]
fn the_list_of_crossings_names_what_there_is() {
    let known: BTreeSet<&str> = CAPABILITIES.iter().copied().collect();
    assert_eq!(known.len(), CAPABILITIES.len(), "a capability is listed twice");
    for kind in KINDS.iter().copied() {
        assert!(known.contains(kind), "the histories draw {kind}, which is no capability");
    }
    for (one, other, story) in STORIES {
        assert!(known.contains(one) && known.contains(other), "{one} × {other} names no capability");
        assert!(is_there(story), "there is no story {story} for {one} × {other}");
    }
    for (one, other, why) in APART {
        assert!(known.contains(one) && known.contains(other), "{one} × {other} names no capability");
        assert!(why.len() > 20, "{one} × {other} needs a reason");
    }
    for (one, others) in OWED {
        for other in *others {
            assert!(known.contains(one) && known.contains(other), "{one} × {other} names no capability");
            assert!(!meet(one, other), "{one} × {other} is covered and owed no more");
        }
    }
}

/// Whether the histories draw both, or a story tells of them, or a reason says why not.
fn meet(one: &str, other: &str) -> bool {
    let is_it = |a: &str, b: &str| (a == one && b == other) || (a == other && b == one);
    let drawn = KINDS.contains(&one) && KINDS.contains(&other);
    (drawn && !NEVER_TOGETHER.iter().any(|(a, b)| is_it(a, b)))
        || STORIES.iter().any(|(a, b, _)| is_it(a, b))
        || APART.iter().any(|(a, b, _)| is_it(a, b))
}

fn is_owed(one: &str, other: &str) -> bool {
    let lists = |a: &str, b: &str| OWED.iter().any(|(of, others)| *of == a && others.contains(&b));
    lists(one, other) || lists(other, one)
}

/// Whether a test of this path is in the tree: `ends::canceled_…` is a function of `ends.rs` or of a folder `ends`.
fn is_there(story: &str) -> bool {
    let (path, name) = story.rsplit_once("::").unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios").join(path.replace("::", "/"));
    let text =
        fs::read_to_string(file.with_extension("rs")).or_else(|_| fs::read_to_string(file.join("mod.rs")));
    text.is_ok_and(|text| {
        text.contains(&format!("#[test]\nfn {name}()")) || text.contains(&format!("\"]\nfn {name}()"))
    })
}
