//! Is everything done and right? A story ends by running all jobs and finding nothing left due, books that agree with the
//! facts, and every total equal to its lines.

use billwright::domain::ids::TenantId;
use billwright::workflows::verify_books;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid};
use rust_decimal::Decimal;
use serde_json::Value;

use super::World;
use super::invoice_text::{decimal, lines};

/// Work that is due at `$2` and that no job should have left, by name.
const LEFT: &str = "\
    SELECT 'subscriptions to bill' AS what, count(*) AS count FROM billing_cursors b WHERE b.tenant_id = $1 AND b.next_bill_at <= $2 \
        AND NOT EXISTS (SELECT 1 FROM parked_customers p WHERE p.tenant_id = b.tenant_id AND p.customer_id = b.customer_id) \
    UNION ALL SELECT 'parked customers to retry', count(*) FROM parked_customers WHERE tenant_id = $1 AND retry_at <= $2 \
    UNION ALL SELECT 'drafts to finalize', count(*) FROM invoices WHERE tenant_id = $1 AND finalizes_at <= $2 \
    UNION ALL SELECT 'invoices to collect', count(*) FROM invoices WHERE tenant_id = $1 AND next_attempt_at <= $2 \
    UNION ALL SELECT 'balances to apply', count(*) FROM credit_balances b JOIN tenants t ON t.id = b.tenant_id AND t.apply_balance = 'oldest_first' \
        JOIN invoices i ON i.tenant_id = b.tenant_id AND i.customer_id = b.customer_id AND i.currency = b.currency AND i.status = 'open' \
        WHERE b.tenant_id = $1 AND b.balance > 0 AND i.total + i.given_back - i.amount_paid - i.credits_applied - i.balance_applied - i.amount_credited > 0 \
        AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.tenant_id = i.tenant_id AND p.invoice_id = i.id AND p.status = 'processing') \
    UNION ALL SELECT 'refunds to make', count(*) FROM refunds WHERE tenant_id = $1 AND next_attempt_at <= $2 \
    UNION ALL SELECT 'payments to resolve', count(*) FROM payments WHERE tenant_id = $1 AND next_check_at <= $2 \
    UNION ALL SELECT 'billing runs to finish', count(*) FROM bill_runs WHERE tenant_id = $1 AND finished_at IS NULL";

#[derive(Debug, QueryableByName)]
struct Left {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What a tenant's jobs should have done by `now` and have not, such as `3 invoices to collect`.
pub fn work_left(conn: &mut PgConnection, tenant: TenantId, now: DateTime<Utc>) -> Vec<String> {
    let query = diesel::sql_query(LEFT).bind::<Uuid, _>(tenant.uuid()).bind::<Timestamptz, _>(now);
    let left: Vec<Left> = query.load(conn).unwrap();
    left.into_iter().filter(|l| l.count > 0).map(|l| format!("{} {}", l.count, l.what)).collect()
}

impl World {
    /// Runs what is due within the next hour, then insists that nothing is left and that the books are right.
    #[track_caller]
    pub fn settle(&self) {
        let now = self.now() + TimeDelta::hours(1);
        self.advance_to(&now.to_rfc3339());
        let left = work_left(&mut self.database.connect(), self.tenant.id, now);
        assert!(left.is_empty(), "work was left undone: {}", left.join(", "));
        let report = verify_books::run(&mut self.session(), self.tenant.id).unwrap();
        assert!(report.is_right(), "the books are wrong: {:#?}", report.differences);
        self.totals_are_their_lines();
    }

    /// As anyone who reads invoices by the API would check.
    #[track_caller]
    fn totals_are_their_lines(&self) {
        for listed in self.get("/v1/invoices?limit=100").is(200).data() {
            let invoice = self.get(&format!("/v1/invoices/{}", listed["id"].as_str().unwrap())).is(200).json;
            let sum = |name: &str| lines(&invoice).iter().map(|line| decimal(line, name)).sum::<Decimal>();
            let step = |name: &str| decimal(&invoice, name);
            assert_eq!(sum("amount"), step("subtotal"), "{invoice}");
            assert_eq!(sum("discount"), step("discount_total"), "{invoice}");
            assert_eq!(sum("tax"), step("tax_total"), "{invoice}");
            assert_eq!(
                step("subtotal") - step("discount_total") + step("tax_total"),
                step("total"),
                "{invoice}"
            );
            assert_eq!(without_lines(listed), without_lines(&invoice), "the list tells another story");
        }
    }
}

/// What list and single answer have in common.
fn without_lines(invoice: &Value) -> Value {
    let mut invoice = invoice.clone();
    if let Some(fields) = invoice.as_object_mut() {
        fields.retain(|name, _| !["lines", "buyer", "seller"].contains(&name.as_str()));
    }
    invoice
}
