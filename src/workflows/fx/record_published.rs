//! Which published rates are not known yet? Records them: what was published less what is recorded, so the same file twice adds nothing.

use chrono::{DateTime, Utc};

use crate::domain::fx::published::missing;
use crate::domain::fx::{ECB, Quote, Rate};
use crate::domain::ids::ExchangeRateId;
use crate::platform::random;
use crate::storage::{Session, fx, ledger};
use crate::workflows::Error;

/// Records rates of the European Central Bank, and gives how many were new.
///
/// # Errors
/// Storage.
pub fn run(session: &mut Session, published: &[Quote], now: DateTime<Utc>) -> Result<usize, Error> {
    let days = || published.iter().map(|quote| quote.date);
    let Some(days) = days().min().zip(days().max()) else { return Ok(0) };
    session.transaction("record_published_rates", |tx| {
        fx::hold_published(tx)?;
        let recorded = fx::recorded(tx, ECB, days)?;
        let rates: Vec<Rate> = missing(published.to_vec(), &recorded)
            .into_iter()
            .map(|quote| {
                let id = ExchangeRateId::from_uuid(random::mint(now));
                Rate { id, quote, is_own: false, recorded_at: now }
            })
            .collect();
        fx::insert_published(tx, &rates)?;
        if !rates.is_empty() {
            ledger::waiting::wake(tx, None)?;
        }
        Ok(rates.len())
    })
}
