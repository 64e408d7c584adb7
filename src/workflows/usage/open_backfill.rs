//! Which events are to be replaced? Opens a backfill of a type of events, and perhaps of one customer, in a period.

use chrono::{DateTime, Utc};

use crate::domain::calendar::Period;
use crate::domain::fields::Faults;
use crate::domain::ids::{BackfillId, CustomerId};
use crate::domain::refusal::Invalid;
use crate::domain::usage::backfill::{Backfill, Status};
use crate::domain::usage::event::WORD_LENGTH;
use crate::storage::{Tx, customers, usage};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// What a caller says of a new backfill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub event_type: String,
    pub customer_id: Option<CustomerId>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// Opens it.
///
/// # Errors
/// [`Invalid`] values; `unknown_customer`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: Draft) -> Result<Backfill, Error> {
    let mut faults = Faults::none();
    faults.check_text("/event_type", &draft.event_type, WORD_LENGTH);
    faults.into_result()?;
    if draft.to <= draft.from {
        return Err(Invalid::one("/to", "end_before_start", "the period ends before it begins").into());
    }
    if let Some(customer) = draft.customer_id {
        customers::find(tx, scope.tenant_id, customer).or_unknown("/customer_id")?;
    }
    let backfill = Backfill {
        id: BackfillId::from_uuid(scope.mint()),
        event_type: draft.event_type,
        customer_id: draft.customer_id,
        period: Period { start: draft.from, end: draft.to },
        status: Status::Open,
        created_at: scope.now,
        closed_at: None,
        reverted_at: None,
    };
    usage::insert_backfill(tx, scope.tenant_id, &backfill)?;
    Ok(backfill)
}
