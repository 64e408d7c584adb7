//! What happens when a customer is put elsewhere? What was billed stays where it was, what comes goes to whoever pays then.

use serde_json::{Value, json};

use crate::harness::Reply;
use crate::scenarios::billing::Seller;

impl Seller {
    fn put(&self, customer: &str, change: Value) -> Reply {
        self.world.patch(&format!("/v1/customers/{customer}"), change)
    }
}

#[test]
fn what_was_billed_stays_and_what_comes_goes_to_the_new_payer() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.thirty_one();
    let [north, south] = ["North", "South"].map(|name| seller.customer_like(json!({ "name": name })));
    let branch = seller.child(&north, json!({}));
    let shop = seller.child(&branch, json!({}));
    seller.two_months(&branch, &plan);
    seller.two_months(&shop, &plan);
    seller.advance_to("2026-02-02");
    let moved = seller.put(&branch, json!({ "parent_id": south })).is(200);
    assert_eq!((moved.text_at("/parent_id"), moved.text_at("/payer_id")), (south.clone(), south.clone()));
    assert_eq!(seller.payer(&shop), south, "whoever is paid for with it moves with it");
    seller.advance_to("2026-03-02");
    let month = |number: u8, from: &str, to: &str, due: &str| {
        format!(
            "INV-{number:06} open USD billed {from} due {due}
             {from} to {to}  1 x 31.00 = 31.00  Base
             {from} to {to}  1 x 31.00 = 31.00  Base
             total 62.00 paid 0.00 due 62.00"
        )
    };
    seller.bills(&north, &month(1, "2026-02-01", "2026-03-01", "2026-03-03"));
    seller.bills(&south, &month(2, "2026-03-01", "2026-04-01", "2026-03-31"));
    seller.put(&branch, json!({ "pays": "self" })).is(200);
    assert_eq!([seller.payer(&branch), seller.payer(&shop)], [branch.clone(), branch.clone()]);
    let free = seller.put(&branch, json!({ "parent_id": null })).is(200);
    assert_eq!((free.text_at("/pays"), free.json["parent_id"].is_null()), ("self".to_owned(), true));
}

#[test]
fn a_customer_cannot_belong_to_itself_nor_be_too_deep_nor_leave_what_is_due() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.thirty_one();
    let top = seller.customer_like(json!({ "name": "Top" }));
    let mut levels = vec![top.clone()];
    for _ in 0..4 {
        levels.push(seller.child(levels.last().unwrap(), json!({})));
    }
    let before = seller.world.rows_of(seller.world.tenant.id);
    let at = |reply: Reply, code: &str| reply.is_problem(422, code).text_at("/errors/0/pointer");
    let deeper = json!({ "name": "Branch", "parent_id": levels[4] });
    assert_eq!(at(seller.world.post("/v1/customers", deeper), "too_many_levels"), "/parent_id");
    for below in &levels {
        assert_eq!(at(seller.put(&top, json!({ "parent_id": below })), "customer_cycle"), "/parent_id");
    }
    let unknown = json!({ "parent_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3" });
    assert_eq!(at(seller.put(&top, unknown), "unknown_customer"), "/parent_id");
    assert_eq!(at(seller.put(&top, json!({ "pays": "parent" })), "no_parent"), "/pays");
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");

    let other = seller.customer_like(json!({ "name": "Other" }));
    assert_eq!(at(seller.put(&top, json!({ "parent_id": other })), "too_many_levels"), "/parent_id");
    seller.two_months(&levels[1], &plan);
    let clock = "UPDATE tenants SET test_clock = '2026-02-01T00:00:00Z'";
    let tenant = seller.world.tenant.id.uuid();
    let clock = format!("{clock} WHERE id = '{tenant}'");
    diesel::connection::SimpleConnection::batch_execute(&mut seller.world.database.connect(), &clock)
        .unwrap();
    let refused = seller.put(&levels[1], json!({ "pays": "self" })).is_problem(409, "unbilled_charges");
    assert!(refused.text_at("/detail").contains("POST /v1/bill_runs"), "{}", refused.text);
    seller.world.post("/v1/bill_runs", json!({})).is(201);
    seller.put(&levels[1], json!({ "pays": "self" })).is(200);
    assert_eq!(seller.payer(&levels[4]), levels[1]);
    seller.advance_to("2026-04-02");
    assert_eq!([&top, &levels[1]].map(|id| seller.invoices(id).len()), [1, 1]);
}
