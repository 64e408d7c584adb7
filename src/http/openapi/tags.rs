//! Under which headings do operations stand? Each tag with what it is about: `invoices` has drafts, documents and their lines.

use serde_json::{Value, json};

/// The tags, in the order in which a business meets them.
pub(super) const TAGS: &[(&str, &str)] = &[
    ("customers", "Who buys: addresses, tax numbers, who pays for whom, and what they may use."),
    ("products", "What is sold, as the books and the tax name it."),
    (
        "plans",
        "How it is sold: prices in their versions, features, and the move from one version to another.",
    ),
    ("meters", "What is counted of usage."),
    (
        "subscriptions",
        "Who has which plan from when: start, change, pause, renew, cancel, each with its preview.",
    ),
    ("usage", "Events of usage, what they came to, budgets, and corrections of the past."),
    ("coupons", "Reductions, before anyone has one."),
    ("discounts", "Coupons as they were redeemed."),
    ("credits", "Prepaid and promotional credits that usage draws down."),
    ("billing", "Runs that bill what is due, and how a tenant is billed."),
    ("invoices", "Drafts, documents, their lines, and why each line is what it is."),
    ("credit_notes", "What is given back of an invoice, and the balance that it leaves."),
    ("payment_methods", "What is charged: cards and bank accounts as a gateway knows them."),
    ("payments", "Money in: attempts, retries, and which method is charged first."),
    ("gateway_accounts", "Your accounts at payment gateways, what they tell, and which one is used."),
    ("refunds", "Money given back, by a gateway or by hand."),
    ("disputes", "Payments that a bank takes back."),
    ("payouts", "What a gateway pays out to you, and of which payments it is."),
    ("tax", "Where you are registered, at which rates, and the returns."),
    ("entities", "The companies that sell, with their numbering and bank accounts."),
    ("fx", "Exchange rates of each day."),
    ("ledger", "Accounts, entries and balances in double entry, and revaluation."),
    ("revenue", "When revenue is earned: schedules, contracts, fulfilment, periods, exports, reports."),
    ("events", "The feed of all that happened."),
    ("webhooks", "Where events are sent, and what became of each."),
    ("api_keys", "The keys of your programs."),
    ("test_clock", "The clock of a test tenant, which you move."),
    ("platform", "What the server could not do, and how its jobs fare."),
];

/// Adds the tags that are used.
pub(super) fn describe(document: &mut Value) {
    document["tags"] =
        TAGS.iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
}
