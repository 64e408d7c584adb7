//! What may happen to invoices, and to money that is for none?

use serde_json::{Value, json};

use super::{History, cents, major};

impl History {
    fn some_invoice(&mut self, statuses: &[&str]) -> Option<Value> {
        let listed = self.shop.world.get("/v1/invoices?limit=100").is(200);
        let fits = |invoice: &&Value| {
            statuses.contains(&invoice["status"].as_str().unwrap()) && !cents(&invoice["total"]).is_negative()
        };
        let fitting: Vec<Value> = listed.data().iter().filter(fits).cloned().collect();
        (!fitting.is_empty()).then(|| self.chance.pick(&fitting).clone())
    }

    /// Something is done to an invoice.
    pub(super) fn take_back(&mut self, kind: &'static str) {
        let statuses: &[&str] = match kind {
            "void" | "write_off" | "pay" => &["open"],
            "draft_edit" => &["draft"],
            _ => &["open", "paid"],
        };
        if kind == "draft_edit" && self.chance.one_in(2) {
            let hours = self.chance.below(2) * 24;
            self.call("PATCH", "billing_settings", &json!({ "draft_hours": hours }));
        }
        let Some(invoice) = self.some_invoice(statuses) else { return };
        let id = invoice["id"].as_str().unwrap().to_owned();
        match kind {
            "void" => drop(self.act(kind, &format!("invoices/{id}/void"), &json!({}))),
            "write_off" => drop(self.act(kind, &format!("invoices/{id}/mark_uncollectible"), &json!({}))),
            "correct" => {
                let line = json!([{ "line_no": self.chance.between(1, 2), "amount": "3.33", "description": "As agreed" }]);
                let body = json!({ "reason": "x", "lines": line });
                self.act(kind, &format!("invoices/{id}/correct"), &body);
            }
            "draft_edit" => {
                let path = format!("invoices/{id}/lines/{}", self.chance.between(1, 2));
                let edited = match self.chance.one_in(3) {
                    true => self.call("DELETE", &path, &json!({})),
                    false => self.call("PATCH", &path, &json!({ "amount": "2.22" })),
                };
                if edited.is_some() {
                    self.taken.kinds.insert(kind);
                }
            }
            "pay" => {
                let due = cents(&invoice["amount_due"]);
                let part = if self.chance.one_in(3) { due / 2 } else { due };
                let body = json!({ "customer_id": invoice["customer_id"], "amount": major(part), "currency": "EUR", "invoice_id": id });
                self.act(kind, "payments", &body);
            }
            _ => self.note(kind, &invoice),
        }
    }

    /// All that is left of it, or some of it.
    fn note(&mut self, kind: &'static str, invoice: &Value) {
        let to = if kind == "note_refund" { "refund" } else { "credit_balance" };
        let mut body = json!({ "invoice_id": invoice["id"], "reason": "x", "to": to });
        match self.chance.below(3) {
            0 => {}
            1 => body["amount"] = json!(major(cents(&invoice["total"]) * self.chance.between(1, 60) / 100)),
            _ => {
                body["lines"] = json!([{ "line_no": 1, "amount": major(self.chance.between(1, 900)) }]);
            }
        }
        self.act(kind, "credit_notes", &body);
    }

    pub(super) fn move_money(&mut self, kind: &'static str) {
        let customer = self.chance.pick(&self.market.customers).clone();
        let balance = format!("customers/{customer}/credit_balance");
        match kind {
            "grant" | "sold_credits" => {
                let mut grant = json!({ "customer_id": customer, "amount": "25.00", "currency": "EUR", "source": "promotional" });
                if kind == "sold_credits" {
                    grant["source"] = json!("purchased");
                    grant["price"] = json!("20.00");
                    grant["activates"] = json!("now");
                    grant["collection"] = json!("send_invoice");
                }
                if let Some(grant) = self.act(kind, "credit_grants", &grant) {
                    self.grants.push(grant["id"].as_str().unwrap().to_owned());
                }
            }
            "pay_ahead" => {
                let amount = major(self.chance.between(1, 5_000));
                let body = json!({ "customer_id": customer, "amount": amount, "currency": "EUR" });
                self.act(kind, "payments", &body);
            }
            "apply_balance" => drop(self.act(kind, &format!("{balance}/apply"), &json!({}))),
            _ => {
                let body = json!({ "to": "outside", "reference": "SEPA" });
                let owners = self.market.customers.clone();
                let has_some = |owner: &&String| {
                    let held = self.shop.world.get(&format!("/v1/customers/{owner}/credit_balance")).is(200);
                    held.data().iter().any(|held| held["balance"] != "0.00")
                };
                let Some(owner) = owners.iter().find(has_some) else { return };
                self.act(kind, &format!("customers/{owner}/credit_balance/pay_out"), &body);
            }
        }
    }
}
