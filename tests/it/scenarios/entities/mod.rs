//! Through whom is it sold? A business of two legal entities: one in France, with which it begins, and one in Germany, which serves Germany and
//! Austria.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entities`](billwright::domain::entities).

mod customers;
mod documents;
mod numbers;
mod refused;
mod settings;
mod taxes;
mod wrong_books;

use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// A business of two entities, and a plan of 31.00 EUR a month.
struct House {
    world: World,
    /// The default.
    french: String,
    german: String,
    plan: String,
}

impl House {
    fn open() -> House {
        House::open_in(World::new())
    }

    fn open_in(world: World) -> House {
        world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
        let french = world.get("/v1/entities").is(200).text_at("/data/0/id");
        let german = json!({ "name": "Acme GmbH", "country": "DE", "countries": ["DE", "AT"], "functional_currency": "EUR" });
        let german = world.post("/v1/entities", german).is(201).id();
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } });
        let plan = json!({ "code": "basic", "name": "Basic", "product_id": product, "currency": "EUR", "interval": "month", "prices": [price] });
        let plan = world.post("/v1/plans", plan).is(201).id();
        House { world, french, german, plan }
    }

    fn customer(&self, fields: Value) -> Reply {
        let mut body = json!({ "name": "Ada", "currency": "EUR" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/customers", body)
    }

    fn customer_in(&self, country: &str) -> String {
        self.customer(json!({ "address": { "country": country } })).is(201).id()
    }

    fn subscribe(&self, customer: &str) -> String {
        let body = json!({ "customer_id": customer, "plan_id": self.plan, "collection": "send_invoice" });
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    /// An invoice made by hand, issued; gives its id.
    fn invoice(&self, customer: &str, amount: &str) -> String {
        let body = json!({ "customer_id": customer, "currency": "EUR", "collection": "send_invoice",
                           "lines": [{ "description": "Work", "amount": amount }] });
        let id = self.world.post("/v1/invoices", body).is(201).id();
        self.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
        id
    }

    fn pay(&self, invoice: &str) {
        self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({ "offline": {} })).is(200);
    }

    /// The numbers of documents of an entity, the oldest first.
    fn numbers(&self, path: &str, entity: &str) -> Vec<String> {
        let listed = self.world.get(&format!("{path}?limit=100")).is(200);
        let of_entity = listed.data().iter().rev().filter(|document| document["entity_id"] == entity);
        of_entity.map(|document| document["number"].as_str().unwrap_or("draft").to_owned()).collect()
    }

    /// `INV-000001 31.00 + 6.20 FR`, the oldest first: with where its first line is taxed.
    fn invoices(&self, customer: &str) -> Vec<String> {
        let listed = self.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        let shown = listed.data().iter().rev().map(|invoice| {
            let whole =
                self.world.get(&format!("/v1/invoices/{}", invoice["id"].as_str().unwrap())).is(200).json;
            let text = |name: &str| whole[name].as_str().unwrap_or("draft").to_owned();
            let place = whole["lines"][0]["taxes"][0]["jurisdiction"].as_str().unwrap_or("nowhere");
            format!("{} {} + {} {place}", text("number"), text("subtotal"), text("tax_total"))
        });
        shown.collect()
    }
}

#[test]
fn a_business_begins_with_one_entity_of_its_name_that_numbers_as_always() {
    let world = World::new();
    let all = world.get("/v1/entities").is(200);
    let [only] = &all.data()[..] else { panic!("{:?}", all.data()) };
    assert_eq!(only["is_default"], true);
    assert_eq!(only["country"], Value::Null);
    assert_eq!(only["numbering"], json!({ "invoice": "INV-{seq:6}", "credit_note": "CN-{seq:6}" }));
    world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
    assert_eq!(world.get("/v1/entities").text_at("/data/0/country"), "FR");
    let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201);
    assert_eq!(customer.json["entity_id"], only["id"]);
}

#[test]
fn invoices_print_the_entity_as_it_was_when_they_were_issued() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    let first = house.invoice(&berlin, "10.00");
    let change = json!({ "legal_name": "Acme Deutschland GmbH", "mentions": ["HRB 4711"],
        "bank_accounts": [{ "iban": "DE89370400440532013000" }] });
    house.world.patch(&format!("/v1/entities/{}", house.german), change).is(200);
    let second = house.invoice(&berlin, "10.00");
    let seller = |id: &str| house.world.get(&format!("/v1/invoices/{id}")).is(200).json["seller"].clone();
    assert_eq!(seller(&first), json!({ "name": "Acme GmbH" }));
    assert_eq!(seller(&second)["legal_name"], "Acme Deutschland GmbH");
    assert_eq!(seller(&second)["mentions"], json!(["HRB 4711"]));
    let paris = house.invoice(&house.customer_in("FR"), "10.00");
    assert_ne!(seller(&paris)["name"], "Acme GmbH");
}
