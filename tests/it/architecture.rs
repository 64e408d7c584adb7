//! Is the tree still built as its plan says? Which ring may import which, on which shelf a file lies and which it may
//! import, how long a file may be and what it may be called. `src/domain/money/mod.rs:7: domain may not import storage`.

mod circles;
mod imports;
mod locks;
mod names;
mod shape;
mod shelves;
pub mod source;

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
fn shelves_have_the_names_of_the_river_in_every_ring() {
    none(source::all().iter().flat_map(shelves::stray).collect());
}

#[test]
fn a_shelf_imports_only_shelves_before_it_in_the_river() {
    none(source::code().iter().flat_map(shelves::upstream).collect());
    assert_eq!(shelves::needless(&source::code()), [""; 0], "these exceptions are needed no more");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (found, none) = (circles::find(&source::code()), [""; 0]);
    assert_eq!(circles::unknown(&found), none, "move what they share into a file below them");
    assert_eq!(circles::opened(&found), none, "these circles are open: take them off the list");
}

#[test]
fn no_folder_is_crowded() {
    assert_eq!(shelves::crowded(&source::all()), [""; 0], "make folders of what belongs together");
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
fn every_parameter_has_a_name() {
    none(source::all().iter().flat_map(shape::bundled).collect());
}

#[test]
fn a_planted_bundle_of_parameters_is_found() {
    let found = |text| planted("src/domain/money/mod.rs", text, shape::bundled);
    let three = ["2: f takes 3 parameters as one tuple: name each"];
    assert_eq!(found("//! Doc\nfn f((a, b, c): (u8, u8, u8)) {}"), three);
    assert_eq!(found("//! Doc\nfn f((a, b, c): Alias) {}"), three, "nor behind the name of a type");
    assert_eq!(found("//! Doc\nfn f(all: (u8, u8, u8)) {}"), three);
    assert_eq!(found("impl S {\n    fn f(&self, (a, _, c): T) {}\n}"), three);
    assert_eq!(found("trait T {\n    fn f(&self, of: (u8, u8, u8));\n}"), three);
    assert_eq!(found("fn f((a, b): (u8, u8), c: u8) { g(|(d, e, f)| d) }"), Vec::<String>::new());
}

#[test]
fn every_name_says_what_it_names() {
    none(source::all().iter().flat_map(names::vague).collect());
}

#[test]
fn a_planted_vague_name_is_found() {
    let found = |text| planted("src/domain/money/mod.rs", text, names::vague);
    let breach = |line: usize, name: &str| [format!("{line}: {name} does not say what it holds: name that")];
    assert_eq!(found("//! Doc\nfn f() { let mut told = 1; }"), breach(2, "told"));
    assert_eq!(found("fn f(asked: u8) {}"), breach(1, "asked"));
    assert_eq!(found("fn f((part, of): (u8, u8)) {}"), breach(1, "of"));
    assert_eq!(found("fn f() { g(|(n, of)| n) }"), breach(1, "of"));
    assert_eq!(found("fn f() { for those in all {} }"), breach(1, "those"));
    assert_eq!(found("fn f() { match x { Some(what) => what, None => 0 } }"), breach(1, "what"));
    assert_eq!(found("struct S {\n    what: u8,\n}"), breach(2, "what"));
    assert_eq!(found("enum E {\n    A { of: u8 },\n}"), breach(2, "of"));
    let plain = "impl S { fn of(events: u8) -> S { Totals::of(events) } }";
    assert_eq!(found(plain), Vec::<String>::new(), "a constructor may be called so");
}

#[test]
fn a_planted_vague_name_of_a_function_or_type_is_found() {
    let found = |text| planted("src/domain/money/mod.rs", text, names::vague);
    let breach = |name: &str, lacks: &str| [format!("1: {name} does not say {lacks}: name that")];
    assert_eq!(found("fn told() {}"), breach("told", "what it does"));
    assert_eq!(found("fn of(line: u8) {}"), breach("of", "what it does"), "what is read without its type");
    assert_eq!(found("impl S { fn of(&self) -> u8 { 1 } }"), breach("of", "what it does"));
    assert_eq!(found("trait T { fn those(&self); }"), breach("those", "what it does"));
    assert_eq!(found("struct Asked { by: u8 }"), breach("Asked", "what it is"));
    assert_eq!(found("enum Ended { Told(u8) }"), breach("Told", "what it is"));
    assert_eq!(found("mod told {}"), breach("told", "what lies in it"));
    assert_eq!(found("trait T { fn of(line: u8) -> Self; }"), Vec::<String>::new());
}

#[test]
fn customers_are_locked_in_one_file() {
    none(source::code().iter().flat_map(locks::elsewhere).collect());
    let planted_lock = ["1: customers are locked by src/storage/customers/locks.rs alone"];
    let dsl = "fn f() { customers::table.find(id).for_no_key_update().first(conn); }";
    let sql = "fn f() { sql_query(\"SELECT id FROM customers WHERE id = $1 FOR SHARE\"); }";
    assert_eq!(planted("src/storage/usage/subjects.rs", dsl, locks::elsewhere), planted_lock);
    assert_eq!(planted("src/storage/usage/subjects.rs", sql, locks::elsewhere), planted_lock);
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
    let found = |text| planted("src/http/v1/customers/mod.rs", text, imports::of_rings);
    let closed = "http may import of storage only Db, Session, Tx, StorageError, idempotency, keyset, listing, migrate, tenants/api_keys, */views";
    assert_eq!(
        found("use crate::storage::{Tx, invoicing};"),
        [format!("1: {closed} (crate::storage::invoicing)")]
    );
    assert_eq!(found("use crate::storage;"), [format!("1: {closed} (crate::storage)")]);
    assert_eq!(
        found("use crate::storage::tenants::save;"),
        [format!("1: {closed} (crate::storage::tenants::save)")]
    );
    assert_eq!(found("use crate::storage::customers::views;"), Vec::<String>::new());
    assert_eq!(found("use crate::jobs::Runner;"), ["1: http may not import jobs (crate::jobs::Runner)"]);
}

#[test]
fn a_planted_import_against_the_river_is_found() {
    let found = |path, text| planted(path, text, shelves::upstream);
    let rule = "invoicing comes before ledger in the river and may not import it";
    let upstream = [format!("1: {rule} (crate::domain::ledger::Account)")];
    assert_eq!(found("src/domain/invoicing/finalize.rs", "use crate::domain::ledger::Account;"), upstream);
    assert_eq!(found("src/domain/invoicing/finalize.rs", "use super::super::ledger::Account;"), upstream);
    assert_eq!(found("src/domain/invoicing/mod.rs", "use super::ledger::Account;"), upstream);
    assert_eq!(
        found("src/http/v1/invoicing/invoices.rs", "use crate::http::v1::{ledger, invoicing::invoices};"),
        [format!("1: {rule} (crate::http::v1::ledger)")]
    );
    assert_eq!(
        found("src/wire/amounts.rs", "use super::customers::Customer;"),
        [
            "1: amounts comes before customers in the river and may not import it (crate::wire::customers::Customer)"
        ]
    );
    assert_eq!(
        found("src/domain/ledger/mod.rs", "use crate::domain::{invoicing::Invoice, refusal::Refusal};"),
        Vec::<String>::new()
    );
    assert_eq!(
        found("src/workflows/ledger/close.rs", "use crate::storage::revenue;"),
        Vec::<String>::new(),
        "the river is of one ring"
    );
}

#[test]
fn a_planted_stray_file_is_found() {
    let found = |path| planted(path, "fn f() {}", shelves::stray);
    assert_eq!(
        found("src/domain/surprises.rs"),
        ["1: surprises is no shelf of the river (src/domain/surprises.rs)"]
    );
    assert_eq!(
        found("src/storage/views/invoices.rs"),
        ["1: views is no shelf of the river (src/storage/views/invoices.rs)"]
    );
    assert_eq!(
        found("tests/it/scenarios/drafts/mod.rs"),
        ["1: drafts is no shelf of the river (tests/it/scenarios/drafts/mod.rs)"]
    );
    assert_eq!(found("src/domain/invoicing/status.rs"), Vec::<String>::new());
    assert_eq!(found("src/http/v1/mod.rs"), Vec::<String>::new());
}

#[test]
fn a_planted_circle_is_found() {
    let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let circle = ["src/domain/a.rs ↔ src/domain/b/c.rs ↔ src/domain/b/mod.rs"];
    let a = file("src/domain/a.rs", "use super::b; fn f() { b::g() }");
    let b = file("src/domain/b/mod.rs", "mod c; pub use c::T; pub fn g() -> T { T }");
    let back = file("src/domain/b/c.rs", "use crate::domain::a::f; pub struct T;");
    let used = file("src/domain/b/mod.rs", "mod c; use c::T; pub fn g() -> T { T }");
    assert_eq!(circles::unknown(&circles::find(&[a, used, back])), circle);
    let a = file("src/domain/a.rs", "use super::b::T; fn f() -> T { T }");
    let c = file("src/domain/b/c.rs", "pub struct T;");
    assert_eq!(
        circles::unknown(&circles::find(&[a, b, c])),
        Vec::<String>::new(),
        "a name that is given on is no import"
    );
}

#[test]
fn a_planted_crowd_is_found() {
    let file = |n: usize| Source { path: format!("src/domain/tax/rate_{n}.rs"), text: String::new() };
    let files = |count: usize| (0..count).map(file).collect::<Vec<_>>();
    assert_eq!(shelves::crowded(&files(20)), Vec::<String>::new());
    assert_eq!(shelves::crowded(&files(21)), ["src/domain/tax has 21 files; 20 are allowed"]);
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
