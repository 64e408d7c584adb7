//! Is anything given back twice? What was waived, credited or given up of a charge is never given back, and never billed again: 31.00 a
//! month from 1 January, taken back in one way, then in another on the 17th; what lies on the credit balance in the end is told.

mod crossing;
mod discounted;
mod extended;
mod first_ways;
mod topped_up;
mod wrong_books;

use serde_json::{Value, json};

use super::{Plan, Seller, base};
use crate::harness::Reply;

/// Somebody who pays 31.00 a month, and the invoice of January.
struct Month {
    seller: Seller,
    customer: String,
    subscription: String,
    invoice: String,
}

impl Month {
    /// Paid by card.
    fn paid() -> Month {
        Month::of("2026-01-01", |seller| (seller.customer(), json!({})))
    }

    /// Open: it is sent.
    fn open() -> Month {
        Month::of("2026-01-01", |seller| {
            (seller.customer_like(json!({ "name": "Ada" })), json!({ "collection": "send_invoice" }))
        })
    }

    fn of(date: &str, who: impl FnOnce(&Seller) -> (String, Value)) -> Month {
        Month::with(Seller::on(date), who, |seller| seller.plan("month", json!([base("31.00")])))
    }

    fn with(
        seller: Seller,
        who: impl FnOnce(&Seller) -> (String, Value),
        plan: impl FnOnce(&Seller) -> Plan,
    ) -> Month {
        let plan = plan(&seller);
        let (customer, more) = who(&seller);
        let subscription = seller.subscribe(&customer, &plan, more);
        seller.world.advance_to(&(seller.world.now() + chrono::TimeDelta::minutes(5)).to_rfc3339());
        let mut month = Month { seller, customer, subscription, invoice: String::new() };
        month.invoice = month.last_invoice();
        month
    }

    /// The newest invoice.
    fn last_invoice(&self) -> String {
        let listed = self.seller.world.get(&format!("/v1/invoices?customer_id={}", self.customer)).is(200);
        listed.text_at("/data/0/id")
    }

    #[track_caller]
    fn command(&self, name: &str, body: Value) -> Reply {
        let path = format!("/v1/subscriptions/{}/{name}", self.subscription);
        let preview = self.seller.world.post(&format!("{path}/preview"), body.clone()).is(200);
        let done = self.seller.world.post(&path, body).is(200);
        let totals = |reply: &Reply| {
            let invoices = reply.json["invoices"].as_array().unwrap().iter();
            invoices.map(|i| i["total"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(totals(&preview), totals(&done), "the preview tells something else");
        done
    }

    /// Canceled on 17 January, with credit.
    #[track_caller]
    fn canceled_on_the_17th(&self) -> &Month {
        self.seller.advance_to("2026-01-17");
        self.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
        self
    }

    #[track_caller]
    fn ask(&self, invoice: &str, verb: &str, body: Value) -> Reply {
        self.seller.world.post(&format!("/v1/invoices/{invoice}/{verb}"), body).is(200)
    }

    #[track_caller]
    fn void(&self, invoice: &str) {
        self.ask(invoice, "void", json!({}));
    }

    #[track_caller]
    fn credit(&self, invoice: &str, more: Value) -> Reply {
        let mut body = json!({ "invoice_id": invoice, "reason": "outage" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.seller.world.post("/v1/credit_notes", body).is(201)
    }

    #[track_caller]
    fn correct(&self, invoice: &str, lines: Value) -> Reply {
        let body = json!({ "reason": "wrong", "lines": lines });
        self.seller.world.post(&format!("/v1/invoices/{invoice}/correct"), body).is(201)
    }

    /// What lies on the credit balance, a month later and every job run.
    fn balance(&self) -> String {
        let later = self.seller.world.now() + chrono::TimeDelta::days(1);
        self.seller.world.advance_to(&later.to_rfc3339());
        let path = format!("/v1/customers/{}/credit_balance", self.customer);
        let reply = self.seller.world.get(&path).is(200);
        let first = reply.json["data"].as_array().unwrap().first().cloned();
        first.map_or("0.00".to_owned(), |b| b["balance"].as_str().unwrap().to_owned())
    }

    /// What the newest invoice comes to.
    fn last_total(&self) -> String {
        self.seller.world.get(&format!("/v1/invoices/{}", self.last_invoice())).is(200).text_at("/total")
    }
}
