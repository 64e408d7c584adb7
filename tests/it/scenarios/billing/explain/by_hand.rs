//! And what of lines that no price made? Each says what it is, and where it comes from; what is not there is said to be so.

use serde_json::json;

use super::super::{Seller, base};
use super::{caused, explanation, sentence, steps};

#[test]
fn a_line_added_to_a_draft_is_its_quantity_times_its_unit_amount() {
    let seller = Seller::on("2026-01-01");
    let ada = seller.customer();
    let lines = json!([{ "description": "Training", "quantity": "2.5", "unit_amount": "33.333" }]);
    let body = json!({ "customer_id": ada, "collection": "send_invoice", "lines": lines });
    seller.world.post("/v1/invoices", body).is(201);
    let line = explanation(&seller.world, &ada, "Training");
    assert_eq!(
        steps(&line),
        ["units: 2.5 x 33.333 = 83.3325", "83.3325 = 83.3325 -> 83.33", "83.33 - 0.00 = 83.33"]
    );
    assert_eq!((&line["kind"], &line["price"]), (&json!("added"), &json!(null)));
    assert_eq!(caused(&seller.world, &line), "invoice.created by the caller on 2026-01-01");
    assert_eq!(line["invoice"]["status"], "draft");
    assert_eq!(
        sentence(&line),
        "Training: 2.5 × 33.333 = 83.3325 USD, rounded 83.33; charged 83.33; caused by invoice.created of 2026-01-01 by key_…; \
         no tax is charged."
    );
}

#[test]
fn a_line_that_waives_another_names_it() {
    let seller = Seller::on("2026-01-01");
    seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
    let (plan, ada) = (seller.plan("month", json!([base("31.00")])), seller.customer());
    seller.subscribe(&ada, &plan, json!({}));
    let draft = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200).text_at("/data/0/id");
    seller.world.patch(&format!("/v1/invoices/{draft}/lines/1"), json!({ "amount": "20.00" })).is(200);
    let line = explanation(&seller.world, &ada, "Changed: Base");
    assert_eq!(steps(&line)[2], "-11.00 - 0.00 = -11.00");
    assert_eq!(
        (&line["kind"], &line["about"]["counters_line"]),
        (&json!("counters"), &json!(format!("{draft}-1")))
    );
    assert_eq!(caused(&seller.world, &line), "line.changed by the caller on 2026-01-01");
    assert_eq!(explanation(&seller.world, &ada, "Base")["kind"], "recurring");
    // Another line later, by the same or by somebody else: whose work the first is stays noted.
    seller.world.advance_to("2026-01-02T00:00:00Z");
    let waived = json!({ "description": "Goodwill", "amount": "-1.00" });
    seller.world.post(&format!("/v1/invoices/{draft}/lines"), waived).is(201);
    let all = [
        ("Changed: Base", "line.changed by the caller on 2026-01-01"),
        ("Goodwill", "line.added by the caller on 2026-01-02"),
    ];
    for (said, cause) in all {
        assert_eq!(caused(&seller.world, &explanation(&seller.world, &ada, said)), cause);
    }
}

#[test]
fn the_line_of_a_corrected_invoice_names_what_was_wrong() {
    let seller = Seller::on("2026-01-01");
    let (plan, ada) = (seller.plan("month", json!([base("155.00")])), seller.customer());
    seller.subscribe(&ada, &plan, json!({}));
    let wrong = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200).text_at("/data/0/id");
    let body = json!({ "reason": "3 seats, not 5", "lines": [{ "line_no": 1, "amount": "93.00" }] });
    seller.world.post(&format!("/v1/invoices/{wrong}/correct"), body).is(201);
    let line = explanation(&seller.world, &ada, "Base");
    assert_eq!(
        (&line["kind"], &line["about"]["corrected_invoice_id"]),
        (&json!("correction"), &json!(wrong))
    );
    assert_eq!(steps(&line)[2], "93.00 - 0.00 = 93.00");
    assert_eq!(caused(&seller.world, &line), "invoice.corrected by the caller on 2026-01-01");
}

#[test]
fn prepaid_credits_that_are_sold_name_their_grant() {
    let seller = Seller::on("2026-01-01");
    let ada = seller.customer();
    let grant = json!({ "customer_id": ada, "amount": "100.00", "currency": "USD", "source": "purchased", "price": "90.00", "name": "Credits" });
    let grant = seller.world.post("/v1/credit_grants", grant).is(201).id();
    let line = &super::explained(&seller.world, &ada)[0];
    assert_eq!(
        (&line["kind"], &line["about"]["credit_grant_id"]),
        (&json!("prepaid_credits"), &json!(grant))
    );
    assert_eq!(steps(line)[2], "90.00 - 0.00 = 90.00");
    assert_eq!(caused(&seller.world, line), "credits.bought by the caller on 2026-01-01");
}

#[test]
fn a_line_that_is_not_there_is_not_found() {
    let seller = Seller::on("2026-01-01");
    let (plan, ada) = (seller.plan("month", json!([base("31.00")])), seller.customer());
    seller.subscribe(&ada, &plan, json!({}));
    let invoice = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200).text_at("/data/0/id");
    let detail =
        |id: &str| seller.world.get(&format!("/v1/invoice_lines/{id}/explain")).is(404).text_at("/detail");
    assert!(
        detail(&format!("{invoice}-2")).contains("no invoice line"),
        "{}",
        detail(&format!("{invoice}-2"))
    );
    for malformed in
        [invoice.clone(), format!("{invoice}-0"), format!("{invoice}-x"), format!("{invoice}-9999999999")]
    {
        assert!(
            detail(&malformed).contains("a line's id is its invoice's id, a hyphen"),
            "{}",
            detail(&malformed)
        );
    }
    assert!(detail(&format!("{ada}-1")).contains("\"inv_\""));
    assert!(detail("inv_01h2xcejqtf2nbrexx3vqjhp41-1").contains("no invoice"));
}
