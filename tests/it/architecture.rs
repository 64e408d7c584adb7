//! Is the tree still built as its plan says? Which ring may import which, which subject comes before which, how long a
//! file may be and what it may be called. `src/domain/money/mod.rs:7: domain may not import storage`.

mod imports;
mod shape;
mod source;

use source::{Breach, Source};

#[track_caller]
fn none(breaches: Vec<Breach>) {
    let lines: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} breaches of the architecture:\n{}\n", lines.len(), lines.join("\n"));
}

#[test]
fn rings_import_only_what_the_table_allows() {
    none(source::code().iter().flat_map(imports::of_rings).collect());
}

#[test]
fn subjects_import_only_subjects_before_them_in_the_river() {
    none(source::code().iter().flat_map(imports::of_subjects).collect());
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    none(source::code().iter().flat_map(imports::of_crates).collect());
}

#[test]
fn files_and_functions_are_short_enough_to_read() {
    none(source::all().iter().flat_map(shape::too_long).collect());
}

#[test]
fn every_file_says_what_question_it_answers() {
    none(source::all().iter().flat_map(shape::undocumented).collect());
}

#[test]
fn nothing_is_named_after_nothing() {
    none(source::all().iter().flat_map(shape::nameless).collect());
}

#[test]
fn no_binary_float_comes_near_money() {
    none(source::code().iter().flat_map(shape::floats).collect());
}

#[test]
fn a_planted_float_is_found() {
    let float = ["2: f64 is not exact: domain computes in Decimal and integers"];
    let text = "//! Doc\nfn f(x: Option<f64>) {}";
    assert_eq!(planted("src/domain/money/mod.rs", text, shape::floats), float);
    assert_eq!(planted("src/http/metrics.rs", text, shape::floats), Vec::<String>::new());
}

#[test]
fn the_tree_is_all_there() {
    let (code, all) = (source::code(), source::all());
    assert!(code.len() > 100 && all.len() > code.len(), "only {} files were found", all.len());
    for ring in imports::RINGS {
        assert!(code.iter().any(|s| s.ring() == ring), "no file of {ring} was found");
    }
}

/// What a rule says of a planted file, without the file's name.
fn planted(path: &str, text: &str, rule: fn(&Source) -> Vec<Breach>) -> Vec<String> {
    let source = Source { path: path.to_owned(), text: text.to_owned() };
    rule(&source).iter().map(|b| b.to_string().replacen(&format!("{path}:"), "", 1)).collect()
}

#[test]
fn a_planted_import_is_found_however_it_is_written() {
    let path = "src/domain/money/mod.rs";
    let found = |text| planted(path, text, imports::of_rings);
    let storage = ["1: domain may not import storage (crate::storage::Db)"];
    assert_eq!(found("use crate::storage::Db;"), storage);
    assert_eq!(found("use crate::{storage::Db, domain::ids};"), storage);
    assert_eq!(found("use super::super::storage::Db as Other;"), storage);
    assert_eq!(found("fn f() -> crate::storage::Db { g() }"), storage);
    assert_eq!(
        found("fn f() { println!(\"{}\", crate::storage::Db::new()) }"),
        ["1: domain may not import storage (crate::storage::Db::new)"]
    );
    assert_eq!(found("#[derive(crate::storage::Db)] struct S;"), storage);
    assert_eq!(
        found("mod inner {\n    use super::super::super::storage::Db;\n}"),
        ["2: domain may not import storage (crate::storage::Db)"]
    );
    assert_eq!(found("use crate::*;"), ["1: name the ring that is imported instead of the whole crate"]);
    assert_eq!(
        found("use crate::platfrom::clock;"),
        ["1: there is no ring called platfrom (crate::platfrom::clock)"]
    );
    assert_eq!(
        found("use crate::domain::ids::CustomerId; pub(in crate::domain) fn f() {}"),
        Vec::<String>::new()
    );
    assert_eq!(found("#[cfg(test)]\nmod tests { use crate::storage::Db; }"), Vec::<String>::new());
}

#[test]
fn a_planted_import_of_a_closed_room_is_found() {
    let found = |text| planted("src/http/v1/customers.rs", text, imports::of_rings);
    let closed = "http may import of storage only Db, Session, Tx, StorageError, api_keys, idempotency, migrate, views";
    assert_eq!(
        found("use crate::storage::{Tx, invoicing};"),
        [format!("1: {closed} (crate::storage::invoicing)")]
    );
    assert_eq!(found("use crate::storage;"), [format!("1: {closed} (crate::storage)")]);
    assert_eq!(found("use crate::storage::views::customers;"), Vec::<String>::new());
    assert_eq!(found("use crate::jobs::Runner;"), ["1: http may not import jobs (crate::jobs::Runner)"]);
}

#[test]
fn a_planted_import_against_the_river_is_found() {
    let found = |path, text| planted(path, text, imports::of_subjects);
    let upstream = [
        "1: invoicing comes before ledger in the river and may not import it (crate::domain::ledger::Account)",
    ];
    assert_eq!(found("src/domain/invoicing/finalize.rs", "use crate::domain::ledger::Account;"), upstream);
    assert_eq!(found("src/domain/invoicing/finalize.rs", "use super::super::ledger::Account;"), upstream);
    assert_eq!(found("src/domain/invoicing/mod.rs", "use super::ledger::Account;"), upstream);
    assert_eq!(
        found("src/domain/ledger/mod.rs", "use crate::domain::{invoicing::Line, refusal::Refusal};"),
        Vec::<String>::new()
    );
    let stray = ["1: surprises is no subject of the river (src/domain/surprises.rs)"];
    assert_eq!(found("src/domain/surprises.rs", "fn f() {}"), stray);
}

#[test]
fn a_planted_crate_is_found_outside_its_room() {
    let found = |path, text| planted(path, text, imports::of_crates);
    assert_eq!(
        found("src/domain/money/mod.rs", "use tracing::info;"),
        ["1: domain may not use the crate tracing (tracing::info)"]
    );
    assert_eq!(
        found("src/domain/money/mod.rs", "fn f() { tracing::info!(\"{}\", 1) }"),
        ["1: domain may not use the crate tracing (tracing::info)"]
    );
    assert_eq!(
        found("src/domain/money/mod.rs", "use rust_decimal::Decimal; use std::fmt;"),
        Vec::<String>::new()
    );
    let diesel = ["1: only storage may use the crate diesel (diesel::prelude)"];
    assert_eq!(found("src/workflows/scope.rs", "use diesel::prelude::*;"), diesel);
    assert_eq!(found("src/storage/tx.rs", "use diesel::prelude::*;"), Vec::<String>::new());
    assert_eq!(
        found("src/storage/tx.rs", "#[derive(utoipa::ToSchema)] struct S;"),
        ["1: only wire, http may use the crate utoipa (utoipa::ToSchema)"]
    );
}

#[test]
fn a_planted_shape_is_found() {
    let path = "src/domain/money/mod.rs";
    let long = format!("//! Doc\nfn long() {{\n{}}}\n", "    work();\n".repeat(69));
    assert_eq!(planted(path, &long, shape::too_long), ["2: the function long has 71 lines; 70 are allowed"]);
    let method = format!(
        "//! Doc\nimpl S {{\n    fn long(&self) {{\n{}    }}\n}}\n",
        "        work();\n\n        // why\n".repeat(68)
    );
    assert_eq!(
        planted(path, &method, shape::too_long),
        Vec::<String>::new(),
        "blank lines and comments do not count"
    );
    let file = "// line\n".repeat(501);
    assert_eq!(planted(path, &file, shape::too_long), ["1: the file has 501 lines; 500 are allowed"]);
    assert_eq!(
        planted(path, "use std::fmt;\n", shape::undocumented),
        ["1: a file opens with //! and the question it answers"]
    );
    assert_eq!(
        planted("src/domain/utils.rs", "//! Doc", shape::nameless),
        ["1: utils says nothing about what is inside"]
    );
    assert_eq!(
        planted("src/domain/helper/mod.rs", "//! Doc", shape::nameless),
        ["1: helper says nothing about what is inside"]
    );
    assert_eq!(
        planted(path, "//! Doc\nmod inner {\n    mod misc {}\n}", shape::nameless),
        ["3: misc says nothing about what is inside"]
    );
}
