//! What becomes of a commitment when something else happens? Someone is committed to 31.00 a month, a day's worth of it 1.00 in January, and
//! calls cost 1.00 each: 8 of them leave a shortfall of 23.00.

mod beginnings;
mod breaks;
mod changes;
mod cuts;
mod money;
mod usage;

use serde_json::{Value, json};

use crate::harness::Reply;
use crate::scenarios::usage::metered::{Seller, per_unit};

/// One customer, `acme`, who has committed to something from 1 January 2026 on. When it is dropped, the books must be right.
pub struct Committed {
    pub seller: Seller,
    pub meter: String,
    pub plan: Offer,
    pub subscription: String,
}

/// A published plan, and the ids of its prices, in order.
pub struct Offer {
    pub id: String,
    pub prices: Vec<String>,
}

impl Committed {
    /// To 31.00 a month of calls.
    pub fn monthly() -> Committed {
        Committed::with(|meter| json!([calls(meter), commitment("31.00")]), json!({}))
    }

    /// To what these prices say, with these further fields of the subscription.
    pub fn with(prices: impl FnOnce(&str) -> Value, more: Value) -> Committed {
        Committed::by(prices, |_| more)
    }

    /// The same with fields that name prices of the plan.
    pub fn by(prices: impl FnOnce(&str) -> Value, more: impl FnOnce(&Offer) -> Value) -> Committed {
        let seller = Seller::open();
        let meter = seller.meter("call");
        let plan = offer(&seller, "first", prices(&meter));
        let body =
            json!({ "customer_id": seller.customer, "plan_id": plan.id, "collection": "send_invoice" });
        let body = merged(body, more(&plan));
        let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
        Committed { seller, meter, plan, subscription }
    }

    /// Another plan, of calls and a commitment to this amount.
    pub fn other(&self, code: &str, amount: &str) -> String {
        offer(&self.seller, code, json!([calls(&self.meter), commitment(amount)])).id
    }

    /// Moves the clock to the beginning of a day of 2026: `02-01`.
    pub fn on(&self, day: &str) -> &Committed {
        self.seller.world.advance_to(&instant(day));
        self
    }

    /// So many calls on a day.
    pub fn called(&self, day: &str, units: &str) -> &Committed {
        self.seller.calls(&instant(day), units);
        self
    }

    /// One of the events, in the order in which they were sent, is void.
    pub fn without(&self, event: u32) -> &Committed {
        let body = json!({ "source": "test", "id": format!("call-{event}") });
        self.seller.world.post("/v1/usage/events/void", body).is(200);
        self
    }

    /// A command, which must be taken, and must bill what its preview said.
    pub fn command(&self, name: &str, body: Value) -> Reply {
        let path = format!("/v1/subscriptions/{}/{name}", self.subscription);
        let totals = |reply: &Reply| {
            let invoices = reply.json["invoices"].as_array().cloned().unwrap_or_default();
            invoices.iter().map(|invoice| invoice["total"].clone()).collect::<Vec<_>>()
        };
        let preview = self.seller.world.post(&format!("{path}/preview"), body.clone()).is(200);
        let done = self.seller.world.post(&path, body).is(200);
        assert_eq!(totals(&preview), totals(&done));
        done
    }

    /// The invoices with their lines, the oldest first: `2026-02-01 31.00`, `  01-01 02-01 Calls: 8 x 1 = 8.00`.
    pub fn bills(&self) -> Vec<String> {
        self.seller.invoices()
    }

    /// The amounts of what was billed in a stretch of days, by what each line says: `01-01 01-17 Commitment 8.00`, in order.
    pub fn charges(&self) -> Vec<String> {
        let mut charges = Vec::new();
        for row in self.bills().iter().filter_map(|row| row.strip_prefix("  ")) {
            let (period, said) = row.split_at(11);
            let (said, amount) = said.rsplit_once(" = ").unwrap();
            let said = said.trim_start_matches(" Adjustment:").trim_start();
            let said = said.split(" (").next().unwrap().split(": ").next().unwrap();
            charges.push(format!("{period} {said} {amount}"));
        }
        charges.sort();
        charges
    }

    /// What all invoices that are not void come to.
    pub fn total(&self) -> String {
        let listed = self.seller.world.get("/v1/invoices?limit=100").is(200);
        let counted = listed.data().iter().filter(|invoice| invoice["status"] != "void");
        let totals = counted.map(|i| i["total"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap());
        format!("{:.2}", totals.sum::<rust_decimal::Decimal>())
    }

    /// The id of the newest invoice.
    pub fn last(&self) -> String {
        self.seller.world.get("/v1/invoices?limit=1").is(200).text_at("/data/0/id")
    }
}

/// A plan with these prices.
pub fn offer(seller: &Seller, code: &str, prices: Value) -> Offer {
    let body = json!({ "code": code, "name": code, "product_id": seller.product, "currency": "USD",
                       "interval": "month", "prices": prices });
    let reply = seller.world.post("/v1/plans", body).is(201);
    let prices = reply.json["prices"].as_array().unwrap();
    Offer { id: reply.id(), prices: prices.iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect() }
}

/// Calls at 1.00 each.
pub fn calls(meter: &str) -> Value {
    json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("1.00") })
}

/// What all usage must come to in a month.
pub fn commitment(amount: &str) -> Value {
    json!({ "code": "least", "description": "Commitment", "kind": "recurring", "billing": "in_arrears",
            "model": { "type": "commitment", "amount": amount } })
}

/// An object with further fields.
pub fn merged(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The beginning of a day of 2026: `01-17`.
pub fn instant(day: &str) -> String {
    format!("2026-{day}T00:00:00Z")
}
