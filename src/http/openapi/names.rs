//! What is an operation called? A verb and its subject, from the method and the URL: `POST /v1/invoices/{id}/finalize` is `finalizeInvoice`,
//! `GET /v1/invoices` is `listInvoices`.

/// The verbs of which an operation's name begins with one.
pub const VERBS: &[&str] = &[
    "add",
    "advance",
    "apply",
    "calculate",
    "cancel",
    "change",
    "charge",
    "close",
    "correct",
    "create",
    "delete",
    "end",
    "explain",
    "export",
    "finalize",
    "get",
    "ingest",
    "list",
    "lookup",
    "mark",
    "open",
    "pause",
    "pay",
    "preview",
    "publish",
    "receive",
    "reopen",
    "replace",
    "replay",
    "resume",
    "retry",
    "reverse",
    "revert",
    "revoke",
    "rotate",
    "set",
    "simulate",
    "stage",
    "stop",
    "test",
    "uncancel",
    "update",
    "verify",
    "void",
];

/// Whose last part is not a verb, or not the verb that fits.
const OWN: &[(&str, &str)] = &[
    ("DELETE /v1/api_keys/{id}", "revokeApiKey"),
    ("DELETE /v1/budgets/{id}", "endBudget"),
    ("DELETE /v1/discounts/{id}", "endDiscount"),
    ("DELETE /v1/test_clock/advance", "stopTestClock"),
    ("GET /v1/customers/{id}/children", "listCustomerChildren"),
    ("GET /v1/exports/fec", "exportFec"),
    ("GET /v1/exports/journals", "listJournalExports"),
    ("GET /v1/exports/journals/{id}", "getJournalExport"),
    ("GET /v1/exports/journals/{id}/file", "getJournalExportFile"),
    ("GET /v1/health/work", "getWorkHealth"),
    ("GET /v1/parked_work", "listParkedWork"),
    ("GET /v1/reports/mrr", "getRecurringRevenue"),
    ("GET /v1/reports/mrr/cohorts", "getRecurringRevenueCohorts"),
    ("GET /v1/reports/mrr/movements", "getRecurringRevenueMovements"),
    ("GET /v1/revenue/schedules/{id}", "explainRevenueSchedule"),
    ("GET /v1/tax/returns/ec_sales", "getEcSalesList"),
    ("GET /v1/tax/returns/oss", "getOssReturn"),
    ("GET /v1/tax/returns/us", "getUsReturn"),
    ("POST /v1/account_mappings", "setAccountMappings"),
    ("POST /v1/accounting_periods", "openAccountingPeriod"),
    ("POST /v1/customers/{id}/credit_balance/pay_out", "payOutCustomerCreditBalance"),
    ("POST /v1/customers/{id}/tax_ids/verify", "verifyCustomerTaxIds"),
    ("POST /v1/exports/journals", "exportJournal"),
    ("POST /v1/exports/journals/{id}/reverse", "reverseJournalExport"),
    ("POST /v1/inbound/{gateway}/{account_id}", "receiveGatewayEvent"),
    ("POST /v1/invoices/{id}/correct/preview", "previewInvoiceCorrection"),
    ("POST /v1/invoices/{id}/lines", "addInvoiceLine"),
    ("POST /v1/invoices/{id}/mark_uncollectible", "markInvoiceUncollectible"),
    ("POST /v1/plans/{id}/versions", "publishPlanVersion"),
    ("POST /v1/routing_rules", "replaceRoutingRules"),
    ("POST /v1/subscriptions/{id}/cancel/preview", "previewSubscriptionCancellation"),
    ("POST /v1/subscriptions/{id}/charges", "chargeSubscription"),
    ("POST /v1/subscriptions/{id}/renewal", "setSubscriptionRenewal"),
    ("POST /v1/subscriptions/{id}/uncancel/preview", "previewSubscriptionUncancellation"),
    ("POST /v1/test_clock/advance", "advanceTestClock"),
    ("POST /v1/usage/backfills/{id}/events", "stageUsageEvents"),
    ("POST /v1/usage/events", "ingestUsageEvents"),
    ("POST /v1/usage/replays", "replayUsage"),
    ("POST /v1/webhook_endpoints/{id}/replay", "replayWebhookDeliveries"),
    ("POST /v1/webhook_endpoints/{id}/rotate_secret", "rotateWebhookEndpointSecret"),
];

/// Words that have an `s` at their end and are one thing.
const ONE: &[&str] = &["settings", "preferences", "nexus"];

/// The name of `method` at `url`.
pub(super) fn name(method: &str, url: &str) -> String {
    let operation = format!("{method} {url}");
    if let Some((_, own)) = OWN.iter().find(|(named, _)| *named == operation) {
        return (*own).to_owned();
    }
    let words: Vec<&str> = url.split('/').skip(2).filter(|part| !part.starts_with('{')).collect();
    let Some((last, before)) = words.split_last() else { return method.to_ascii_lowercase() };
    if *last == "preview" || (!before.is_empty() && VERBS.contains(last)) {
        return format!("{last}{}", subject(before));
    }
    let is_one = url.ends_with('}') || singular(last) == *last;
    match method {
        "GET" if is_one => format!("get{}", subject(&words)),
        "GET" => format!("list{}{}", subject(before), capitalized(last)),
        "POST" => format!("create{}", subject(&words)),
        "PUT" => format!("set{}", subject(&words)),
        "PATCH" => format!("update{}", subject(&words)),
        _ => format!("delete{}", subject(&words)),
    }
}

fn subject(words: &[&str]) -> String {
    words.iter().map(|word| capitalized(&singular(word))).collect()
}

fn singular(word: &str) -> String {
    let last = word.rsplit('_').next().unwrap_or(word);
    if ONE.contains(&last) {
        return word.to_owned();
    }
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => word.to_owned(),
    }
}

/// `credit_note` is `CreditNote`.
fn capitalized(word: &str) -> String {
    let upper = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    word.split('_').map(upper).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::http::routes::TABLE;

    #[test]
    fn a_name_says_verb_and_subject() {
        for (method, url, expected) in [
            ("GET", "/v1/budgets", "listBudgets"),
            ("GET", "/v1/entities/{id}", "getEntity"),
            ("POST", "/v1/invoices/{id}/finalize", "finalizeInvoice"),
            ("POST", "/v1/credit_notes/preview", "previewCreditNote"),
            ("PATCH", "/v1/customers/{id}/payment_preferences", "updateCustomerPaymentPreferences"),
            ("GET", "/v1/plans/{id}/versions/{number}", "getPlanVersion"),
            ("DELETE", "/v1/invoices/{id}", "deleteInvoice"),
        ] {
            assert_eq!(name(method, url), expected);
        }
    }

    #[test]
    fn no_two_operations_have_one_name_and_each_begins_with_a_verb() {
        let mut names = BTreeSet::new();
        for (url, method) in TABLE {
            let name = name(&method.to_ascii_uppercase(), url);
            let verb: String = name.chars().take_while(char::is_ascii_lowercase).collect();
            assert!(VERBS.contains(&verb.as_str()), "{name} begins with no verb");
            assert!(name.len() > verb.len(), "{name} names no subject");
            assert!(names.insert(name.clone()), "{name} is the name of two operations");
        }
    }

    #[test]
    fn what_has_a_name_of_its_own_is_there() {
        for (operation, _) in OWN {
            let (method, url) = operation.split_once(' ').unwrap();
            assert!(
                TABLE.contains(&(url, method.to_ascii_lowercase().as_str())),
                "{operation} is not served"
            );
        }
    }
}
