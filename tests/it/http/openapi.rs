//! Does the description match what is served?

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::harness::World;
use billwright::http::routes::TABLE;

use super::examples::operations;

#[test]
fn the_description_in_the_tree_is_the_one_the_program_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let given = billwright::http::openapi_json().unwrap();
    assert!(kept == given, "openapi/openapi.json is not current: run `billwright openapi`");
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let mut described: Vec<String> = operations().into_iter().map(|(name, _)| name).collect();
    let mut served: Vec<String> =
        TABLE.iter().map(|(url, method)| format!("{} {url}", method.to_uppercase())).collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
}

#[test]
fn every_schema_that_is_named_is_there() {
    let given: Value = serde_json::from_str(&billwright::http::openapi_json().unwrap()).unwrap();
    let text = given.to_string();
    let named = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    let missing: BTreeSet<&str> =
        named.filter(|name| given["components"]["schemas"][name].is_null()).collect();
    assert!(missing.is_empty(), "these are not there: {missing:?}");
}

#[test]
fn every_operation_has_a_summary_a_tag_and_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (name, operation) in operations() {
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name} has no summary");
        assert!(operation["tags"][0].is_string(), "{name} has no tag");
        assert!(names.insert(operation["operationId"].to_string()), "{name} shares its operationId");
    }
}

#[test]
fn the_description_is_served_as_openapi_3_1_and_shown_at_docs() {
    let world = World::new();
    let nobody = world.with_key(None);
    let document = nobody.get("/openapi.json").is(200);
    assert_eq!(document.text_at("/openapi"), "3.1.0");
    assert_eq!(document.text_at("/components/securitySchemes/api_key/scheme"), "bearer");
    assert!(document.json.pointer("/components/schemas/Problem").is_some());
    assert!(nobody.get("/docs").is(200).text.contains("swagger"));
    assert!(nobody.get("/docs/").is(200).text.contains("swagger"));
}
