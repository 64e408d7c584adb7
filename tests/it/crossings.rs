//! Do any two capabilities ever meet in a test? Faults sit where two of them cross: a void and a cancellation, a pause and usage. Of 49
//! capabilities that move money or time there are 1,176 pairs, and each needs a story, the random histories, or a reason why it cannot be.
//! Random histories are kept in books of another currency than they are sold in, so that all of them cross with gains and losses, too.
//! With tax, all others meet in histories of their own, which look at what is left of net and tax in the end.
//!
//! A new capability joins [`CAPABILITIES`]; then this test names the pairs that nobody has thought of yet.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::model::{KINDS, NEVER_TOGETHER};

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
    "close",
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

/// Stories in which two capabilities that the histories do not draw together meet, by the part of the tree and the test's name.
const STORIES: &[(&str, &str, &str)] = &[
    (
        "grant",
        "sold_credits",
        "credits::prepaid::usage_draws_on_what_was_given_before_what_was_bought_and_the_base_is_paid_in_money",
    ),
    ("commitment", "start", "usage::metered::models::a_commitment_of_the_subscription_counts_all_its_usage"),
    ("commitment", "usage", "usage::metered::models::a_minimum_is_trued_up_and_a_maximum_is_not_exceeded"),
    (
        "commitment",
        "late_usage",
        "billing::explain::metered::a_minimum_tells_what_counted_towards_it_and_late_usage_lowers_it",
    ),
    (
        "commitment",
        "parent",
        "customers::accounts::pooled::the_usage_of_all_children_counts_towards_what_the_parent_committed_late_usage_too",
    ),
    (
        "commitment",
        "draft_edit",
        "customers::accounts::pooled::late_usage_of_a_child_lowers_the_shortfall_on_the_same_draft",
    ),
    (
        "commitment",
        "void",
        "billing::taken_back::topped_up::of_a_void_commitment_late_usage_is_charged_above_it_alone",
    ),
    (
        "commitment",
        "void_usage",
        "billing::taken_back::topped_up::of_a_void_commitment_nothing_is_charged_when_its_usage_is_void",
    ),
    (
        "commitment",
        "note",
        "billing::taken_back::topped_up::what_was_credited_of_usage_stays_credited_when_the_minimum_takes_its_place",
    ),
    (
        "commitment",
        "correct",
        "billing::taken_back::topped_up::what_a_correction_took_off_usage_stays_off_when_the_minimum_takes_its_place",
    ),
    (
        "commitment",
        "write_off",
        "billing::taken_back::topped_up::of_a_minimum_given_up_nothing_is_charged_when_its_usage_is_void_until_it_is_paid_after_all",
    ),
    (
        "commitment",
        "cancel",
        "billing::taken_back::topped_up::usage_stays_charged_when_a_cancellation_cuts_the_commitment_whose_shortfall_was_credited",
    ),
    (
        "phases",
        "terms",
        "subscriptions::ramps::what_remains_of_a_term_is_priced_by_the_phases_that_were_to_come",
    ),
    (
        "parent",
        "grant",
        "customers::accounts::credits::credits_given_to_the_one_that_pays_pay_for_all_its_children_and_a_childs_own_once_it_pays_itself",
    ),
    (
        "parent",
        "sold_credits",
        "customers::accounts::credits::credits_sold_to_the_one_that_pays_are_its_debt_once_and_are_used_by_all_its_children",
    ),
    (
        "pause_extend",
        "usage",
        "usage::metered::breaks::what_is_used_before_and_after_the_break_is_one_quantity_and_what_is_used_in_it_none",
    ),
    (
        "pause_extend",
        "late_usage",
        "usage::metered::breaks::usage_recorded_late_of_the_days_around_the_break_is_charged_and_of_the_break_is_not",
    ),
    (
        "pause_extend",
        "void_usage",
        "usage::metered::breaks::an_event_that_is_void_is_given_back_unless_it_was_of_the_break",
    ),
    (
        "pause_extend",
        "backfill",
        "usage::metered::breaks::a_range_that_is_replaced_counts_as_far_as_it_lies_outside_the_break",
    ),
    (
        "pause_extend",
        "early_usage",
        "usage::metered::breaks::usage_is_invoiced_early_before_and_after_the_break_and_none_of_the_break",
    ),
    (
        "commitment",
        "trial",
        "billing::commitments::beginnings::what_is_used_in_a_trial_is_free_and_counts_towards_nothing",
    ),
    (
        "commitment",
        "terms",
        "billing::commitments::beginnings::who_leaves_before_the_term_ends_owes_the_commitment_so_far_and_a_fee_that_is_of_fixed_prices_alone",
    ),
    (
        "commitment",
        "phases",
        "billing::commitments::beginnings::a_ramp_commits_to_more_by_the_phase_and_a_phase_within_a_month_to_its_days",
    ),
    (
        "commitment",
        "next_version",
        "billing::commitments::beginnings::a_new_version_commits_those_who_start_with_it_and_a_migration_the_others_from_their_next_period_on",
    ),
    (
        "commitment",
        "migrate",
        "billing::commitments::beginnings::a_migration_within_a_month_commits_to_each_version_for_its_days",
    ),
    (
        "commitment",
        "quantity",
        "billing::commitments::changes::more_seats_count_for_their_days_and_a_quantity_multiplies_no_commitment",
    ),
    (
        "commitment",
        "plan",
        "billing::commitments::changes::a_plan_that_commits_to_more_has_a_commitment_of_its_own_and_one_that_commits_to_the_same_goes_on_with_it",
    ),
    (
        "commitment",
        "planned",
        "billing::commitments::changes::a_change_planned_ahead_commits_to_each_plan_for_its_days_of_february",
    ),
    (
        "commitment",
        "replace",
        "billing::commitments::changes::a_commitment_that_was_planned_and_replaced_leaves_no_trace",
    ),
    (
        "commitment",
        "backdated",
        "billing::commitments::changes::a_change_recorded_late_bills_what_the_month_would_have_fallen_short",
    ),
    ("commitment", "add_on", "billing::commitments::changes::the_usage_of_an_add_on_counts_while_it_is_had"),
    (
        "commitment",
        "remove_add_on",
        "billing::commitments::cuts::a_commitment_that_is_removed_counted_what_was_used_until_then",
    ),
    (
        "commitment",
        "charge",
        "billing::commitments::changes::what_is_charged_or_credited_beside_the_plan_counts_towards_no_commitment",
    ),
    (
        "commitment",
        "pause_credit",
        "billing::commitments::breaks::a_break_with_credit_is_committed_for_no_days_and_what_is_used_in_it_does_not_count",
    ),
    (
        "commitment",
        "resume",
        "billing::commitments::breaks::a_break_with_credit_is_committed_for_no_days_and_what_is_used_in_it_does_not_count",
    ),
    (
        "commitment",
        "pause_extend",
        "billing::commitments::breaks::a_break_that_extends_moves_the_rest_of_the_month_and_all_of_its_commitment",
    ),
    (
        "commitment",
        "cancel_kept",
        "billing::commitments::breaks::who_leaves_and_gets_nothing_back_owes_the_whole_month_s_commitment",
    ),
    (
        "commitment",
        "uncancel",
        "billing::commitments::breaks::a_cancellation_taken_back_leaves_the_commitment_as_it_was",
    ),
    (
        "commitment",
        "backfill",
        "billing::commitments::usage::a_range_that_is_replaced_moves_the_shortfall_and_moves_it_back_when_that_is_reverted",
    ),
    (
        "commitment",
        "early_usage",
        "billing::commitments::usage::usage_that_was_billed_early_counts_and_the_shortfall_waits_for_the_period_s_end",
    ),
    (
        "commitment",
        "coupon",
        "billing::commitments::money::a_coupon_of_the_subscription_takes_its_part_off_usage_and_shortfall_alike",
    ),
    (
        "commitment",
        "grant",
        "billing::commitments::money::credits_that_were_given_pay_what_was_used_and_the_shortfall_is_due_in_money",
    ),
    (
        "commitment",
        "sold_credits",
        "billing::commitments::money::the_price_of_credits_that_were_sold_counts_towards_no_commitment_and_what_they_pay_does",
    ),
    (
        "commitment",
        "note_refund",
        "billing::commitments::money::a_refunded_shortfall_stays_refunded_when_late_usage_takes_its_place",
    ),
    (
        "dispute",
        "by_card",
        "payments::disputes::what_is_disputed_is_held_by_the_gateway_until_it_is_lost_and_then_an_expense",
    ),
    (
        "dispute",
        "note",
        "payments::disputes::an_invoice_that_was_credited_is_not_owed_again_and_the_loss_is_an_expense",
    ),
    (
        "dispute",
        "note_refund",
        "payments::disputes::while_a_payment_is_disputed_its_card_is_not_charged_by_itself_and_nothing_of_it_is_refunded",
    ),
    (
        "dispute",
        "start",
        "payments::disputes::a_subscription_ends_or_pauses_when_a_payment_of_it_is_disputed_as_it_was_said",
    ),
    (
        "dispute",
        "cancel_kept",
        "payments::disputes::a_subscription_ends_or_pauses_when_a_payment_of_it_is_disputed_as_it_was_said",
    ),
    (
        "dispute",
        "pause_extend",
        "payments::disputes::a_subscription_ends_or_pauses_when_a_payment_of_it_is_disputed_as_it_was_said",
    ),
    (
        "dispute",
        "pay",
        "payments::disputes::the_invoice_of_what_is_lost_is_owed_again_where_that_is_wanted_and_nothing_charges_it_by_itself",
    ),
    (
        "dispute",
        "void",
        "payments::disputes::what_is_owed_again_may_be_voided_written_off_or_paid_by_a_balance",
    ),
    (
        "dispute",
        "write_off",
        "payments::disputes::what_is_owed_again_may_be_voided_written_off_or_paid_by_a_balance",
    ),
    (
        "dispute",
        "apply_balance",
        "payments::disputes::what_is_owed_again_may_be_voided_written_off_or_paid_by_a_balance",
    ),
    (
        "dispute",
        "pay_ahead",
        "payments::disputes::what_is_owed_again_may_be_voided_written_off_or_paid_by_a_balance",
    ),
    (
        "dispute",
        "refund_elsewhere",
        "payments::stripe::disputes::of_a_payment_that_was_refunded_in_part_the_rest_is_disputed_and_all_of_it_is_booked",
    ),
    (
        "refund_elsewhere",
        "by_card",
        "payments::stripe::given_back::a_refund_made_at_the_dashboard_is_booked_once_however_its_events_come",
    ),
    (
        "refund_elsewhere",
        "note",
        "payments::stripe::given_back::it_comes_off_the_customers_balance_as_far_as_there_is_one",
    ),
    (
        "refund_elsewhere",
        "note_refund",
        "payments::stripe::given_back::no_more_goes_back_than_is_left_of_what_came",
    ),
];

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
];

/// What meets a payment, whatever its invoice bills.
const OF_PAYMENTS: &[&str] = &["refund_elsewhere", "dispute"];

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

/// Pairs nobody has written a story for yet. The list only gets shorter: what is covered must leave it.
const OWED: &[(&str, &[&str])] = &[
    (
        "dispute",
        &[
            "resume",
            "cancel",
            "uncancel",
            "late_usage",
            "backfill",
            "grant",
            "sold_credits",
            "correct",
            "pay_out",
        ],
    ),
    ("refund_elsewhere", &["sold_credits", "correct", "apply_balance", "pay_out"]),
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
    billed
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
