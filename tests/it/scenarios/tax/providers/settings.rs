//! How is a provider set? Its credentials are taken and never shown, and lie sealed in the database.

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::json;

use super::Desk;
use crate::harness::World;

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    text: String,
}

#[test]
fn credentials_are_never_shown_and_lie_sealed() {
    let world = World::new();
    let body = json!({ "name": "AvaTax", "kind": "avalara", "base_url": "https://rest.avatax.test", "company": "ACME",
        "credentials": "1100012345:hidden-license", "countries": ["US", "CA"] });
    let created = world.post("/v1/tax/providers", body).is(201);
    let at = format!("/v1/tax/providers/{}", created.id());
    let changed = world.patch(&at, json!({ "on_outage": "engine" })).is(200);
    world.relay_events();
    let feed = world.get("/v1/events").is(200);
    for reply in [&created, &changed, &world.get(&at), &world.get("/v1/tax/providers"), &feed] {
        assert!(!reply.text.contains("hidden-license"), "{}", reply.text);
    }
    assert_eq!(
        (&changed.json["has_credentials"], &changed.json["on_outage"]),
        (&json!(true), &json!("engine"))
    );
    let sql = format!(
        "SELECT credentials AS text FROM tax_providers WHERE tenant_id = '{}'",
        world.tenant.id.uuid()
    );
    let kept: Kept = diesel::sql_query(sql).get_result(&mut world.database.connect()).unwrap();
    assert!(!kept.text.contains("hidden") && kept.text.len() > 40, "{}", kept.text);
    // Another address gets to see nothing that was given for this one.
    let moved = world.patch(&at, json!({ "base_url": "https://elsewhere.test" })).is(200);
    assert_eq!(moved.json["has_credentials"], false);
    world.delete(&at).is(200);
    world.get(&at).is(404);
    world.settle();
}

#[test]
fn what_cannot_be_a_provider_is_refused_with_what_to_do() {
    let world = World::new();
    let body = |url: &str| json!({ "name": "P", "kind": "generic", "base_url": url, "countries": ["US"] });
    let code = |body: serde_json::Value| {
        let reply = world.post("/v1/tax/providers", body).is(422);
        reply.text_at("/errors/0/code")
    };
    for url in ["http://tax.test", "http://127.0.0.1.evil.test"] {
        assert_eq!(code(body(url)), "insecure_url", "{url}");
    }
    for url in ["ftp://tax.test", "https://", "https://x y", "tax.test"] {
        assert_eq!(code(body(url)), "malformed_url", "{url}");
    }
    assert_eq!(code(body("https://u:p@tax.test")), "credentials_in_url");
    for url in ["https://10.0.0.8", "https://169.254.169.254/latest", "https://[fd00::1]/v2"] {
        assert_eq!(code(body(url)), "private_address", "{url}");
    }
    let mut other = body("https://tax.test");
    other["countries"] = json!(["us"]);
    assert_eq!(code(other.clone()), "unknown_country");
    other["countries"] = json!([]);
    assert_eq!(code(other.clone()), "countries_required");
    (other["countries"], other["kind"]) = (json!(["US"]), json!("avalara"));
    assert_eq!(code(other), "company_required");
    world.post("/v1/tax/providers", body("https://tax.test")).is(201);
    assert_eq!(code(body("https://tax.test")), "overlapping_providers");
}

/// What is planted, and which check must name it.
const PLANTED: &[(&str, &str)] = &[
    (
        "DELETE FROM tax_documents WHERE tenant_id = $t AND kind = 'invoice'",
        "provided_taxes_are_known_to_their_provider",
    ),
    (
        "UPDATE tax_documents SET wanted = 'voided', recorded = 'voided' WHERE tenant_id = $t AND kind = 'invoice'",
        "provided_taxes_are_known_to_their_provider",
    ),
    (
        "DELETE FROM tax_documents WHERE tenant_id = $t AND kind = 'credit_note'",
        "credited_taxes_are_known_to_their_provider",
    ),
    ("UPDATE tax_documents SET recorded = 'nothing' WHERE tenant_id = $t", "what_a_provider_lacks_is_due"),
    (
        "UPDATE invoices SET status = 'draft', waits_for = 'tax_provider', finalizes_at = now(), number = NULL WHERE tenant_id = $t; \
         DELETE FROM tax_questions WHERE tenant_id = $t",
        "what_waits_for_a_provider_is_asked",
    ),
];

#[test]
fn each_planted_difference_is_named() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let desk = std::mem::ManuallyDrop::new(Desk::open());
        let ada = desk.austin();
        desk.subscribe(&ada);
        desk.at("00:00:30");
        let id = desk.invoice(&ada)["id"].as_str().unwrap().to_owned();
        let part =
            json!({ "invoice_id": id, "reason": "outage", "lines": [{ "line_no": 1, "amount": "10.00" }] });
        desk.shop.world.post("/v1/credit_notes", part).is(201);
        desk.at("00:01:00");
        desk.shop.world.relay_events();
        let named = desk.shop.world.named_by_checks(desk.shop.world.tenant.id, plant);
        assert!(named.contains(expected), "{plant}: {named:?}");
    }
}
