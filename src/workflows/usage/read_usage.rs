//! What has a customer used so far? Measured as the bill measures it, hour by hour, day by day, or as a whole.

use chrono::{DateTime, Utc};

use crate::domain::calendar::{Period, Zone};
use crate::domain::ids::{CustomerId, MeterId, TenantId};
use crate::domain::refusal::Invalid;
use crate::domain::usage::slices::Grain;
use crate::domain::usage::{Meter, Usage};
use crate::storage::usage::{self, Ask};
use crate::storage::{StorageError, Thing, Tx, customers, tenants};
use crate::workflows::Error;

/// Most stretches of time in one answer: the hours of 41 days.
const WINDOWS: usize = 1_000;

/// How finely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Of UTC.
    Hour,
    /// Of the customer's time zone.
    Day,
    Period,
}

/// Whose usage, by which meter, when.
#[derive(Debug, Clone)]
pub struct Question {
    pub customer_id: CustomerId,
    /// Its id or code.
    pub meter: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub by: By,
}

/// The meter, and what it measured in each stretch of time, in order.
///
/// # Errors
/// Not found: the customer, the meter. [`Invalid`]: a period that ends before it begins, or too many stretches.
pub fn run(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    question: &Question,
) -> Result<(Meter, Vec<(Period, Usage)>), Error> {
    let customer = customers::find(tx, tenant_id, question.customer_id)?;
    let meter = match question.meter.parse::<MeterId>() {
        Ok(id) => {
            let found = usage::meters(tx, tenant_id, &[id])?.pop();
            found.ok_or_else(|| StorageError::not_found(Thing::Meter, id))?
        }
        Err(_) => usage::meter_by_code(tx, tenant_id, &question.meter)?,
    };
    let zone = match customer.time_zone {
        Some(zone) => zone,
        None => tenants::find(tx, tenant_id)?.zone,
    };
    let windows = windows(question, zone)?;
    let asks: Vec<Ask<'_>> = windows
        .chunks(1)
        .map(|stretches| Ask { customer_id: customer.id, meter: &meter, stretches })
        .collect();
    let measured = usage::measure(tx, tenant_id, &asks)?;
    drop(asks);
    Ok((meter, windows.into_iter().zip(measured).collect()))
}

fn windows(question: &Question, zone: Zone) -> Result<Vec<Period>, Error> {
    let whole = Period::new(question.from, question.to)
        .map_err(|e| Invalid::one("/query/to", "end_before_start", e))?;
    if question.by == By::Period {
        return Ok(vec![whole]);
    }
    let mut windows = Vec::new();
    let mut start = whole.start;
    while start < whole.end {
        if windows.len() == WINDOWS {
            let detail = format!("an answer has at most {WINDOWS} hours or days: ask for a shorter period");
            return Err(Invalid::one("/query/to", "too_long", detail).into());
        }
        let end = match question.by {
            By::Hour => Grain::Hour.end(Grain::Hour.bucket(start)),
            _ => {
                let next = zone.local_date(start).succ_opt().and_then(|date| zone.day_start(date).ok());
                next.unwrap_or(whole.end)
            }
        };
        let end = end.min(whole.end);
        windows.push(Period { start, end });
        start = end;
    }
    Ok(windows)
}
