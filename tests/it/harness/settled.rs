//! Is everything done and right? A story ends by running all jobs and finding nothing left due, books that agree with the
//! facts, and every total equal to its lines.

use billwright::domain::ids::TenantId;
use billwright::jobs::{self, Kind};
use billwright::storage::{Session, StorageError, Tx};
use billwright::workflows::verify_books;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use super::World;
use super::invoice_text::{decimal, lines};

/// What a tenant's jobs should have done by `now` and have not, such as `open invoices whose next_attempt_at has come`.
pub fn work_left(session: &mut Session, tenant: TenantId, now: DateTime<Utc>) -> Vec<String> {
    let is_left = |tx: &mut Tx<'_>, kind: &Kind| {
        let next = kind.due.next(tx, tenant)?;
        Ok::<bool, StorageError>(next.is_some_and(|next| next <= now))
    };
    let left = jobs::kinds().filter(|kind| session.read(|tx| is_left(tx, kind)).unwrap());
    left.map(|kind| kind.takes_on.to_owned()).collect()
}

impl World {
    /// Runs what is due within the next hour, then insists that nothing is left and that the books are right.
    #[track_caller]
    pub fn settle(&self) {
        let now = self.now() + TimeDelta::hours(1);
        self.advance_to(&now.to_rfc3339());
        let left = work_left(&mut self.session(), self.tenant.id, now);
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
