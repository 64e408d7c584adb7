//! How are prepaid credits written? `{"customer_id": "cus_…", "amount": "100.00", "currency": "USD", "source": "purchased"}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::credits`](crate::domain::credits).

pub mod corrections;
pub mod credit_balances;
pub mod credit_notes;
pub mod note_list;
pub mod pay_outs;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::subscriptions::Collection;
use crate::domain::credits::grant::GrantDraft;
use crate::domain::credits::{self as domain, Buys, Funds, TopUp};
use crate::domain::fields::Faults;
use crate::domain::ids::{CreditGrantId, CustomerId, InvoiceId, MeterId, PriceId};
use crate::domain::money::{Currency, Money, Total};
use crate::domain::refusal::Invalid;
use crate::wire::mirror::mirror;

/// Credits to give or sell.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "amount": "100.00", "currency": "USD", "source": "purchased", "price": "90.00",
    "expires_at": "2027-01-01T00:00:00Z"
}))]
pub struct NewCreditGrant {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// Above zero.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    pub source: Source,
    /// Printed on the invoice; `Prepaid credits` when left out.
    pub name: Option<String>,
    /// 0 to 100, the lower the sooner it is drawn; 50 when left out.
    pub priority: Option<i16>,
    /// Never when left out.
    pub expires_at: Option<DateTime<Utc>>,
    /// Of what is bought: its amount when left out.
    pub price: Option<String>,
    /// Of what is bought: when it can be used; once it is `paid` when left out.
    pub activates: Option<Activates>,
    /// How the invoice of what is bought is paid; automatically when left out.
    pub collection: Option<Collection>,
    /// Left out: any usage.
    #[serde(default)]
    pub applies_to: AppliesTo,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

mirror! {
    /// Where credits come from.
    #[schema(as = GrantSource)]
    pub enum Source = domain::Source {
        /// Sold: an invoice of their price is issued.
        Purchased,
        /// Given.
        Promotional,
    }
}

/// When bought credits can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activates {
    /// At once.
    Now,
    /// Once their invoice is paid.
    Paid,
}

mirror! {
    /// Where a grant stands.
    pub enum GrantStatus = domain::Status {
        /// Bought, and not paid for.
        Pending,
        /// Can be drawn.
        Active,
        /// Its time is over.
        Expired,
        /// Taken back.
        Void,
    }
}

/// Which usage credits pay for: what is in every list given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = GrantAppliesTo)]
pub struct AppliesTo {
    #[schema(value_type = Vec<String>)]
    pub price_ids: BTreeSet<PriceId>,
    #[schema(value_type = Vec<String>)]
    pub meter_ids: BTreeSet<MeterId>,
}

/// Prepaid credits.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CreditGrant {
    #[schema(value_type = String, example = "cg_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: CreditGrantId,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// `purchased` or `promotional`.
    pub source: &'static str,
    pub name: String,
    /// `pending`, `active`, `expired` or `void`.
    pub status: &'static str,
    pub currency: &'static str,
    #[schema(example = "100.00")]
    pub amount: String,
    /// What it was sold for.
    #[schema(example = "90.00")]
    pub price: String,
    /// What can still be drawn.
    pub remaining: String,
    /// What expired or was voided.
    pub closed_amount: String,
    pub priority: i16,
    pub expires_at: Option<DateTime<Utc>>,
    /// The invoice it was sold by.
    #[schema(value_type = Option<String>)]
    pub invoice_id: Option<InvoiceId>,
    /// Whether it was bought because credits ran low.
    pub top_up: bool,
    pub applies_to: AppliesTo,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
}

/// Which grants.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreditGrantsQuery {
    /// Those of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// Those that stand there.
    #[param(inline)]
    pub status: Option<GrantStatus>,
}

/// The prepaid credits of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CustomerCredits {
    /// By currency.
    pub balances: Vec<CreditsInCurrency>,
    /// What can be drawn, or will be once it is paid, in the order in which it is drawn.
    pub grants: Vec<CreditGrant>,
    pub top_ups: Vec<TopUpRule>,
}

/// What a customer has in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditsInCurrency {
    pub currency: &'static str,
    /// What can be drawn now.
    #[schema(example = "85.00")]
    pub balance: String,
    /// Bought, and not paid for yet.
    pub pending: String,
    /// What of the balance expires when, soonest first.
    pub expiring: Vec<Expiring>,
}

/// Credits that will be over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Expiring {
    pub at: DateTime<Utc>,
    pub amount: String,
}

/// What happens when credits of a currency run low.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"currency": "USD", "threshold": "20.00", "amount": "100.00", "price": "90.00"}))]
pub struct NewTopUp {
    /// ISO 4217.
    pub currency: String,
    /// A draw that leaves less makes the event `credits.low_balance`.
    pub threshold: String,
    /// What is bought then; left out: nothing.
    pub amount: Option<String>,
    /// What that costs: its amount when left out.
    pub price: Option<String>,
    /// Days after which what was bought expires; never when left out.
    pub expires_after_days: Option<i32>,
}

/// What happens when credits of a currency run low.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TopUpRule {
    pub currency: &'static str,
    pub threshold: String,
    pub amount: Option<String>,
    pub price: Option<String>,
    pub expires_after_days: Option<i32>,
}

impl NewCreditGrant {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<GrantDraft, Invalid> {
        let mut faults = Faults::none();
        let currency = faults.keep("/currency", "unknown_currency", Currency::parse(&self.currency));
        let amount = read(currency, "/amount", Some(&self.amount), &mut faults);
        let price = read(currency, "/price", self.price.as_ref(), &mut faults);
        if self.source == Source::Promotional && (self.activates.is_some() || self.collection.is_some()) {
            let detail =
                "what is given is neither paid for nor waited for: leave activates and collection out";
            faults.add("/source", "price_of_a_gift", detail);
        }
        faults.into_result()?;
        let amount =
            amount.ok_or_else(|| Invalid::one("/amount", "bad_amount", "the amount cannot be read"))?;
        Ok(GrantDraft {
            customer_id: self.customer_id,
            source: self.source.into(),
            name: self.name.clone(),
            amount,
            price,
            priority: self.priority,
            expires_at: self.expires_at.map(|at| at.trunc_subsecs(6)),
            at_once: self.activates == Some(Activates::Now),
            applies_to: domain::AppliesTo {
                price_ids: self.applies_to.price_ids.clone(),
                meter_ids: self.applies_to.meter_ids.clone(),
            },
            metadata: self.metadata.clone(),
            top_up: false,
        })
    }
}

fn read(currency: Option<Currency>, at: &str, text: Option<&String>, faults: &mut Faults) -> Option<Money> {
    faults.keep(at, "bad_amount", Money::parse_major(text?, currency?))
}

impl NewTopUp {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self, customer_id: CustomerId) -> Result<TopUp, Invalid> {
        let mut faults = Faults::none();
        let currency = faults.keep("/currency", "unknown_currency", Currency::parse(&self.currency));
        let threshold = read(currency, "/threshold", Some(&self.threshold), &mut faults);
        let amount = read(currency, "/amount", self.amount.as_ref(), &mut faults);
        let price = read(currency, "/price", self.price.as_ref(), &mut faults);
        if self.amount.is_none() && (self.price.is_some() || self.expires_after_days.is_some()) {
            faults.add("/amount", "amount_missing", "say how much is bought, or leave price and expiry out");
        }
        faults.into_result()?;
        let threshold = threshold
            .ok_or_else(|| Invalid::one("/threshold", "bad_amount", "the threshold cannot be read"))?;
        let buys = amount.map(|amount| Buys::new(amount, price, self.expires_after_days));
        Ok(TopUp { customer_id, threshold, buys })
    }
}

impl From<domain::Grant> for CreditGrant {
    fn from(grant: domain::Grant) -> CreditGrant {
        CreditGrant {
            id: grant.id,
            customer_id: grant.customer_id,
            source: grant.source.into_str(),
            name: grant.name,
            status: grant.status.into_str(),
            currency: grant.amount.currency().code(),
            amount: grant.amount.to_major_string(),
            price: grant.price.to_major_string(),
            remaining: grant.remaining.to_major_string(),
            closed_amount: grant.closed_amount.to_major_string(),
            priority: grant.priority,
            expires_at: grant.expires_at,
            invoice_id: grant.invoice_id,
            top_up: grant.top_up,
            applies_to: AppliesTo {
                price_ids: grant.applies_to.price_ids,
                meter_ids: grant.applies_to.meter_ids,
            },
            metadata: grant.metadata,
            created_at: grant.created_at,
        }
    }
}

impl CustomerCredits {
    /// What these funds hold at `now`.
    #[must_use]
    pub fn of(mut funds: Funds, now: DateTime<Utc>) -> CustomerCredits {
        domain::draw::sort(&mut funds.grants);
        let shown = |(currency, holds): (Currency, domain::Holds)| {
            let expiring = |(at, amount): (_, Total)| Expiring { at, amount: amount.to_major_string() };
            CreditsInCurrency {
                currency: currency.code(),
                balance: holds.balance.to_major_string(),
                pending: holds.pending.to_major_string(),
                expiring: holds.expiring.into_iter().map(expiring).collect(),
            }
        };
        let balances: Vec<CreditsInCurrency> = funds.hold(now).into_iter().map(shown).collect();
        let rule = |rule: TopUp| TopUpRule {
            currency: rule.threshold.currency().code(),
            threshold: rule.threshold.to_major_string(),
            amount: rule.buys.map(|buys| buys.amount.to_major_string()),
            price: rule.buys.map(|buys| buys.price.to_major_string()),
            expires_after_days: rule.buys.and_then(|buys| buys.expires_after_days),
        };
        let top_ups = funds.top_ups.into_iter().map(rule).collect();
        let grants = funds.grants.into_iter().map(CreditGrant::from).collect();
        CustomerCredits { balances, grants, top_ups }
    }
}
