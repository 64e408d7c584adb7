//! What do a plan's prices come to in the further currencies that are wanted? At the rates given, else at those of today.

use crate::domain::catalog::{Derivation, Derived, VersionDraft};
use crate::domain::fields::{Faults, below};
use crate::domain::fx::book::{Day, NoRate, Pair, Prefer};
use crate::domain::refusal::{Invalid, Refusal};
use crate::storage::{Tx, fx};
use crate::workflows::{Error, Scope};

/// Gives each price that has none in them one.
pub(crate) fn run(tx: &mut Tx<'_>, scope: &Scope, draft: VersionDraft) -> Result<VersionDraft, Error> {
    if draft.derive.is_empty() {
        return Ok(draft);
    }
    draft.check_derivations()?;
    let today = scope.zone.local_date(scope.now);
    let mut currencies: Vec<_> = draft.derive.iter().map(|one| one.currency).collect();
    currencies.push(draft.currency);
    let wanted = fx::Wanted { currencies: Some(currencies), first: today, last: today, as_of: None };
    let book = fx::book(tx, scope.tenant_id, &wanted)?;
    let mut faults = Faults::none();
    let mut derived = Vec::with_capacity(draft.derive.len());
    for (n, one) in draft.derive.iter().enumerate() {
        let Derivation { currency, rate, neatness } = *one;
        if let Some(rate) = rate {
            derived.push(Derived { currency, rate, neatness, rate_date: None });
            continue;
        }
        let pair = Pair { from: draft.currency, to: currency };
        let found = book.find(pair, Day::By(today), Prefer::Own).and_then(|found| {
            let rate = found.ratio.shown().map_err(|error| NoRate::Digits { pair, error })?;
            // By way of the euro there are two: the prices are of the older one's day.
            let rate_date = found.legs.iter().map(|leg| leg.rate.quote.date).min();
            Ok(Derived { currency, rate, neatness, rate_date })
        });
        match found {
            Ok(found) => derived.push(found),
            Err(error) => faults.add(below(&below("/derive", &n.to_string()), "rate"), error.code(), error),
        }
    }
    faults.into_result()?;
    Ok(draft.with_derived(derived)?)
}

/// Points from a price that was derived and does not do to the wish for its currency: the price itself was not sent.
pub(super) fn pointing_at_wishes(mut invalid: Invalid, wishes: &[Derivation]) -> Invalid {
    for error in &mut invalid.errors {
        let currency = error.pointer.split_once("/currencies/").and_then(|(_, rest)| rest.split('/').next());
        let wish = wishes.iter().position(|one| Some(one.currency.code()) == currency);
        if let Some(n) = wish {
            error.pointer = below("/derive", &n.to_string());
        }
    }
    invalid
}
