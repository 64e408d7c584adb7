//! Does the description match what is served?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
fn no_two_types_are_described_under_one_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for ring in ["wire", "http"] {
        rust_files(&root.join(ring), &mut files);
    }
    let mut described: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files {
        for name in schemas(&std::fs::read_to_string(&file).unwrap()) {
            let before = described.insert(name.clone(), file.clone());
            assert!(before.is_none(), "{name} is described in {} and in {before:?}", file.display());
        }
    }
    assert!(described.len() > 100, "only {} types were found", described.len());
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => rust_files(&path, files),
            false => files.extend(path.extension().is_some_and(|e| e == "rs").then(|| path.clone())),
        }
    }
}

/// The names under which the types of a file are described: their own, unless `schema(as = …)` says another.
fn schemas(text: &str) -> Vec<String> {
    let (mut names, mut is_one, mut other) = (Vec::new(), false, None);
    for line in text.lines() {
        is_one |= line.starts_with("#[derive(") && line.contains("ToSchema");
        if let Some((_, rest)) = line.split_once("#[schema(as = ") {
            other = rest.split([')', ',']).next().map(str::to_owned);
        }
        let declared = ["pub struct ", "pub enum "].iter().find_map(|word| line.strip_prefix(word));
        if let Some(name) = declared.map(|rest| rest.split([' ', '<', '(', ';']).next().unwrap().to_owned()) {
            names.extend(is_one.then(|| other.take().unwrap_or(name)));
            (is_one, other) = (false, None);
        }
    }
    names
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
fn the_description_is_served_as_openapi_3_1_and_shown_at_docs_api() {
    let world = World::new();
    let nobody = world.with_key(None);
    let document = nobody.get("/openapi.json").is(200);
    assert_eq!(document.text_at("/openapi"), "3.1.0");
    assert_eq!(document.text_at("/components/securitySchemes/api_key/scheme"), "bearer");
    assert!(document.json.pointer("/components/schemas/Problem").is_some());
    assert!(nobody.get("/docs/api").is(200).text.contains("swagger"));
    assert!(nobody.get("/docs/api/").is(200).text.contains("swagger"));
}
