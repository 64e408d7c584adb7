//! Does every line explain itself? When a story ends, each line of its tenant is computed again from what it rests on, and must come to
//! its amount: whatever was changed, told late or taken back since.

use billwright::domain::ids::{InvoiceId, LineId};
use billwright::domain::money::Money;
use billwright::storage::Session;
use billwright::workflows::billing::explain_line::{self, Explained};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::World;

/// Most lines of one story that are looked at.
const LINES: i64 = 400;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: uuid::Uuid,
    #[diesel(sql_type = Integer)]
    line_no: i32,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // A story may end with its database switched off.
        let Ok(mut session) = Session::open(&self.database.url) else { return };
        for id in self.lines() {
            let tenant = self.tenant.id;
            let explained = session.transaction("explain", |tx| explain_line::run(tx, tenant, id)).unwrap();
            check(id, &explained);
        }
    }
}

impl World {
    fn lines(&self) -> Vec<LineId> {
        let rows = diesel::sql_query(
            "SELECT invoice_id, line_no FROM invoice_lines WHERE tenant_id = $1 ORDER BY invoice_id DESC, line_no LIMIT $2",
        )
        .bind::<SqlUuid, _>(self.tenant.id.uuid())
        .bind::<BigInt, _>(LINES)
        .load::<Found>(&mut self.database.connect());
        let id =
            |row: Found| LineId { invoice_id: InvoiceId::from_uuid(row.invoice_id), line_no: row.line_no };
        rows.unwrap().into_iter().map(id).collect()
    }
}

/// Its steps add up to it, by hand.
fn check(id: LineId, explained: &Explained) {
    let steps = &explained.explanation;
    assert!(steps.recomputed, "{id} does not explain itself: {explained:#?}");
    let (stays, taken_back) = steps.staying.map_or((steps.worth.minor(), 0), |s| (s.stays, s.taken_back));
    let before = steps.billed_before.minor() - taken_back;
    assert_eq!(stays - before, explained.line.amount.minor(), "{id}: {explained:#?}");
    let parts: Decimal = steps.parts.iter().map(|part| part.amount).sum();
    assert_eq!(parts, steps.exact, "{id}: its parts do not add up: {explained:#?}");
    let sum =
        |amounts: &mut dyn Iterator<Item = Money>| Money::sum(explained.invoice.currency, amounts).unwrap();
    assert_eq!(
        sum(&mut explained.earlier.iter().map(|line| line.amount)),
        steps.billed_before,
        "{id}: {explained:#?}"
    );
    assert_eq!(
        sum(&mut explained.discounts.iter().map(|(_, amount)| *amount)),
        explained.line.discount,
        "{id}: {explained:#?}"
    );
    if let Some(prorated) = steps.prorated {
        let committed = steps.commitment.map_or(steps.worth, |commitment| commitment.committed);
        assert_eq!(prorated.cut.amount().unwrap(), committed, "{id}: {explained:#?}");
    }
}
