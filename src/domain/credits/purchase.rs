//! How are credits sold? By an invoice of one line; and by itself when they run low.
//!
//! Below 20.00, buy 100.00 for 90.00: a draw that leaves 15.00 makes an invoice of 90.00 and a grant of 100.00.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::grant::GrantDraft;
use super::{AppliesTo, Funds, Grant, Metadata, Source, Status, TopUp};
use crate::domain::billing::Line;
use crate::domain::calendar::{CalendarError, Period};
use crate::domain::catalog::TaxTerms;
use crate::domain::invoicing::Totals;
use crate::domain::invoicing::assemble::Draft;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::subscriptions::Collection;

/// The draft of the invoice that sells a grant.
///
/// # Errors
/// A date out of range.
pub fn draft(
    grant: &Grant,
    (billing_date, now): (NaiveDate, DateTime<Utc>),
    collection: Collection,
) -> Result<Draft, CalendarError> {
    let price = grant.price;
    let zero = Money::zero(price.currency());
    let line = Line {
        line_no: 1,
        subscription_id: None,
        item_version_id: None,
        period: Period::new(now, now)?,
        concerns: None,
        revision: 0,
        deferred: false,
        quantity: Decimal::ONE,
        unit_amount: price.to_decimal(),
        amount: price,
        discount: zero,
        tax: zero,
        tax_included: zero,
        tax_terms: TaxTerms::default(),
        description: format!("{}: {}", grant.name, grant.amount).into(),
        measured: None,
        grounds: None,
        by_hand: None,
    };
    let totals = Totals::untaxed(price);
    let currency = price.currency();
    Ok(Draft { subscription_id: None, currency, collection, billing_date, lines: vec![line], totals })
}

/// What happens because credits run low.
#[derive(Debug, Clone, PartialEq)]
pub struct Low {
    pub rule: TopUp,
    /// What is left to draw.
    pub balance: Money,
    /// Whether it was not low before.
    pub crossed: bool,
    /// What is to be bought.
    pub buys: Option<GrantDraft>,
}

/// What can be drawn in a currency.
///
/// # Errors
/// Sums that do not fit.
pub fn balance(grants: &[Grant], currency: Currency, now: DateTime<Utc>) -> Result<Money, MoneyError> {
    let is_spendable = |g: &&Grant| g.amount.currency() == currency && g.can_be_drawn(now);
    Money::sum(currency, grants.iter().filter(is_spendable).map(|g| g.remaining))
}

/// Which rules of the customer are low after a draw that began with `before`.
///
/// # Errors
/// Sums that do not fit.
pub fn low(before: &Funds, after: &Funds, now: DateTime<Utc>) -> Result<Vec<Low>, MoneyError> {
    let mut found = Vec::new();
    for rule in &after.top_ups {
        let currency = rule.threshold.currency();
        let (was, is) = (balance(&before.grants, currency, now)?, balance(&after.grants, currency, now)?);
        if was == is || is.minor() >= rule.threshold.minor() {
            continue;
        }
        let on_its_way =
            |g: &&Grant| g.status == Status::Pending && g.top_up && g.amount.currency() == currency;
        let coming = Money::sum(currency, after.grants.iter().filter(on_its_way).map(|g| g.remaining))?;
        let enough = is.checked_add(coming)?.minor() >= rule.threshold.minor();
        let buys = rule.buys.filter(|_| !enough).map(|buys| GrantDraft {
            customer_id: rule.customer_id,
            source: Source::Purchased,
            name: Some("Top-up".to_owned()),
            amount: buys.amount,
            price: Some(buys.price),
            priority: None,
            expires_at: buys
                .expires_after_days
                .and_then(|days| now.checked_add_signed(TimeDelta::days(days.into()))),
            at_once: false,
            applies_to: AppliesTo::default(),
            metadata: Metadata::new(),
            top_up: true,
        });
        let crossed = was.minor() >= rule.threshold.minor();
        found.push(Low { rule: rule.clone(), balance: is, crossed, buys });
    }
    Ok(found)
}
