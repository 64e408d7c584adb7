//! What is a line of? It names the price and the item it charges, and the line that it takes back.

use serde_json::{Value, json};

use crate::scenarios::billing::{Seller, base, per_unit};

#[test]
fn a_line_names_its_price_its_item_and_the_line_that_it_takes_back() {
    let seller = Seller::on("2026-01-01");
    let seat = json!({ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance", "model": per_unit("31.00") });
    let plan = seller.plan("month", json!([base("31.00"), seat]));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "quantity": "2" }));
    seller.advance_to("2026-01-02");
    let read = || seller.world.get(&format!("/v1/subscriptions/{subscription}")).is(200).json;
    let lines = |listed: usize| {
        let found = seller.world.get("/v1/invoices?sort=created&expand=lines").is(200);
        found.data()[listed]["lines"].as_array().unwrap().clone()
    };
    let (before, january) = (read(), lines(0));
    for (n, line) in january.iter().enumerate() {
        let item = &before["items"][n];
        assert_eq!(line["subscription_item_id"], item["id"]);
        assert_eq!((&line["price_id"], &line["price_code"]), (&item["price_id"], &item["price_code"]));
        assert_eq!(line["adjusts_line_id"], Value::Null);
    }
    let change = json!({ "quantity": "5", "effective_at": "2026-01-16T00:00:00Z", "proration": "by_day", "invoice": "now" });
    seller.world.post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    seller.advance_to("2026-01-17");
    let changed = lines(1);
    let back: Vec<&Value> = changed.iter().filter(|line| line["revision"] == 1).collect();
    assert_eq!(back.len(), 1, "{changed:?}");
    assert_eq!(back[0]["adjusts_line_id"], january[1]["id"]);
    assert_eq!((&back[0]["price_code"], &back[0]["price_id"]), (&json!("seat"), &january[1]["price_id"]));
    assert!(back[0]["amount"].as_str().unwrap().starts_with('-'));
    // The explanation shows the line as the invoice does.
    let id = back[0]["id"].as_str().unwrap();
    let explained = seller.world.get(&format!("/v1/invoice_lines/{id}/explain")).is(200);
    for name in ["price_id", "price_code", "subscription_item_id", "adjusts_line_id", "customer_id"] {
        assert_eq!(explained.json["line"][name], back[0][name], "{name}");
    }
}

#[test]
fn a_line_by_hand_names_no_price_and_one_taken_off_a_draft_is_named_by_what_takes_it_back() {
    let seller = Seller::on("2026-01-01");
    let ada = seller.customer();
    let body = json!({ "customer_id": ada, "collection": "send_invoice",
        "lines": [{ "description": "Set-up", "amount": "20.00" }] });
    let made = seller.world.post("/v1/invoices", body).is(201);
    let line = &made.json["lines"][0];
    for name in ["price_id", "price_code", "subscription_item_id", "adjusts_line_id"] {
        assert_eq!(line[name], Value::Null, "{name}");
    }
}
