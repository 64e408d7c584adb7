//! What is due about money: invoices to issue and to collect, payments to ask about, refunds, credits, balances, transfers to value.

use billwright::domain::ids::{CreditGrantId, PaymentId, RetryPolicyId};
use billwright::domain::work::Work;
use serde_json::json;
use uuid::Uuid;

use super::{Planted, UNREADABLE};

impl Planted {
    pub(super) fn invoices_to_finalize(&mut self) {
        let [good, bad] = [(); 2].map(|()| self.draft(&self.customer(None), "send_invoice"));
        for id in [good, bad] {
            self.sql(&format!(
                "UPDATE invoices SET finalizes_at = '{}' WHERE id = '{}'",
                self.now.to_rfc3339(),
                id.uuid()
            ));
        }
        self.is_done(format!("/v1/invoices/{good}"), "/status", "open");
        self.spoil(Work::Finalization, "invoices", bad.uuid());
    }

    pub(super) fn invoices_to_collect(&mut self) {
        let [good, bad] = [(); 2].map(|()| self.open(&self.customer(Some("tok_success")), "automatic"));
        self.is_done(format!("/v1/invoices/{good}"), "/status", "paid");
        self.spoil(Work::Collection, "invoices", bad.uuid());
    }

    pub(super) fn last_actions_to_take(&mut self) {
        let policy = json!({ "name": "Give up", "offsets": [], "final_action": "uncollectible" });
        let policy = self.world.post("/v1/retry_policies", policy).is(201).id();
        let policy: RetryPolicyId = policy.parse().unwrap();
        let [good, bad] = [(); 2].map(|()| self.open(&self.customer(None), "send_invoice"));
        for id in [good, bad] {
            self.sql(&format!(
                "INSERT INTO invoice_retries (tenant_id, invoice_id, policy_id, policy_version, stopped, final_action_at) \
                 SELECT tenant_id, id, '{}', 1, 'exhausted', '{}' FROM invoices WHERE id = '{}'",
                policy.uuid(),
                self.now.to_rfc3339(),
                id.uuid()
            ));
        }
        self.is_done(format!("/v1/invoices/{good}"), "/status", "uncollectible");
        self.spoil(Work::FinalActions, "invoices", bad.uuid());
    }

    pub(super) fn payments_to_resolve(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let invoice = self.open(&self.customer(Some("tok_timeout")), "send_invoice");
            self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({}));
            invoice
        });
        self.sql(&format!(
            "UPDATE payments SET next_check_at = '{}' WHERE status = 'processing'",
            self.now.to_rfc3339()
        ));
        self.is_done(format!("/v1/invoices/{good}"), "/status", "paid");
        let payment = self.id(&format!("SELECT id FROM payments WHERE invoice_id = '{}'", bad.uuid()));
        self.spoil(Work::PaymentResolution, "payments", PaymentId::from_uuid(payment).uuid());
    }

    /// What a gateway has told of a payment that cannot be read.
    pub(super) fn events_to_process(&mut self) {
        let (tenant, now) = (self.world.tenant.id.uuid(), self.now.to_rfc3339());
        let [account, event] = [4_u128, 5].map(Uuid::from_u128);
        self.sql(&format!(
            "INSERT INTO gateway_accounts (tenant_id, id, gateway, name, base_url, credentials, created_at) \
                 VALUES ('{tenant}', '{account}', 'stripe', 'S', 'https://stripe.test', 'sealed', '{now}'); \
             INSERT INTO inbound_events (tenant_id, id, gateway_account_id, event_id, type, payment_id, received_at, next_attempt_at) \
                 SELECT '{tenant}', '{event}', '{account}', 'evt_1', 'payment_intent.succeeded', id, '{now}', '{now}' \
                 FROM payments WHERE tenant_id = '{tenant}' AND currency = '{UNREADABLE}' LIMIT 1"
        ));
        self.bad.insert(Work::InboundEvents.into_str(), Work::InboundEvents.item(event));
    }

    pub(super) fn credits_to_expire(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let body = json!({ "customer_id": self.customer(None), "amount": "100.00", "currency": "USD", "source": "promotional",
                "expires_at": self.soon() });
            self.world.post("/v1/credit_grants", body).is(201).id().parse::<CreditGrantId>().unwrap()
        });
        self.is_done(format!("/v1/credit_grants/{good}"), "/status", "expired");
        self.spoil(Work::CreditExpiry, "credit_grants", bad.uuid());
    }

    pub(super) fn refunds_to_make(&mut self) {
        let [_, bad] = [(); 2].map(|()| {
            let invoice = self.open(&self.customer(Some("tok_success")), "send_invoice");
            self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
            let note = json!({ "invoice_id": invoice, "amount": "10.00", "reason": "late", "to": "refund" });
            self.world.post("/v1/credit_notes", note).is(201);
            self.id(&format!(
                "SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.invoice_id = '{}'",
                invoice.uuid()
            ))
        });
        self.is_done("/v1/events?type=refund.succeeded".to_owned(), "/data/0/type", "refund.succeeded");
        self.spoil(Work::Refunds, "refunds", bad);
    }

    /// Of the good one nothing is to be asked any more: it is not disputed.
    pub(super) fn disputes_to_ask_about(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let invoice = self.open(&self.customer(Some("tok_success")), "send_invoice");
            self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
            self.sql(&format!(
                "INSERT INTO dispute_watches (tenant_id, payment_id, next_attempt_at) \
                 SELECT tenant_id, id, '{}' FROM payments WHERE invoice_id = '{}'",
                self.now.to_rfc3339(),
                invoice.uuid()
            ));
            invoice
        });
        self.is_done(format!("/v1/invoices/{good}"), "/status", "paid");
        let payment = self.id(&format!("SELECT id FROM payments WHERE invoice_id = '{}'", bad.uuid()));
        self.spoil(Work::Disputes, "payments", PaymentId::from_uuid(payment).uuid());
    }

    /// The last: from then on balances pay by themselves.
    pub(super) fn balances_to_apply(&mut self) {
        let [(good, _), (bad, croesus)] = [(); 2].map(|()| {
            let customer = self.customer(None);
            let invoice = self.open(&customer, "send_invoice");
            let money = json!({ "customer_id": customer, "amount": "30.00", "currency": "USD" });
            self.world.post("/v1/payments", money).is(201);
            (invoice, customer)
        });
        self.is_done(format!("/v1/invoices/{good}"), "/amount_due", "20.00");
        self.sql(&format!(
            "UPDATE invoices SET currency = '{UNREADABLE}' WHERE id = '{}'; \
             UPDATE credit_balances b SET currency = '{UNREADABLE}' FROM invoices i WHERE i.id = '{0}' AND b.customer_id = i.customer_id",
            bad.uuid()
        ));
        self.bad.insert(Work::Balances.into_str(), croesus);
        self.world.patch("/v1/billing_settings", json!({ "apply_balance": "oldest_first" })).is(200);
    }

    pub(super) fn transfers_to_value(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let customer = self.customer(None);
            let invoice = self.open(&customer, "send_invoice");
            self.sql(&format!(
                "UPDATE ledger_transfers SET functional_currency = NULL WHERE source_id = '{}'; \
                 INSERT INTO functional_waits SELECT tenant_id, customer_id, issued_at, issued_at, 'a test' FROM invoices WHERE id = '{0}'",
                invoice.uuid()
            ));
            (invoice, customer)
        });
        self.is_done(
            format!("/v1/ledger/entries?source_id={}", good.0),
            "/data/0/functional_currency",
            "USD",
        );
        self.sql(&format!(
            "UPDATE ledger_transfers SET currency = '{UNREADABLE}' WHERE source_id = '{}'",
            bad.0.uuid()
        ));
        self.bad.insert(Work::FunctionalAmounts.into_str(), bad.1);
    }
}
