//! Which words can an answer have? The states and kinds that are told as a word, each as a schema of its own: `status` of an invoice is `InvoiceStatus`.
//! The tests hold every answer that they get to it.

use serde_json::{Value, json};

/// A kind of word, and the fields that have it.
struct Words {
    /// The schema's name.
    name: &'static str,
    /// Divided by spaces.
    words: &'static str,
    /// Such as `Invoice.status`.
    fields: &'static [&'static str],
}

const fn words(name: &'static str, words: &'static str, fields: &'static [&'static str]) -> Words {
    Words { name, words, fields }
}

const TABLE: &[Words] = &[
    words("AccountSide", "debit credit", &["LedgerAccount.grows_by"]),
    words(
        "AccountType",
        "asset liability income expense",
        &["LedgerAccount.type", "LedgerBalance.type", "ReportedBalance.type"],
    ),
    words("AccountingPeriodStatus", "open closing closed reopened", &["AccountingPeriod.status"]),
    words("Aggregation", "", &["ExplainedUsage.aggregation"]),
    words("AttemptOutcome", "processing succeeded failed", &["Attempt.outcome", "Payment.status"]),
    words("BackfillStatus", "open closed reverted", &["Backfill.status"]),
    words("BillRunStatus", "running completed completed_with_errors", &["BillRun.status"]),
    words("Collection", "", &["ForeseenInvoice.collection", "Invoice.collection"]),
    words("CreditGrantSource", "promotional purchased", &["CreditGrant.source"]),
    words("CreditGrantStatus", "pending active expired void", &["CreditGrant.status"]),
    words(
        "DeclinedAs",
        "outage later insufficient fix_data authenticate fraud never",
        &[
            "Attempt.class",
            "DeclineClass.class",
            "DeclineCode.class",
            "Payment.decline_class",
            "RecoveryOfClass.class",
        ],
    ),
    words("DisputeKind", "dispute chargeback failure", &["Dispute.kind"]),
    words("FraudWarningAction", "none task refunded", &["FraudWarning.action"]),
    words(
        "InvoiceStatus",
        "draft open paid void uncollectible",
        &["Invoice.status", "ExplainedInvoice.status"],
    ),
    words("JournalLevel", "", &["JournalExport.level"]),
    words("JournalExportStatus", "standing reversed", &["JournalExport.status"]),
    words(
        "MrrMovementKind",
        "new expansion price contraction churn reactivation",
        &["RecurringMovement.kind"],
    ),
    words("PaymentMethodKind", "", &["PaymentMethod.kind"]),
    words("PutOffBy", "advice network_limit", &["Attempt.put_off_by", "NextAttempt.put_off_by"]),
    words("RefundStatus", "pending succeeded failed", &["Refund.status"]),
    words(
        "RecognitionRule",
        "ratable_daily ratable_monthly point_in_time on_fulfilment milestone as_used as_drawn",
        &["RevenueSchedule.rule"],
    ),
    words("NexusRule", "sales either both", &["StateNexus.rule"]),
    words(
        "TaxCategory",
        "S Z E AE K G O L M",
        &["TaxFigure.category", "TaxOfLine.category", "TaxReportLine.category"],
    ),
    words("TaxCause", "invoice_issued invoice_voided credit_note_issued", &["TaxReportLine.cause"]),
    words("TaxedDocument", "invoice credit_note", &["TaxDifference.kind"]),
];

/// Gives words their schemas, and their fields a reference to them.
pub(super) fn describe(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    for Words { name, words, fields } in TABLE {
        // One that is described already has its words.
        if schemas[*name].is_null() {
            let listed: Vec<&str> = words.split_whitespace().collect();
            schemas[*name] = json!({ "type": "string", "enum": listed });
        }
        for (schema, field) in fields.iter().filter_map(|field| field.split_once('.')) {
            let property = &mut schemas[schema]["properties"][field];
            *property = worded(property, name);
        }
    }
}

/// The property with its words: null and its description stay.
fn worded(property: &Value, name: &str) -> Value {
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    let nullable = property["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
    let mut worded = match nullable {
        true => json!({ "oneOf": [reference, { "type": "null" }] }),
        false => reference,
    };
    if let Some(description) = property.get("description") {
        worded["description"] = description.clone();
    }
    worded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi;

    #[test]
    fn every_word_is_of_a_field_that_is_there() {
        let schemas = &openapi()["components"]["schemas"];
        for Words { name, fields, .. } in TABLE {
            let listed = schemas[*name]["enum"].as_array();
            assert!(listed.is_some_and(|words| !words.is_empty()), "{name} has no words");
            for (schema, field) in fields.iter().map(|field| field.split_once('.').unwrap()) {
                let is_there = schemas[schema]["properties"][field].to_string().contains(name);
                assert!(is_there, "there is no field {schema}.{field}");
                assert!(schemas[schema]["type"] == "object", "there is no {schema}");
            }
        }
    }

    #[test]
    fn null_and_the_description_stay() {
        let property = json!({ "type": ["string", "null"], "description": "Why." });
        let reference = json!({ "$ref": "#/components/schemas/PutOffBy" });
        assert_eq!(
            worded(&property, "PutOffBy"),
            json!({ "oneOf": [reference, { "type": "null" }], "description": "Why." })
        );
    }
}
