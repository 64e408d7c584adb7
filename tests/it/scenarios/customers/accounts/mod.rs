//! Who pays for whom? Customers that belong to others, moved about, and the invoices that whoever pays gets for them.

mod credits;
mod discounts;
mod locking;
mod many;
mod moving;
mod paying;
mod pooled;

use serde_json::{Value, json};

use crate::scenarios::billing::{Plan, Seller, base};

impl Seller {
    /// A customer that belongs to another, with these further fields.
    fn child(&self, parent: &str, more: Value) -> String {
        let mut body = json!({ "name": "Branch", "parent_id": parent });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.customer_like(body)
    }

    /// A plan of 31.00 a month in advance.
    fn thirty_one(&self) -> Plan {
        self.plan("month", json!([base("31.00")]))
    }

    /// Who pays for a customer.
    fn payer(&self, customer: &str) -> String {
        self.world.get(&format!("/v1/customers/{customer}")).is(200).text_at("/payer_id")
    }

    /// From 1 February to 1 April.
    fn two_months(&self, customer: &str, plan: &Plan) -> String {
        let term = json!({ "start_at": "2026-02-01T00:00:00Z", "end_at": "2026-04-01T00:00:00Z", "collection": "send_invoice" });
        self.subscribe(customer, plan, term)
    }
}
