//! Which due work is put off, and why? `{"work": "billing", "item_id": "cus_…", "code": "amount_out_of_range", "attempts": 2, …}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::ParkedWorkId;
use crate::domain::work::{self, Work};
use crate::wire::mirror::mirror;

/// Which of it.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ParkedWorkQuery {
    /// Of this kind.
    pub work: Option<KindOfWork>,
}

/// Due work that could not be done. Everything else goes on; this is tried again alone, after a delay that grows up to a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParkedWork {
    #[schema(value_type = String, example = "pw_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: ParkedWorkId,
    pub work: KindOfWork,
    /// What it could not be done for: a customer, a subscription, an invoice, a payment …
    #[schema(example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub item_id: String,
    pub status: ParkedStatus,
    /// Why not. `internal` is a fault of the server, written to its log.
    #[schema(example = "amount_out_of_range")]
    pub code: String,
    pub reason: String,
    /// How often it was tried.
    #[schema(example = 1)]
    pub attempts: u32,
    /// When it was tried last.
    pub parked_at: DateTime<Utc>,
    /// When it is tried again.
    pub retry_at: DateTime<Utc>,
}

mirror! {
    /// A kind of due work.
    pub enum KindOfWork = Work {
        /// A billing run that a dead process left.
        BillRuns,
        /// A step of a subscription: the end of a trial, a renewal. It is not billed until the step is taken.
        SubscriptionSteps,
        /// A move of subscriptions to another version of their plan.
        PlanMigrations,
        /// A customer with something to bill.
        Billing,
        /// A draft to be issued.
        Finalization,
        /// A balance that pays open invoices by itself.
        Balances,
        /// A payment without an outcome.
        PaymentResolution,
        /// Something that a gateway has told.
        InboundEvents,
        /// A payment whose gateway is asked whether it is disputed.
        Disputes,
        /// An invoice to be charged.
        Collection,
        /// An invoice that is not tried again any more, of which something is to become by its retry policy.
        FinalActions,
        /// Prepaid credits whose time is over.
        CreditExpiry,
        /// Money to be given back.
        Refunds,
        /// A budget to be looked at.
        Budgets,
        /// A number of a customer that a register is to be asked about.
        TaxNumbers,
        /// Your sales, held against the thresholds of states.
        TaxNexus,
        /// A provider of tax that is to be asked about a draft.
        TaxQuestions,
        /// A document that a provider of tax is to hear of.
        TaxDocuments,
        /// A provider of tax whose figures are held against yours.
        TaxComparison,
        /// A customer whose transfers wait for an exchange rate.
        FunctionalAmounts,
        /// A legal entity whose revenue is to be recognised.
        Recognition,
        /// An endpoint of yours that is to hear of events.
        WebhookDeliveries,
    }
}

/// Whether it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedStatus {
    /// It is tried again at `retry_at`.
    Parked,
    /// It was done, or need not be done any more.
    Done,
}

impl ParkedWork {
    /// An entry, and whether it waits.
    #[must_use]
    pub fn of(parked: work::ParkedWork, status: ParkedStatus) -> ParkedWork {
        ParkedWork {
            id: parked.id,
            work: parked.work.into(),
            item_id: parked.work.item(parked.item_id),
            status,
            code: parked.trouble.code,
            reason: parked.trouble.reason,
            attempts: parked.attempts,
            parked_at: parked.parked_at,
            retry_at: parked.retry_at,
        }
    }
}
