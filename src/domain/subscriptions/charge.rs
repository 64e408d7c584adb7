//! What if something is charged once, or given back, that no plan has? A day of training for 900.00, a goodwill of −25.00: an
//! item of its own, with its own price, in force from then on and charged once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::editing::{Edge, Next};
use super::phase::Phase;
use super::when::{self, Bill, period_end};
use super::{PriceTerms, Subscription, Timeline};
use crate::domain::catalog::{Billing, PriceKind, PriceModel, TaxTerms};
use crate::domain::fields::{Faults, TEXT_LENGTH};
use crate::domain::ids::{ItemId, ItemVersionId, PriceId};
use crate::domain::money::{Currency, rounding};
use crate::domain::proration::Basis;
use crate::domain::refusal::Invalid;

/// What is charged, or given back.
#[derive(Debug, Clone, PartialEq)]
pub struct ChargeRequest {
    /// Printed on the line.
    pub description: String,
    /// In major units; negative gives back.
    pub amount: Decimal,
    pub bill: Bill,
    pub tax_terms: TaxTerms,
}

/// The price of an item that is in no plan.
#[must_use]
pub fn own_terms(description: &str, amount: Decimal, own_tax_terms: TaxTerms) -> PriceTerms {
    PriceTerms {
        price_id: PriceId::from_uuid(Uuid::nil()),
        code: "charge".into(),
        description: description.into(),
        // After all that is in the plan.
        position: i16::MAX,
        kind: PriceKind::OneTime,
        billing: Billing::InAdvance,
        model: PriceModel::Flat { amount },
        metering: None,
        own_tax_terms,
    }
}

impl ChargeRequest {
    /// Checks that a line can say and hold it.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self, currency: Currency) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/description", &self.description, TEXT_LENGTH);
        match rounding::round_to_minor(self.amount, currency) {
            _ if self.amount.is_zero() => {
                faults.add(
                    "/amount",
                    "nothing_to_charge",
                    "an amount of nothing charges nothing: give another",
                );
            }
            Ok(rounded) if rounded.to_decimal() != self.amount => {
                faults.add(
                    "/amount",
                    "too_fine",
                    format_args!("{currency} has no such fractions: round the amount"),
                );
            }
            Ok(_) => {}
            Err(error) => faults.add("/amount", "amount_out_of_range", error),
        }
        faults.into_result()
    }

    /// The timeline with it, and the edge it makes. What waits, waits for the next period, or for the end if that is sooner.
    ///
    /// # Errors
    /// [`when::Refused`]: that the subscription is over.
    pub fn add(
        &self,
        (subscription, phases): (&Subscription, &[Phase]),
        timeline: &Timeline,
        (now, mut mint): (DateTime<Utc>, impl FnMut() -> Uuid),
    ) -> Result<(Timeline, Edge), when::Refused> {
        if let Some(end) = subscription.end_at.filter(|end| *end <= now) {
            return Err(when::Refused::Over { end });
        }
        let at = now.max(subscription.start_at);
        let phase = subscription.phase_at(phases, at);
        let due_from = match self.bill {
            Bill::Now => at,
            Bill::Next => {
                let next = period_end(subscription, phases, at)?;
                subscription.end_at.map_or(next, |end| end.min(next))
            }
        };
        let edge = Edge { at, basis: Basis::ByDay, due_from };
        let mut timeline = timeline.clone();
        let next = Next {
            item_id: ItemId::from_uuid(mint()),
            quantity: Decimal::ONE,
            terms: Arc::new(own_terms(&self.description, self.amount, self.tax_terms)),
            price_override: None,
            phase_no: phase.no,
            until: None,
        };
        timeline.begin_item(ItemVersionId::from_uuid(mint()), next, edge);
        Ok((timeline, edge))
    }
}
