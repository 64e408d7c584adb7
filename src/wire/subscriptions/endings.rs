//! How are ends and breaks written? `{"effective_at": "period_end", "reason": "moved to the yearly plan"}`.

use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::changes::{InvoiceWhen, effective, now};
use super::prorations::Proration;
use crate::domain::fields::{Faults, TEXT_LENGTH};
use crate::domain::proration::Basis;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::breaks::pausing::PauseRequest;
use crate::domain::subscriptions::breaks::resume::ResumeRequest;
use crate::domain::subscriptions::cancel::{CancelRequest, Early};
use crate::domain::subscriptions::charge::ChargeRequest;
use crate::wire::amounts::DecimalText;
use crate::wire::catalog::tax_terms::{TaxBehavior, read_tax_terms};
use crate::wire::mirror::mirror;
use crate::wire::subscriptions::pause_modes::PauseMode;

/// The end of a subscription.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "effective_at": "now", "credit": true, "reason": "closes its shop" }))]
pub struct CancelSubscription {
    /// `now`, `period_end`, `term_end` (the first term's end for which the notice agreed can still be given), or an instant,
    /// past or future. Past ones reach back as far as `backdate_days` of the billing settings.
    #[serde(default = "now")]
    #[schema(default = "now")]
    pub effective_at: String,
    /// What is charged to a customer who leaves before the agreed end.
    #[serde(default)]
    pub early_termination: EarlyTermination,
    /// Whether what is paid beyond the end is given back.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub credit: bool,
    /// How the last period is cut; `by_day` when left out. Not with `credit` false, which cuts nothing.
    pub proration: Option<Proration>,
    /// When the last difference is invoiced.
    #[serde(default = "at_once")]
    #[schema(default = "now")]
    pub invoice: InvoiceWhen,
    /// Kept with the change: 1 to 1,000 characters.
    pub reason: Option<String>,
}

mirror! {
    /// What is charged to a customer who leaves before the agreed end.
    #[derive(Default)]
    pub enum EarlyTermination = Early {
        /// The fee agreed, on the last invoice; without one, the cancellation is refused.
        #[default]
        Charge,
        /// Nothing.
        Waive,
    }
}

/// A cancellation taken back.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct UncancelSubscription {
    /// When what was credited for the time after the end is charged again, if it was.
    #[serde(default)]
    pub invoice: InvoiceWhen,
}

/// A charge beside the plan.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "description": "Day of training", "amount": "900.00", "invoice": "next" }))]
pub struct NewCharge {
    /// Printed on the line: 1 to 1,000 characters.
    pub description: String,
    /// In the subscription's currency; negative gives back.
    #[schema(value_type = String, example = "900.00")]
    pub amount: DecimalText,
    #[serde(default)]
    pub invoice: InvoiceWhen,
    /// What it is for tax: one of `/v1/tax/codes`; `saas` when left out.
    #[schema(example = "professional_service")]
    pub tax_code: Option<String>,
    /// Whether the amount contains its tax; `exclusive` when left out.
    pub tax_behavior: Option<TaxBehavior>,
}

impl NewCharge {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<ChargeRequest, Invalid> {
        let mut faults = Faults::none();
        let amount = self.amount.read("/amount", &mut faults);
        let tax_terms = read_tax_terms(self.tax_code.as_deref(), self.tax_behavior, "", &mut faults);
        faults.into_result()?;
        let (description, bill) = (self.description.clone(), self.invoice.into());
        Ok(ChargeRequest { description, amount: amount.unwrap_or_default(), bill, tax_terms })
    }
}

/// A break.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "effective_at": "now", "mode": "extend", "resumes_at": "2026-03-01T00:00:00Z" }))]
pub struct PauseSubscription {
    /// `now`, `period_end`, a day of the customer such as `2026-01-16`, or an instant, past or future.
    #[serde(default = "now")]
    #[schema(default = "now")]
    pub effective_at: String,
    pub mode: PauseMode,
    /// When it is over; until it is resumed when left out.
    pub resumes_at: Option<DateTime<Utc>>,
    /// When what is credited is invoiced.
    #[serde(default)]
    pub invoice: InvoiceWhen,
}

/// The end of a break.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "effective_at": "now" }))]
pub struct ResumeSubscription {
    /// `now` a day of the customer, or an instant, past or future. Before the break has begun, `now` takes it back.
    #[serde(default = "now")]
    #[schema(default = "now")]
    pub effective_at: String,
    /// When the rest of the period is invoiced.
    #[serde(default = "at_once")]
    #[schema(default = "now")]
    pub invoice: InvoiceWhen,
}

fn yes() -> bool {
    true
}

fn at_once() -> InvoiceWhen {
    InvoiceWhen::Now
}

impl CancelSubscription {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn parse(&self) -> Result<CancelRequest, Invalid> {
        let mut faults = Faults::none();
        let effective_at = effective(&self.effective_at, "/effective_at", &mut faults);
        faults.check_optional("/reason", self.reason.as_deref(), TEXT_LENGTH);
        if !self.credit && self.proration.is_some_and(|by| by != Proration::None) {
            let detail = "without credit nothing is cut: leave proration out, or credit true";
            faults.add("/proration", "proration_not_used", detail);
        }
        faults.into_result()?;
        let proration = match self.credit {
            true => self.proration.unwrap_or_default().into(),
            false => Basis::None,
        };
        let early = self.early_termination.into();
        Ok(CancelRequest { effective_at, proration, bill: self.invoice.into(), early })
    }
}

impl PauseSubscription {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<PauseRequest, Invalid> {
        let mut faults = Faults::none();
        let effective_at = effective(&self.effective_at, "/effective_at", &mut faults);
        faults.into_result()?;
        let resumes_at = self.resumes_at.map(|at| at.trunc_subsecs(6));
        Ok(PauseRequest { effective_at, mode: self.mode.into(), resumes_at, bill: self.invoice.into() })
    }
}

impl ResumeSubscription {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<ResumeRequest, Invalid> {
        let mut faults = Faults::none();
        let effective_at = effective(&self.effective_at, "/effective_at", &mut faults);
        faults.into_result()?;
        Ok(ResumeRequest { effective_at, bill: self.invoice.into() })
    }
}
