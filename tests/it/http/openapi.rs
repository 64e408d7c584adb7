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
fn nothing_is_described_by_null() {
    fn walk(value: &Value, at: &str) {
        // An example may show it, and a default or a word of an enum may be it.
        for (name, member) in value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !["example", "default"].contains(&name.as_str()))
        {
            assert!(!member.is_null(), "{at}/{name} is null");
            walk(member, &format!("{at}/{name}"));
        }
        for element in value.as_array().into_iter().flatten() {
            walk(element, at);
        }
    }
    walk(billwright::http::openapi(), "");
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
fn every_tag_is_explained_and_every_name_begins_with_a_verb() {
    let document = billwright::http::openapi();
    let explained: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut used = BTreeSet::new();
    for (name, operation) in operations() {
        let tag = operation["tags"][0].as_str().unwrap().to_owned();
        assert!(explained.contains(tag.as_str()), "{name} stands under {tag}, which is not explained");
        used.insert(tag);
        let id = operation["operationId"].as_str().unwrap();
        let verb: String = id.chars().take_while(char::is_ascii_lowercase).collect();
        assert!(
            billwright::http::openapi::VERBS.contains(&verb.as_str()),
            "{name}: {id} begins with no verb"
        );
    }
    let unused: Vec<&&str> = explained.iter().filter(|tag| !used.contains(**tag)).collect();
    assert!(unused.is_empty(), "nothing stands under {unused:?}");
}

#[test]
fn every_operation_names_its_errors_by_status_and_every_status_its_codes() {
    let document = billwright::http::openapi();
    for (name, operation) in operations() {
        let responses = operation["responses"].as_object().unwrap();
        for status in ["400", "500", "503", "default"] {
            assert!(responses.contains_key(status), "{name} does not name {status}");
        }
        for (status, response) in
            responses.iter().filter(|(status, _)| status.as_str() >= "400" && *status != "default")
        {
            let shared = response["$ref"].as_str().map(|named| document.pointer(&named[1..]).unwrap());
            let codes = shared.unwrap_or(response)["x-codes"].as_array();
            assert!(codes.is_some_and(|codes| !codes.is_empty()), "{name} names {status} without a code");
        }
    }
    let codes = document["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap();
    assert!(codes.len() > 300, "only {} codes", codes.len());
}

#[test]
fn the_type_of_a_problem_leads_to_the_row_that_explains_it() {
    let world = World::new();
    let problem = world.post("/v1/customers", serde_json::json!({ "name": " " })).is_problem(422, "blank");
    let type_ = problem.text_at("/type");
    let (page, row) = type_.split_once('#').unwrap();
    let page = world.with_key(None).get(page).is(200).text;
    assert!(page.contains(&format!("<tr id=\"{row}\">")), "{type_} leads nowhere");
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
