//! What waits for the next invoice waits whole: what is given back and what is charged in its place are on one invoice, and
//! nothing that is billed in between takes a part of it.

use serde_json::json;

use super::{Life, base, seat};

fn totals(life: &Life) -> Vec<String> {
    let listed = life.world.get("/v1/invoices?limit=100").is(200);
    listed.data().iter().rev().map(|i| i["total"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn fewer_seats_with_the_next_invoice_are_not_on_the_one_of_a_charge_before() {
    let life = Life::seats("2026-01-01", ("31.00", "10"));
    life.advance_to("2026-01-10");
    life.change(json!({ "quantity": "1", "invoice": "next" }));
    life.command("charges", json!({ "description": "Visit", "amount": "50.00", "invoice": "now" }));
    life.advance_to("2026-02-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-01-10 due 2026-01-10
         2026-01-10 to 2026-01-10  1 x 50.00 = 50.00  Visit
         total 50.00 paid 50.00 due 0.00
         INV-000003 paid USD billed 2026-02-01 due 2026-02-01
         2026-01-10 to 2026-02-01  1 x -220.00 = -220.00  Unused time: Seat
         2026-01-10 to 2026-02-01  1 x 31.00 = 22.00  Seat
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Seat
         total -167.00 paid 0.00 due 0.00",
    );
}

#[test]
fn what_waits_is_recorded_late_by_several_months_and_waits_whole_all_the_same() {
    let life = Life::seats("2026-01-01", ("31.00", "10"));
    life.advance_to("2026-03-10");
    life.change(json!({ "quantity": "1", "effective_at": "2026-01-10T00:00:00Z", "invoice": "next" }));
    life.command("charges", json!({ "description": "Visit", "amount": "50.00", "invoice": "now" }));
    assert_eq!(totals(&life), ["310.00", "310.00", "310.00", "50.00"]);
    // Nor does a run of all that is due take it.
    life.world.post("/v1/bill_runs", json!({ "as_of": "2026-03-20T00:00:00Z" }));
    life.advance_to("2026-03-20");
    assert_eq!(totals(&life).len(), 4);
    life.advance_to("2026-04-01");
    // Given back 198.00 + 279.00 + 279.00, less April.
    assert_eq!(totals(&life)[4..], ["-725.00"]);
}

#[test]
fn a_change_planned_for_later_gives_nothing_back_before() {
    let life = Life::seats("2026-01-01", ("31.00", "10"));
    life.change(json!({ "quantity": "1", "effective_at": "2026-01-16T00:00:00Z", "invoice": "now" }));
    life.advance_to("2026-01-10");
    life.command("charges", json!({ "description": "Visit", "amount": "50.00", "invoice": "now" }));
    assert_eq!(totals(&life), ["310.00", "50.00"]);
    life.advance_to("2026-01-16");
    assert_eq!(totals(&life), ["310.00", "50.00", "-144.00"]);
}

#[test]
fn a_cancellation_and_a_pause_that_wait_are_on_the_next_invoice_too() {
    for (command, body) in
        [("cancel", json!({ "invoice": "next" })), ("pause", json!({ "mode": "credit", "invoice": "next" }))]
    {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-17");
        if command == "pause" {
            life.command(command, body);
            life.command("charges", json!({ "description": "Visit", "amount": "50.00", "invoice": "now" }));
            assert_eq!(totals(&life), ["31.00", "50.00"], "{command}");
            life.advance_to("2026-02-01");
            assert_eq!(totals(&life), ["31.00", "50.00", "-15.00"], "{command}");
        } else {
            // Another subscription of the same customer is billed in between.
            life.command(command, body);
            let plan = life.plan("month", json!([base("7.00")]));
            life.subscribe(&life.customer, &plan, json!({}));
            assert_eq!(totals(&life), ["31.00", "7.00"], "{command}");
            life.advance_to("2026-02-01");
            assert_eq!(life.total(), "23.00", "{command}");
        }
    }
}

#[test]
fn a_resumption_that_is_planned_is_billed_on_its_day() {
    for pause in ["now", "next"] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-10");
        life.command(
            "pause",
            json!({ "mode": "credit", "resumes_at": "2026-01-20T00:00:00Z", "invoice": pause }),
        );
        life.advance_to("2026-01-20");
        let invoices = life.invoices(&life.customer);
        let last = invoices.last().unwrap();
        assert!(last.contains("billed 2026-01-20") && last.contains("total 12.00"), "{pause}: {last}");
        life.advance_to("2026-02-01");
        assert_eq!(life.total(), "52.00", "{pause}");
    }
}

#[test]
fn a_change_for_now_after_one_that_waits_takes_all_of_it_on_one_invoice() {
    let life = Life::of("2026-01-01", |seller| {
        (seller.plan("month", json!([seat("31.00")])), json!({ "quantity": "10" }))
    });
    life.advance_to("2026-01-11");
    life.change(json!({ "quantity": "1", "invoice": "next" }));
    life.advance_to("2026-01-21");
    life.change(json!({ "quantity": "3", "invoice": "now" }));
    // −210.00 from the 11th, 10.00 to the 21st, 33.00 from then on.
    assert_eq!(totals(&life), ["310.00", "-167.00"]);
}
