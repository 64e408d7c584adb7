//! Does `src/storage/schema.rs` say what the migrations make? Every table, every column, its type and whether it may be null.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::harness::Database;

#[test]
fn the_tables_in_the_code_are_the_tables_in_the_database() {
    let (declared, migrated) = (declared(), migrated());
    let only = |left: &BTreeSet<String>, right: &BTreeSet<String>| {
        left.difference(right).cloned().collect::<Vec<_>>()
    };
    assert_eq!((only(&declared, &migrated), only(&migrated, &declared)), (vec![], vec![]));
}

/// `table.column type` or `table.column type?` for each column of the `table!` blocks.
fn declared() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage/schema.rs");
    let text = fs::read_to_string(file).unwrap();
    let mut columns = BTreeSet::new();
    let (mut table, mut renamed) = (String::new(), None);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = name.strip_suffix("\"]").map(str::to_owned);
        } else if let Some((name, type_)) = line.split_once(" -> ") {
            let name = renamed.take().unwrap_or_else(|| name.to_owned());
            columns.insert(format!("{table}.{name} {}", plain(type_.trim_end_matches(','))));
        } else if line.ends_with(") {") {
            table =
                line.split(' ').next().unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned();
        }
    }
    columns
}

/// `Nullable<Int8>` → `int8?`, `Array<Text>` → `_text`.
fn plain(type_: &str) -> String {
    let within = |outer: &str| type_.strip_prefix(outer)?.strip_suffix('>');
    match (within("Nullable<"), within("Array<")) {
        (Some(inner), _) => format!("{}?", plain(inner)),
        (None, Some(inner)) => format!("_{}", plain(inner)),
        (None, None) if type_ == "Binary" => "bytea".to_owned(),
        (None, None) => type_.to_lowercase(),
    }
}

fn migrated() -> BTreeSet<String> {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let query = "SELECT table_name || '.' || column_name || ' ' || udt_name || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS text \
                 FROM information_schema.columns WHERE table_schema IN ('public', 'simulator') AND table_name NOT LIKE '%schema_migrations'";
    let columns: Vec<Column> = diesel::sql_query(query).load(&mut Database::shared().connect()).unwrap();
    columns.into_iter().map(|column| column.text.replace(" varchar", " text")).collect()
}

#[test]
fn no_plan_depends_on_how_often_its_tenant_occurred_when_statistics_were_taken() {
    #[derive(QueryableByName, Debug)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }
    // `ALTER TABLE … ALTER COLUMN tenant_id SET STATISTICS 0` in the migration that makes a table: see plans_for_every_tenant.
    let query = "SELECT c.relname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
                 WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id' AND a.attstattarget <> 0";
    let known: Vec<Table> = diesel::sql_query(query).load(&mut Database::shared().connect()).unwrap();
    let names: Vec<&str> = known.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, [""; 0]);
}
