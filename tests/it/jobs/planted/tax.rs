//! What is due about tax: numbers to check, sales to watch, providers to ask, to tell and to compare.

use billwright::domain::ids::CustomerId;
use billwright::domain::work::Work;
use serde_json::json;
use uuid::Uuid;

use super::{Planted, UNREADABLE};

impl Planted {
    /// Live tenants have no register here: of theirs only the bad one is looked at.
    pub(super) fn numbers_to_check(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let number = json!([{ "type": "eu_vat", "value": "DE100000008" }]);
            self.world.post("/v1/customers", json!({ "name": "Ada", "tax_ids": number })).is(201).id()
        });
        if !self.is_live {
            self.is_done(format!("/v1/customers/{good}"), "/tax_ids/0/status", "valid");
        }
        let bad = bad.parse::<CustomerId>().unwrap().uuid();
        let number = self.id(&format!("SELECT id FROM tax_numbers WHERE customer_id = '{bad}'"));
        self.sql(&format!("UPDATE customers SET currency = '{UNREADABLE}' WHERE id = '{bad}'"));
        self.bad.insert(Work::TaxNumbers.into_str(), Work::TaxNumbers.item(number));
    }

    /// A tenant has one look at its sales, and it is a bad one: an invoice to Ohio in a currency that there is not.
    pub(super) fn sales_to_watch(&mut self) {
        self.world.patch("/v1/tax/settings", json!({ "rounding": "line" })).is(200);
        let tenant = self.world.tenant.id.uuid();
        self.sql(&format!(
            "INSERT INTO invoice_line_taxes (tenant_id, invoice_id, line_no, tax_no, jurisdiction, name, category, rate, portion, reason, taxable, \
                 amount, one_stop_shop, across_borders) \
             SELECT tenant_id, id, 1, 1, 'US-OH', 'Sales tax', 'O', 0, 100, 'not_collecting', 5000, 0, false, false FROM invoices \
             WHERE currency = '{UNREADABLE}' AND status = 'open'"
        ));
        self.bad.insert(Work::TaxNexus.into_str(), Work::TaxNexus.item(tenant));
    }

    /// A question that cannot be read, a document of no invoice, and a provider, removed, of which nobody knows where its buyers are.
    pub(super) fn tax_by_providers(&mut self) {
        let tenant = self.world.tenant.id.uuid();
        let [question, document, provider] = [1_u128, 2, 3].map(Uuid::from_u128);
        let now = self.now.to_rfc3339();
        self.sql(&format!(
            "INSERT INTO tax_questions (tenant_id, id, provider_id, customer_id, question, next_ask_at, created_at) \
                 VALUES ('{tenant}', '{question}', '{provider}', '{provider}', '5', '{now}', '{now}'); \
             INSERT INTO tax_documents (tenant_id, id, kind, invoice_id, provider_id, wanted, recorded, next_tell_at, created_at) \
                 VALUES ('{tenant}', '{document}', 'invoice', '{document}', '{provider}', 'committed', 'nothing', '{now}', '{now}'); \
             INSERT INTO tax_providers (tenant_id, id, name, kind, base_url, countries, on_outage, timeout_ms, deleted_at, \
                     next_compare_at, created_at) \
                 VALUES ('{tenant}', '{provider}', 'P', 'generic', 'https://tax.test', '5', 'wait', 500, '{now}', '{now}', '{now}')"
        ));
        for (work, id) in
            [(Work::TaxQuestions, question), (Work::TaxDocuments, document), (Work::TaxComparison, provider)]
        {
            self.bad.insert(work.into_str(), work.item(id));
        }
    }
}
