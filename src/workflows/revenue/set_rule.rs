//! A seller says how something is earned, from a day on. What is booked already keeps its rule.
//!
//! `ratable_monthly` for a product from 1 March: what is invoiced from then on is earned in equal months.

use chrono::NaiveDate;

use crate::domain::events::EventType;
use crate::domain::ids::{ProductId, RevenueRuleId};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::Rule;
use crate::domain::revenue::rules::RevenueRule;
use crate::storage::revenue::rules;
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// What is requested.
#[derive(Debug, Clone)]
pub struct Order {
    pub product_id: Option<ProductId>,
    pub price_code: Option<String>,
    pub rule: Rule,
    /// `None`: today.
    pub valid_from: Option<NaiveDate>,
}

/// Adds it.
///
/// # Errors
/// `day_is_over`: documents of that day may be booked already; `unknown_price_code`, `unknown_product`, `rule_exists`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, order: Order) -> Result<RevenueRule, Error> {
    let today = scope.zone.local_date(scope.now);
    let valid_from = order.valid_from.unwrap_or(today);
    if valid_from < today {
        let detail = format_args!(
            "a rule holds from today on or later, and today is {today}: what is booked keeps its own"
        );
        return Err(Invalid::one("/valid_from", "day_is_over", detail).into());
    }
    if let Some(code) = &order.price_code
        && !rules::is_sold(tx, scope.tenant_id, (order.product_id, code))?
    {
        let detail = match order.product_id {
            Some(_) => format!("no plan of this product has a price {code}"),
            None => format!("no plan has a price {code}"),
        };
        return Err(Invalid::one("/price_code", "unknown_price_code", detail).into());
    }
    if order.rule.is_on_fulfilment() {
        let once = match &order.price_code {
            Some(code) => rules::is_charged_once(tx, scope.tenant_id, (order.product_id, code))?,
            None => false,
        };
        if !once {
            let detail = "only what is charged once is fulfilled: name a price_code, and let all prices with it have the kind one_time";
            return Err(Invalid::one("/price_code", "rule_does_not_fit", detail).into());
        }
    }
    let rule = RevenueRule {
        id: RevenueRuleId::from_uuid(scope.mint()),
        product_id: order.product_id,
        price_code: order.price_code,
        rule: order.rule,
        valid_from,
        created_at: scope.now,
    };
    rules::insert(tx, scope.tenant_id, &rule)?;
    let event = scope.event(EventType::RevenueRuleCreated, rule.id.uuid(), rule.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(rule)
}
