//! What is left of a commitment when its month is interrupted, or ends? What was committed for the days that were had.

use serde_json::json;

use super::{Committed, instant};

#[test]
fn a_break_with_credit_is_committed_for_no_days_and_what_is_used_in_it_does_not_count() {
    let acme = Committed::monthly();
    acme.on("01-17").called("01-05", "8");
    acme.command("pause", json!({ "mode": "credit" }));
    acme.on("01-27").called("01-20", "5");
    acme.command("resume", json!({}));
    acme.on("01-31").called("01-30", "3").on("02-02");
    // 16 days and 5: 21.00, of which 11.00 were used. 8.00 were short on the 17th, 10.00 are in all.
    assert_eq!(
        acme.charges(),
        [
            "01-01 01-17 Calls 8.00",
            "01-01 01-17 Commitment 8.00",
            "01-27 02-01 Calls 3.00",
            "01-27 02-01 Commitment 2.00",
        ]
    );
    assert_eq!(acme.total(), "21.00");
}

#[test]
fn a_break_that_extends_moves_the_rest_of_the_month_and_all_of_its_commitment() {
    let acme = Committed::monthly();
    acme.on("01-17").called("01-05", "8");
    acme.command("pause", json!({ "mode": "extend", "resumes_at": instant("01-27") }));
    acme.on("02-10").called("01-20", "5").called("02-05", "3").on("02-12");
    // 16 days and 15 to 11 February: 31.00, of which 11.00 were used.
    assert_eq!(
        acme.charges(),
        [
            "01-01 01-17 Calls 8.00",
            "01-01 01-17 Commitment 8.00",
            "01-27 02-11 Calls 3.00",
            "01-27 02-11 Commitment 12.00",
        ]
    );
    acme.on("03-12");
    // The next month is committed whole.
    assert_eq!(acme.total(), "62.00");
}

#[test]
fn who_leaves_and_gets_nothing_back_owes_the_whole_month_s_commitment() {
    for (credit, total) in [(true, "16.00"), (false, "31.00")] {
        let acme = Committed::monthly();
        acme.on("01-17").called("01-05", "8");
        acme.command("cancel", json!({ "credit": credit }));
        acme.on("01-25").called("01-20", "5").on("03-02");
        // Used after the end, 5 are nobody's. 16 days are 16.00, and the month 31.00: 8.00 or 23.00 short.
        assert_eq!(acme.total(), total, "credit {credit}");
    }
}

#[test]
fn a_cancellation_taken_back_leaves_the_commitment_as_it_was() {
    let acme = Committed::monthly();
    acme.on("01-17").called("01-05", "8");
    acme.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
    assert_eq!(acme.total(), "16.00");
    acme.on("01-20");
    acme.command("uncancel", json!({}));
    acme.on("01-28").called("01-18", "2").called("01-25", "3").on("02-02");
    // 31.00 again, of which 13.00 were used.
    assert_eq!(acme.total(), "31.00");
    let ahead = Committed::monthly();
    ahead.on("01-10").called("01-05", "8");
    ahead.command("cancel", json!({ "effective_at": instant("01-17") }));
    ahead.on("01-12");
    ahead.command("uncancel", json!({}));
    ahead.on("02-02");
    assert_eq!(ahead.charges(), ["01-01 02-01 Calls 8.00", "01-01 02-01 Commitment 23.00"]);
}
