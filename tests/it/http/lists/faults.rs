//! Is every mistake in a query named with its parameter, on every list?

use crate::harness::World;

#[test]
fn each_parameter_at_fault_is_named_and_nothing_is_guessed() {
    let world = World::new();
    for (query, faults) in [
        ("staus=open", &[("/query/staus", "unknown_field")][..]),
        ("billing_date[from]=2026-01-01", &[("/query/billing_date[from]", "unknown_field")]),
        ("status=opne&limit=0", &[("/query/limit", "limit_out_of_range"), ("/query/status", "bad_value")]),
        ("due_at[gte]=2026-02-01&due_at[lte]=2026-01-01", &[("/query/due_at[lte]", "range_reversed")]),
        ("total[gte]=ten", &[("/query/total[gte]", "bad_decimal")]),
        ("total[gt]=1&total[gte]=1", &[("/query/total[gte]", "duplicate_field")]),
        ("currency=eur", &[("/query/currency", "unknown_currency")]),
        ("customer_id=42", &[("/query/customer_id", "bad_value")]),
        ("overdue=maybe", &[("/query/overdue", "bad_value")]),
        ("sort=total", &[("/query/sort", "bad_value")]),
        ("expand=everything", &[("/query/expand", "bad_value")]),
        ("metadata[a]=b", &[("/query/metadata[a]", "unknown_field")]),
        ("billing_date=2026-02-30", &[("/query/billing_date", "bad_value")]),
        ("q=%2B%2B", &[("/query/q", "bad_value")]),
        ("number=a%00b", &[("/query/number", "control_character")]),
    ] {
        let reply = world.get(&format!("/v1/invoices?{query}")).is_problem(422, faults_code(faults));
        let faults: Vec<_> = faults.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(reply.faults(), faults, "{query}: {}", reply.text);
    }
}

/// One fault is the problem's own code; several are `invalid`.
fn faults_code(faults: &[(&str, &'static str)]) -> &'static str {
    match faults {
        [(_, code)] => code,
        _ => "invalid",
    }
}

#[test]
fn a_hostile_query_is_bounded() {
    let world = World::new();
    let many = |n: usize| vec!["cus_01h2xcejqtf2nbrexx3vqjhp41"; n].join(",");
    world.get(&format!("/v1/invoices?customer_id={}", many(100))).is(200);
    let refused = world.get(&format!("/v1/invoices?customer_id={}", many(101))).is(422);
    assert_eq!(refused.faults(), [("/query/customer_id".to_owned(), "too_many_values".to_owned())]);
    let parameters: Vec<String> = (0..61).map(|n| format!("metadata[k{n}]=v")).collect();
    let refused = world.get(&format!("/v1/customers?{}", parameters.join("&"))).is(422);
    assert_eq!(refused.faults()[0].1, "too_many_parameters");
    let words = ["a"; 11].join("+");
    assert_eq!(world.get(&format!("/v1/customers?q={words}")).is(422).faults()[0].1, "bad_value");
    let long = "x".repeat(201);
    assert_eq!(world.get(&format!("/v1/customers?name={long}")).is(422).faults()[0].1, "bad_value");
    // Amounts that no row can have are no fault, and found nowhere.
    for query in [
        "total=999999999999999.99",
        "total[gt]=-999999999999999",
        "total=0.001",
        "number=999999999999999999999999",
    ] {
        assert!(world.get(&format!("/v1/invoices?{query}")).is(200).data().is_empty(), "{query}");
    }
    let quoted =
        world.get("/v1/customers?name=%27%3B+DROP+TABLE+customers%3B--&q=%27+OR+1%3D1&sort=-name").is(200);
    assert!(quoted.data().is_empty());
}

#[test]
fn a_cursor_belongs_to_its_order() {
    let world = World::new();
    for name in ["A", "B", "C"] {
        world.post("/v1/customers", serde_json::json!({ "name": name })).is(201);
    }
    let cursor = world.get("/v1/customers?limit=1&sort=name").is(200).text_at("/next_cursor");
    world.get(&format!("/v1/customers?limit=1&sort=name&after={cursor}")).is(200);
    let refused = world.get(&format!("/v1/customers?limit=1&after={cursor}")).is(422);
    assert_eq!(refused.faults(), [("/query/after".to_owned(), "bad_cursor".to_owned())]);
    let newest = world.get("/v1/customers?limit=1").is(200).text_at("/next_cursor");
    assert_eq!(
        world.get(&format!("/v1/customers?sort=name&before={newest}")).is(422).faults()[0].0,
        "/query/before"
    );
}
