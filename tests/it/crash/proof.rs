//! What must be true when it is over? Each billing date has one invoice, the numbers have no gap, the gateway has been asked
//! for each payment once and has taken what the books say, and no work is left.

use std::collections::BTreeMap;

use billwright::domain::ids::{CustomerId, TenantId};
use billwright::storage::Session;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};

use super::business::Business;
use super::machine::Machine;
use crate::harness::work_left;

/// Each row is something that must not be.
const WRONG: &str = "\
    WITH taken AS ( \
        SELECT p.id, p.invoice_id, p.status, p.amount, c.amount AS charged FROM simulator.charges c \
        JOIN payments p ON p.id::text = c.idempotency_key \
        WHERE c.outcome = 'succeeded' OR (c.outcome = 'pending' AND c.decline_code IS NULL) \
    ) \
    SELECT 'an invoice charged twice at the gateway: ' || invoice_id AS fault FROM taken GROUP BY invoice_id HAVING count(*) > 1 \
    UNION ALL SELECT 'a charge of another amount than its payment: ' || id FROM taken WHERE amount <> charged \
    UNION ALL SELECT 'taken by the gateway, failed in the books: ' || id FROM taken WHERE status = 'failed' \
    UNION ALL SELECT 'taken by the books, not by the gateway: ' || p.id FROM payments p \
        WHERE p.status = 'succeeded' AND NOT EXISTS (SELECT 1 FROM taken t WHERE t.id = p.id) \
    UNION ALL SELECT 'a charge of no payment: ' || c.idempotency_key FROM simulator.charges c \
        WHERE NOT EXISTS (SELECT 1 FROM payments p WHERE p.id::text = c.idempotency_key) \
    UNION ALL SELECT 'paid twice: ' || invoice_id FROM payments WHERE status = 'succeeded' GROUP BY invoice_id HAVING count(*) > 1 \
    UNION ALL SELECT 'a charge billed twice: ' || item_version_id || ' ' || period_start FROM invoice_lines \
        GROUP BY item_version_id, period_start HAVING count(*) > 1 \
    UNION ALL SELECT 'numbers with gaps: ' || count(*) || ' invoices up to number ' || max(number) FROM invoices \
        HAVING count(*) <> max(number) OR count(*) <> count(DISTINCT number) OR min(number) <> 1";

#[derive(QueryableByName)]
struct Wrong {
    #[diesel(sql_type = Text)]
    fault: String,
}

#[derive(QueryableByName)]
struct Billed {
    #[diesel(sql_type = SqlUuid)]
    customer_id: uuid::Uuid,
    #[diesel(sql_type = Text)]
    billing_date: String,
}

/// Every job has done what was due.
pub fn nothing_is_left_to_do(machine: &Machine, business: &Business, until: DateTime<Utc>) {
    let tenant: TenantId = business.tenant.parse().unwrap();
    assert_eq!(
        work_left(&mut Session::open(&machine.database_url()).unwrap(), tenant, until),
        Vec::<String>::new()
    );
}

/// The books, at an instant up to which everyone has been billed.
pub fn nothing_is_lost_or_doubled(machine: &Machine, business: &Business, until: DateTime<Utc>) {
    let mut conn = machine.connect();
    let wrong: Vec<Wrong> = diesel::sql_query(WRONG).load(&mut conn).unwrap();
    assert!(wrong.is_empty(), "{:#?}", wrong.iter().map(|w| &w.fault).collect::<Vec<_>>());

    assert!(succeeded(&mut conn) > 0, "nobody has paid anything");

    let query = "SELECT customer_id, billing_date::text AS billing_date FROM invoices ORDER BY billing_date";
    let mut dates: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Billed { customer_id, billing_date } in diesel::sql_query(query).load::<Billed>(&mut conn).unwrap() {
        dates.entry(CustomerId::from_uuid(customer_id).to_string()).or_default().push(billing_date);
    }
    for customer in business.starts.keys() {
        let billed = dates.remove(customer).unwrap_or_default();
        assert_eq!(billed, business.billing_dates(customer, until), "{customer}");
    }

    let books = machine.run(&["verify-books", "--tenant", &business.tenant]);
    assert!(
        books.status.success(),
        "{}{}",
        String::from_utf8_lossy(&books.stdout),
        String::from_utf8_lossy(&books.stderr)
    );
}

fn succeeded(conn: &mut PgConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = "SELECT count(*) AS count FROM payments WHERE status = 'succeeded'";
    diesel::sql_query(query).get_result::<Count>(conn).unwrap().count
}
