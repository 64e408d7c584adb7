//! Do any two capabilities ever meet in a test? Faults sit where two of them cross: a void and a cancellation, a pause and usage. Of 55
//! capabilities that move money or time there are 1,485 pairs, and each needs a story, the random histories, or a reason why it cannot be.
//! Random histories are kept in books of another currency than they are sold in, so that all of them cross with gains and losses, too.
//! With tax, all others meet in histories of their own, which look at what is left of net and tax in the end.
//!
//! A new capability joins [`CAPABILITIES`]; then this test names the pairs that nobody has thought of yet.

mod stories;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::model::{KINDS, NEVER_TOGETHER};

use stories::STORIES;

/// Everything that moves money or time, in river order. The histories of taxed sales draw all of it.
pub const CAPABILITIES: &[&str] = &[
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
    "refund_elsewhere",
    "dispute",
    "reversal",
    "payout",
    "close",
    "fulfil",
    "contract",
    "tax",
    "inclusive",
    "tax_rate",
    "buyer_moves",
    "entity",
    "tax_number",
    "tax_provider",
];

/// What meets the others in the histories of taxed sales.
const TAXED: &[&str] =
    &["tax", "inclusive", "tax_rate", "buyer_moves", "entity", "tax_number", "tax_provider"];

/// Capabilities that cannot meet, and why.
const APART: &[(&str, &str, &str)] = &[
    ("commitment", "pay", "a payment meets an invoice, whatever its lines are"),
    ("commitment", "pay_ahead", "a payment meets an invoice, whatever its lines are"),
    ("commitment", "by_card", "a payment meets an invoice, whatever its lines are"),
    ("commitment", "apply_balance", "a balance pays an invoice, whatever its lines are"),
    ("commitment", "pay_out", "a balance is money, whatever lines it came from"),
    ("refund_elsewhere", "start", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "pause_extend", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "resume", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "cancel", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "cancel_kept", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "uncancel", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "late_usage", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "backfill", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "grant", "it meets a payment, whatever its invoice bills"),
    ("refund_elsewhere", "void", "what a payment has paid is not voided"),
    ("refund_elsewhere", "write_off", "what a payment has paid is not given up"),
    ("refund_elsewhere", "pay", "what comes outside any gateway goes back at none"),
    ("refund_elsewhere", "pay_ahead", "what comes outside any gateway goes back at none"),
    ("reversal", "start", "it meets a payment, whatever its invoice bills"),
    ("reversal", "pause_extend", "it meets a payment, whatever its invoice bills"),
    ("reversal", "resume", "it meets a payment, whatever its invoice bills"),
    ("reversal", "cancel", "it meets a payment, whatever its invoice bills"),
    ("reversal", "cancel_kept", "it meets a payment, whatever its invoice bills"),
    ("reversal", "uncancel", "it meets a payment, whatever its invoice bills"),
    ("reversal", "late_usage", "it meets a payment, whatever its invoice bills"),
    ("reversal", "backfill", "it meets a payment, whatever its invoice bills"),
    ("reversal", "grant", "it meets a payment, whatever its invoice bills"),
    ("reversal", "pay_ahead", "what comes outside any gateway is taken back by none"),
    ("reversal", "dispute", "a debit is taken back at once, and never disputed as a card is"),
    ("payout", "start", "it meets a payment, whatever its invoice bills"),
    ("payout", "pause_extend", "it meets a payment, whatever its invoice bills"),
    ("payout", "resume", "it meets a payment, whatever its invoice bills"),
    ("payout", "cancel", "it meets a payment, whatever its invoice bills"),
    ("payout", "cancel_kept", "it meets a payment, whatever its invoice bills"),
    ("payout", "uncancel", "it meets a payment, whatever its invoice bills"),
    ("payout", "late_usage", "it meets a payment, whatever its invoice bills"),
    ("payout", "backfill", "it meets a payment, whatever its invoice bills"),
    ("payout", "grant", "it meets a payment, whatever its invoice bills"),
    ("payout", "sold_credits", "it meets a payment, whatever its invoice bills"),
    ("payout", "correct", "it meets a payment, whatever its invoice bills"),
    ("payout", "apply_balance", "it meets a payment, whatever its invoice bills"),
    ("payout", "void", "what a payment has paid is not voided"),
    ("payout", "write_off", "what a payment has paid is not given up"),
    ("payout", "pay", "what comes outside any gateway is in no payout"),
    ("payout", "pay_ahead", "what comes outside any gateway is in no payout"),
    ("payout", "note", "what a note puts on a balance moves nothing at a gateway"),
    ("payout", "reversal", "what comes back of a debit comes off a payout as a dispute does"),
];

/// What meets a payment, whatever its invoice bills.
const OF_PAYMENTS: &[&str] = &["refund_elsewhere", "dispute", "reversal", "payout"];

/// What decides what an invoice bills, and nothing after it is paid.
const OF_BILLS: &[&str] = &[
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
    "usage",
    "void_usage",
    "early_usage",
    "commitment",
    "coupon",
    "draft_edit",
];

/// What decides when revenue is earned that waits: of charges made once, and of invoices that are issued.
const OF_REVENUE: &[&str] = &["fulfil", "contract"];

/// What moves nothing of a charge made once, nor what an issued invoice is worth: what recurs, what is used, and money beside any invoice.
const BESIDE_REVENUE: &[&str] = &[
    "trial",
    "terms",
    "phases",
    "next_version",
    "quantity",
    "planned",
    "replace",
    "add_on",
    "remove_add_on",
    "pause_credit",
    "pause_extend",
    "resume",
    "cancel_kept",
    "uncancel",
    "usage",
    "late_usage",
    "void_usage",
    "backfill",
    "early_usage",
    "commitment",
    "grant",
    "pay_ahead",
    "by_card",
    "apply_balance",
    "pay_out",
    "refund_elsewhere",
    "payout",
];

/// Pairs nobody has written a story for yet. The list only gets shorter: what is covered must leave it.
const OWED: &[(&str, &[&str])] = &[
    (
        "dispute",
        &["resume", "cancel", "uncancel", "late_usage", "backfill", "grant", "sold_credits", "correct"],
    ),
    ("refund_elsewhere", &["sold_credits", "correct"]),
    ("reversal", &["sold_credits", "correct"]),
    (
        "fulfil",
        &[
            "parent",
            "migrate",
            "plan",
            "backdated",
            "charge",
            "coupon",
            "sold_credits",
            "note_refund",
            "correct",
            "dispute",
            "reversal",
            "contract",
        ],
    ),
    (
        "contract",
        &[
            "parent",
            "migrate",
            "plan",
            "backdated",
            "charge",
            "cancel",
            "coupon",
            "sold_credits",
            "pay",
            "note_refund",
            "correct",
            "write_off",
            "draft_edit",
            "dispute",
            "reversal",
            "close",
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
    let taxed = [one, other].iter().any(|kind| TAXED.contains(kind));
    let billed = OF_PAYMENTS.contains(&one) && OF_BILLS.contains(&other)
        || OF_PAYMENTS.contains(&other) && OF_BILLS.contains(&one);
    let kept = OF_REVENUE.contains(&one) && BESIDE_REVENUE.contains(&other)
        || OF_REVENUE.contains(&other) && BESIDE_REVENUE.contains(&one);
    billed
        || kept
        || (drawn && !NEVER_TOGETHER.iter().any(|(a, b)| is_it(a, b)))
        || taxed
        || STORIES.iter().any(|(a, b, _)| is_it(a, b))
        || APART.iter().any(|(a, b, _)| is_it(a, b))
}

fn is_owed(one: &str, other: &str) -> bool {
    let lists =
        |a: &str, b: &str| OWED.iter().any(|(capability, others)| *capability == a && others.contains(&b));
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
