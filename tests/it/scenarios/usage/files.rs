//! Does a file of requests become events, once?

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::Metering;

/// Runs `billwright import usage` on a file with this content.
fn import(seller: &Metering, text: &str) -> (Output, Value) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("usage-{}", seller.world.tenant.id));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("requests.csv");
    std::fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_billwright"))
        .args(["import", "usage", "--json", "--tenant", &seller.world.tenant.id.to_string()])
        .args(["--customer", "acme", "--database-url", &seller.world.database.url])
        .arg(&file)
        .output()
        .unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output, report)
}

#[test]
fn the_rows_of_a_file_are_events_of_one_customer_and_the_file_again_changes_nothing() {
    let seller = Metering::at("2024-01-01T00:00:00Z");
    seller.meter("in", json!({ "aggregation": "sum", "value_property": "ContextTokens" }));
    seller.meter("out", json!({ "aggregation": "sum", "value_property": "GeneratedTokens" }));
    let text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n";
    let (output, report) = import(&seller, text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        report,
        json!({ "accepted": 2, "duplicates": 0, "kept": 0, "rejected_count": 0, "rejected": [] })
    );
    let november = ("2023-11-01T00:00:00Z", "2023-12-01T00:00:00Z");
    assert_eq!(seller.used("in", november.0, november.1), "7988 of 2");
    assert_eq!(seller.used("out", november.0, november.1), "18 of 2");
    let before = seller.world.rows_of(seller.world.tenant.id);
    let (output, report) = import(&seller, text);
    assert!(output.status.success());
    assert_eq!(report["duplicates"], 2);
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
    // A row that says something else than before is told, and the first one counts.
    let (output, report) = import(&seller, &text.replace("3180", "3181"));
    assert!(!output.status.success());
    assert_eq!(
        (&report["rejected"][0]["row"], &report["rejected"][0]["code"]),
        (&json!(2), &json!("conflict"))
    );
    let (output, _) = import(&seller, &text.replace("2023-11-16 18:17:04", "yesterday"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("row 2"), "{output:?}");
}
