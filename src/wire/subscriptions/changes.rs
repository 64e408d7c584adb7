//! How is a change of a subscription written? `{"quantity": "8", "effective_at": "2026-01-16T00:00:00Z", "invoice": "now"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ramps::NewPhase;
use super::subscription_items::{NewItem, selection};
use super::{Anchor, Subscription};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{ApiKeyId, ChangeId, PlanId, PriceId, SubscriptionId};
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::change::ChangeRequest;
use crate::domain::subscriptions::when::{self, Effective};
use crate::wire::amounts::DecimalText;
use crate::wire::invoicing::invoices::{ForeseenInvoice, Invoice};
use crate::wire::mirror::mirror;
use crate::wire::subscriptions::prorations::Proration;

/// What is to be otherwise.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "quantity": "8", "effective_at": "now", "proration": "by_day", "invoice": "now" }))]
pub struct ChangeSubscription {
    /// Another plan, in its latest version; with the plan it has, that plan's latest version.
    #[schema(value_type = Option<String>)]
    pub plan_id: Option<PlanId>,
    /// Of the recurring prices that count units, add-ons aside, whose item names none.
    #[schema(value_type = Option<String>, example = "8")]
    pub quantity: Option<DecimalText>,
    /// The whole new set of items. Left out: those there are; of another plan, those with the codes of the prices there
    /// are, and those with new codes.
    pub items: Option<Vec<NewItem>>,
    /// Items beside those there are, such as add-ons; one with a price there is takes its place.
    #[serde(default)]
    pub add_items: Vec<NewItem>,
    /// Prices of the items to end.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub remove_items: Vec<PriceId>,
    /// Begins a new cycle.
    pub anchor: Option<Anchor>,
    /// `now`, `period_end`, `term_end` (of a fixed term), or an instant, past or future. Past ones reach back as far as
    /// `backdate_days` of the billing settings.
    #[serde(default = "now")]
    #[schema(default = "now")]
    pub effective_at: String,
    /// How the period is cut.
    #[serde(default)]
    pub proration: Proration,
    /// When the difference is invoiced.
    #[serde(default)]
    pub invoice: InvoiceWhen,
    /// What a usage price that begins with the change has of the period: all of it, or shares by days. A price that goes on as it was,
    /// in another plan or version too, goes on as it was: its period is rated once, whatever cuts it.
    #[serde(default)]
    pub usage_terms: UsageTerms,
    /// Take back changes that take effect later, which are refused otherwise.
    #[serde(default)]
    pub replace_scheduled: bool,
    /// What it becomes after that, each phase after the one before, in place of what was planned.
    #[serde(default)]
    pub phases: Vec<NewPhase>,
}

pub(in crate::wire) fn now() -> String {
    "now".to_owned()
}

/// What usage at terms that begin within a period has of it. What ends keeps what it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageTerms {
    /// Included units, bounds of tiers, flat amounts and the maximum as of a whole period.
    #[default]
    Restart,
    /// Shares of these, by the days that are left of the period; prices of units, packages and events stay as they are. A minimum
    /// is a commitment, and always by days. 100 units included from the 17th of a month of 31 days: 100 × 15 ÷ 31.
    Prorate,
}

mirror! {
    /// When a difference is invoiced.
    #[derive(Default)]
    pub enum InvoiceWhen = when::Bill {
        /// When the change takes effect; at once, if that is past.
        Now,
        /// With the invoice of the next period. A change of interval or anchor begins a period, so its invoice is the next;
        /// and what is overdue when it changes is owed at once, in all its parts.
        #[default]
        Next,
    }
}

/// Reads `now`, `period_end`, `term_end`, a day or an instant.
pub(super) fn effective(text: &str, pointer: &str, faults: &mut Faults) -> Effective {
    Effective::parse(text).unwrap_or_else(|| {
        let detail = "this is now, period_end, term_end, a day such as 2026-01-16, or an instant such as 2026-01-16T00:00:00Z";
        faults.add(pointer, "bad_instant", detail);
        Effective::Now
    })
}

impl ChangeSubscription {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<ChangeRequest, Invalid> {
        let mut faults = Faults::none();
        let selection = selection((self.quantity.as_ref(), self.items.as_deref()), "", &mut faults);
        let numbered = self.add_items.iter().enumerate();
        let add = numbered.map(|(n, item)| item.read(&below("/add_items", &n.to_string()), &mut faults));
        let add = add.collect();
        let effective_at = effective(&self.effective_at, "/effective_at", &mut faults);
        faults.into_result()?;
        Ok(ChangeRequest {
            selection,
            add,
            remove: self.remove_items.clone(),
            anchor_day: self.anchor.map(|anchor| anchor.day_of_month),
            effective_at,
            proration: self.proration.into(),
            bill: self.invoice.into(),
            replace_scheduled: self.replace_scheduled || !self.phases.is_empty(),
            usage_by_days: self.usage_terms == UsageTerms::Prorate,
        })
    }
}

/// A command that changed a subscription.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Change {
    #[schema(value_type = String, example = "chg_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: ChangeId,
    #[schema(value_type = String, example = "sub_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub subscription_id: SubscriptionId,
    #[schema(example = "change")]
    pub kind: String,
    pub effective_at: DateTime<Utc>,
    pub requested_at: DateTime<Utc>,
    /// Whose call it was; null when the system did it.
    #[schema(value_type = Option<String>)]
    pub api_key_id: Option<ApiKeyId>,
    /// The body of the call.
    #[schema(value_type = Object)]
    pub request: Value,
    /// Since when it counts no longer: a planned change that another replaced, a cancellation taken back; null while it counts.
    pub taken_back_at: Option<DateTime<Utc>>,
    /// The change that took it back.
    #[schema(value_type = Option<String>)]
    pub taken_back_by: Option<ChangeId>,
}

/// A subscription after a command, with what the command did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChangedSubscription {
    #[serde(flatten)]
    pub subscription: Subscription,
    pub change: Change,
    /// What was invoiced at once; null when nothing was.
    pub invoice: Option<Invoice>,
    /// All of it, where several dates were caught up on.
    pub invoices: Vec<Invoice>,
}

/// What a command would do. Nothing is done.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Preview {
    /// When it would take effect.
    pub effective_at: DateTime<Utc>,
    /// As it would be now.
    pub subscription: Subscription,
    /// What would be invoiced at once; null when nothing would.
    pub invoice: Option<ForeseenInvoice>,
    /// All of it, where several dates would be caught up on.
    pub invoices: Vec<ForeseenInvoice>,
    /// What the next invoice with this subscription would be, as far as it is known; null when there would be none.
    pub next_invoice: Option<ForeseenInvoice>,
}
