//! What if the past is changed, twice in a day, or back again? In the end the customer has paid what the history is worth.

use serde_json::json;

use super::Life;

#[test]
fn a_change_backdated_by_two_months_is_put_right_on_one_invoice() {
    let life = Life::seats("2026-01-01", ("31.00", "2"));
    life.advance_to("2026-03-10");
    life.change(json!({ "quantity": "1", "effective_at": "2026-01-17T00:00:00Z", "invoice": "now" }));
    let invoices = life.invoices(&life.customer);
    assert_eq!(
        invoices[3],
        "INV-000004 paid USD billed 2026-03-10 due 2026-03-10\n\
         2026-01-17 to 2026-02-01  1 x -30.00 = -30.00  Unused time: Seat\n\
         2026-01-17 to 2026-02-01  1 x 31.00 = 15.00  Seat\n\
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Seat\n\
         2026-03-01 to 2026-04-01  1 x 31.00 = 31.00  Seat\n\
         2026-02-01 to 2026-03-01  1 x -62.00 = -62.00  Unused time: Seat\n\
         2026-03-01 to 2026-04-01  1 x -62.00 = -62.00  Unused time: Seat\n\
         total -77.00 paid 0.00 due 0.00"
    );
}

#[test]
fn a_change_taken_back_costs_nothing_in_the_end() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-16");
    life.change(json!({ "quantity": "2", "invoice": "now" }));
    life.change(json!({ "quantity": "1", "invoice": "now" }));
    life.then_billed(
        "INV-000002 open USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  1 x -5.00 = -5.00  Unused time: Seat
         2026-04-16 to 2026-05-01  2 x 10.00 = 10.00  Seat
         total 5.00 paid 0.00 due 5.00
         INV-000003 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  1 x 10.00 = 5.00  Seat
         2026-04-16 to 2026-05-01  1 x -10.00 = -10.00  Unused time: Seat
         total -5.00 paid 0.00 due 0.00",
    );
    assert_eq!(life.total(), "10.00");
}

#[test]
fn several_changes_on_one_day_cost_what_the_last_one_does() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    for (hour, quantity) in [("06", "5"), ("12", "3"), ("18", "2")] {
        life.advance_to(&format!("2026-04-16T{hour}:00:00Z"));
        life.change(json!({ "quantity": quantity, "invoice": "now" }));
    }
    // 10.00 for the month, −5.00 for its second half, 2 × 5.00 for that: what came and went within the day is nothing.
    assert_eq!(life.total(), "15.00");
}

#[test]
fn a_change_that_waits_is_taken_along_by_one_that_does_not() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-11");
    life.change(json!({ "quantity": "2" }));
    life.advance_to("2026-04-21");
    life.change(json!({ "quantity": "4", "invoice": "now" }));
    life.then_billed(
        "INV-000002 open USD billed 2026-04-21 due 2026-04-21
         2026-04-11 to 2026-05-01  1 x -6.67 = -6.67  Unused time: Seat
         2026-04-11 to 2026-04-21  2 x 10.00 = 6.66  Seat
         2026-04-21 to 2026-05-01  4 x 10.00 = 13.33  Seat
         total 13.32 paid 0.00 due 13.32",
    );
}

#[test]
fn a_planned_change_is_replaced_only_when_that_is_said() {
    let life = Life::seats("2026-04-01", ("10.00", "3"));
    life.change(json!({ "quantity": "1", "effective_at": "period_end" }));
    let body = json!({ "quantity": "4", "effective_at": "2026-04-16T00:00:00Z" });
    let refused = life.world.post(&life.path("/change"), body).is_problem(409, "later_changes");
    assert!(refused.text_at("/detail").contains("2026-05-01T00:00:00Z"), "{}", refused.text);
    life.change(
        json!({ "quantity": "4", "effective_at": "2026-04-16T00:00:00Z", "replace_scheduled": true }),
    );
    life.advance_to("2026-05-01");
    assert_eq!(life.items(), ["4 x Seat"]);
    assert_eq!(life.total(), "75.00");
}

#[test]
fn a_ramp_is_a_row_of_planned_changes() {
    let life = Life::seats("2026-01-01", ("10.00", "1"));
    for (from, quantity) in [("2026-02-01", "2"), ("2026-03-01", "3"), ("2026-04-01", "4")] {
        life.change(json!({ "quantity": quantity, "effective_at": format!("{from}T00:00:00Z") }));
    }
    life.advance_to("2026-04-01");
    let totals: Vec<_> =
        life.invoices(&life.customer).iter().map(|i| i.lines().nth(1).unwrap().to_owned()).collect();
    assert_eq!(
        totals,
        [
            "2026-01-01 to 2026-02-01  1 x 10.00 = 10.00  Seat",
            "2026-02-01 to 2026-03-01  2 x 10.00 = 20.00  Seat",
            "2026-03-01 to 2026-04-01  3 x 10.00 = 30.00  Seat",
            "2026-04-01 to 2026-05-01  4 x 10.00 = 40.00  Seat",
        ]
    );
}
