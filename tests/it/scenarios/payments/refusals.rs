//! What is refused, and does the answer help? Each with a code, a pointer and nothing written.

use serde_json::json;

use super::Shop;

#[test]
fn a_payment_with_unfit_values_is_refused_with_a_pointer_and_nothing_is_written() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    let good = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "1.00", "currency": "USD" });
    let before = shop.world.rows_of(shop.world.tenant.id);
    let stranger = "cus_01jgejp8g0e3q9k0v6z4t1x2y3";
    let cases = [
        ("amount", json!("1.001"), "bad_amount", "/amount"),
        ("amount", json!("-1.00"), "amount_not_positive", "/amount"),
        ("amount", json!("0.00"), "amount_not_positive", "/amount"),
        ("amount", json!("99999999999999999999.00"), "bad_amount", "/amount"),
        ("amount", json!("1e3"), "bad_amount", "/amount"),
        ("currency", json!("EUR"), "wrong_currency", "/currency"),
        ("currency", json!("usd"), "unknown_currency", "/currency"),
        ("customer_id", json!(stranger), "unknown_customer", "/customer_id"),
        ("invoice_id", json!("inv_01jgejp8g0e3q9k0v6z4t1x2y3"), "unknown_invoice", "/invoice_id"),
        ("received_at", json!("2027-01-01T00:00:00Z"), "received_in_the_future", "/received_at"),
        ("received_at", json!("0001-01-01T00:00:00Z"), "date_out_of_range", "/received_at"),
        ("reference", json!("x".repeat(201)), "too_long", "/reference"),
    ];
    for (field, value, code, pointer) in cases {
        let mut body = good.clone();
        body[field] = value;
        let reply = shop.world.post("/v1/payments", body).is_problem(422, code);
        assert_eq!(reply.text_at("/errors/0/pointer"), pointer, "{}", reply.text);
    }
    assert_eq!(shop.world.rows_of(shop.world.tenant.id), before);
    let other = shop.invoice(&shop.customer(), 100);
    let mut body = good.clone();
    body["invoice_id"] = json!(other);
    shop.world.post("/v1/payments", body).is_problem(422, "invoice_of_another_customer");
    assert!(shop.world.get("/v1/payments").is(200).data().is_empty());
}

#[test]
fn a_payment_method_with_unfit_values_is_refused_with_a_pointer() {
    let shop = Shop::open();
    let good = json!({ "customer_id": shop.customer(), "kind": "card", "token": "tok_success" });
    let before = shop.world.rows_of(shop.world.tenant.id);
    let cases = [
        ("token", json!("4242 4242 4242 4242"), "card_number", "/token"),
        ("token", json!("tok_of_nobody"), "unknown_token", "/token"),
        ("token", json!(""), "blank", "/token"),
        ("gateway", json!("a_bank"), "unknown_gateway", "/gateway"),
        ("last4", json!("42"), "bad_last4", "/last4"),
        ("customer_id", json!("cus_01jgejp8g0e3q9k0v6z4t1x2y3"), "unknown_customer", "/customer_id"),
    ];
    for (field, value, code, pointer) in cases {
        let mut body = good.clone();
        body[field] = value;
        let reply = shop.world.post("/v1/payment_methods", body).is_problem(422, code);
        assert_eq!(reply.text_at("/errors/0/pointer"), pointer, "{}", reply.text);
    }
    assert_eq!(shop.world.rows_of(shop.world.tenant.id), before);
}

#[test]
fn an_invoice_is_not_paid_by_what_cannot_be_charged() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    let path = format!("/v1/invoices/{invoice}/pay");
    shop.world.post(&path, json!({})).is_problem(402, "payment_method_needed");
    let unknown = json!({ "payment_method_id": "pm_01jgejp8g0e3q9k0v6z4t1x2y3" });
    shop.world.post(&path, unknown).is_problem(422, "unknown_payment_method");
    let another = shop.attach(&shop.customer(), "tok_success");
    shop.world
        .post(&path, json!({ "payment_method_id": another }))
        .is_problem(422, "payment_method_of_another_customer");
    let both = json!({ "payment_method_id": another, "offline": {} });
    shop.world.post(&path, both).is_problem(422, "offline_charges_nothing");
    let mine = shop.attach(&customer, "tok_success");
    shop.world.delete(&format!("/v1/payment_methods/{mine}")).is(200);
    shop.world.post(&path, json!({ "payment_method_id": mine })).is_problem(409, "payment_method_detached");
    assert!(shop.statuses(&invoice).is_empty());
}

#[test]
fn only_a_draft_can_be_issued_and_nothing_is_found_under_a_strange_id() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer(), 9_300);
    shop.world.post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is_problem(409, "invoice_status");
    for path in ["finalize", "void", "pay", "mark_uncollectible"] {
        let path = format!("/v1/invoices/inv_01jgejp8g0e3q9k0v6z4t1x2y3/{path}");
        shop.world.post(&path, json!({})).is_problem(404, "not_found");
    }
    for path in ["/v1/invoices/x", "/v1/payments/pay_x", "/v1/payment_methods/pm_1"] {
        shop.world.get(path).is_problem(404, "not_found");
    }
    for (query, code) in [
        ("account=gold", "unknown_account"),
        ("source_id=cus_1", "bad_value"),
        ("after=x", "bad_cursor"),
        ("limit=0", "limit_out_of_range"),
    ] {
        shop.world.get(&format!("/v1/ledger/entries?{query}")).is_problem(422, code);
    }
}
