//! What do coupons take off? Each story redeems some, moves the clock and reads the invoices.
//!
//! What is on this shelf, what is not, and its laws: [`domain::discounts`](billwright::domain::discounts).

mod again;
mod bindings;
mod breaks;
mod changes;
mod limits;
mod periods;
mod sums;
mod undone;
mod wrong_books;

use serde_json::{Value, json};

use super::billing::{Plan, Seller, base, per_unit};
use crate::harness::Reply;

/// A coupon; gives its code.
fn coupon(seller: &Seller, code: &str, more: Value) -> String {
    let mut body = json!({ "code": code });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    seller.world.post("/v1/coupons", body).is(201).text_at("/code")
}

/// Redeems it for a subscription.
fn redeem(seller: &Seller, code: &str, subscription: &str) -> String {
    redeem_for(seller, json!({ "coupon": code, "subscription_id": subscription })).is(201).id()
}

/// Redeems it for all subscriptions of a customer.
fn redeem_for_all(seller: &Seller, code: &str, customer: &str) -> String {
    redeem_for(seller, json!({ "coupon": code, "customer_id": customer })).is(201).id()
}

fn redeem_for(seller: &Seller, body: Value) -> Reply {
    seller.world.post("/v1/discounts", body)
}

/// A plan of 100.00 a month in advance.
fn hundred(seller: &Seller) -> Plan {
    seller.plan("month", json!([base("100.00")]))
}

/// Each invoice as `2026-02-01 100.00 - 25.00 = 75.00`.
fn months(seller: &Seller, customer: &str) -> Vec<String> {
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
    let text = |invoice: &Value, name: &str| invoice[name].as_str().unwrap().to_owned();
    let one = |i: &Value| {
        let [date, subtotal, off, total] =
            ["billing_date", "subtotal", "discount_total", "total"].map(|name| text(i, name));
        format!("{date} {subtotal} - {off} = {total}")
    };
    let mut months: Vec<String> = listed.data().iter().map(one).collect();
    months.sort();
    months
}

/// A seat price in arrears.
fn metered(amount: &str) -> Value {
    json!({ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_arrears", "model": per_unit(amount) })
}
