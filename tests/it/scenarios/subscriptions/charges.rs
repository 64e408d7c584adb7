//! What is charged beside the plan, or given back? On the next invoice, or at once.

use serde_json::json;

use super::Life;

#[test]
fn a_charge_beside_the_plan_waits_for_the_next_invoice() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-10");
    life.command("charges", json!({ "description": "Day of training", "amount": "900.00" }));
    life.advance_to("2026-02-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Base
         2026-01-10 to 2026-01-10  1 x 900.00 = 900.00  Day of training
         total 931.00 paid 931.00 due 0.00",
    );
    assert_eq!(life.items(), ["1 x Base"]);
}

#[test]
fn a_charge_or_a_credit_of_now_has_an_invoice_of_now() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-10");
    life.command(
        "charges",
        json!({ "description": "Express delivery", "amount": "12.50", "invoice": "now" }),
    );
    life.command("charges", json!({ "description": "Goodwill", "amount": "-5.00", "invoice": "now" }));
    life.then_billed(
        "INV-000002 open USD billed 2026-01-10 due 2026-01-10
         2026-01-10 to 2026-01-10  1 x 12.50 = 12.50  Express delivery
         total 12.50 paid 0.00 due 12.50
         INV-000003 paid USD billed 2026-01-10 due 2026-01-10
         2026-01-10 to 2026-01-10  1 x -5.00 = -5.00  Goodwill
         total -5.00 paid 0.00 due 0.00",
    );
}

#[test]
fn a_charge_that_waits_is_billed_at_the_end_when_that_comes_first() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.command("charges", json!({ "description": "Day of training", "amount": "900.00" }));
    life.advance_to("2026-01-17");
    life.command("cancel", json!({}));
    assert_eq!(life.total(), "916.00");
}

#[test]
fn a_charge_of_nothing_or_of_half_a_cent_is_refused() {
    let life = Life::monthly("2026-01-01", "31.00");
    for (body, code) in [
        (json!({ "description": "Nothing", "amount": "0" }), "nothing_to_charge"),
        (json!({ "description": "Dust", "amount": "0.005" }), "too_fine"),
        (json!({ "description": "", "amount": "1.00" }), "blank"),
        (json!({ "description": "Words", "amount": "one" }), "bad_decimal"),
    ] {
        life.world.post(&life.path("/charges"), body).is_problem(422, code);
    }
    life.command("cancel", json!({}));
    let late = json!({ "description": "Late", "amount": "1.00" });
    life.world.post(&life.path("/charges"), late).is_problem(409, "subscription_ended");
}
