//! What of an invoice do credits pay? Its usage from grants, in order; then anything from the credit balance.
//!
//! 45.00 of usage and a base of 20.00, grants of 30.00 and 10.00, 5.00 on the balance: 40.00 drawn, 5.00 applied, 20.00 due.

use chrono::{DateTime, Utc};

use super::take_back::{self, TakenBack};
use super::usage::Usage;
use super::{Funds, Grant};
use crate::domain::ids::{CreditGrantId, MeterId, PriceId};
use crate::domain::invoicing::{Applied, Invoice};
use crate::domain::money::{Money, MoneyError};

/// What funds do for an invoice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Put {
    pub draws: Vec<Draw>,
    pub taken: Vec<TakenBack>,
}

/// What an invoice takes from a grant, or gives back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    pub grant_id: CreditGrantId,
    /// Above zero.
    pub amount: Money,
    /// The part of the grant's price that goes with it.
    pub earned: Money,
}

/// Lets grants pay what they can of the usage of a draft about to be issued, and takes it from them. Usage that it takes back and that
/// credits had paid comes back as credits first.
///
/// # Errors
/// Sums that do not fit.
pub fn credits(
    invoice: &mut Invoice,
    usage: &[Usage],
    funds: &mut Funds,
    now: DateTime<Utc>,
) -> Result<Put, MoneyError> {
    let (currency, zero) = (invoice.currency, Money::zero(invoice.currency));
    let taken = take_back::take_back(usage, funds, now)?;
    invoice.applied.given_back = take_back::given_back(zero, &taken)?;
    if invoice.charged()?.is_negative() {
        return Ok(Put { draws: Vec::new(), taken });
    }
    let due = invoice.amount_due()?;
    // A usage line below zero takes back what the others charge, as far as it gave nothing back elsewhere.
    let net = Money::sum(currency, usage.iter().map(|line| line.net))?;
    let open = due.smaller(net.checked_add(invoice.applied.given_back)?)?;
    let draws = draw_down(open, usage, &mut funds.grants, now)?;
    let drawn = Money::sum(currency, draws.iter().map(|draw| draw.amount))?;
    invoice.applied = Applied { credits: drawn, ..invoice.applied };
    Ok(Put { draws, taken })
}

/// Lets the balance pay what it can of what credits left, and takes it from there. What a draft below zero owes the customer is added to it.
///
/// # Errors
/// Sums that do not fit.
pub fn balance(invoice: &mut Invoice, funds: &mut Funds) -> Result<(), MoneyError> {
    let (currency, zero) = (invoice.currency, Money::zero(invoice.currency));
    let charged = invoice.charged()?;
    if charged.is_negative() {
        let balance = funds.balances.entry(currency).or_insert(zero);
        *balance = balance.checked_sub(charged)?;
        return Ok(());
    }
    let due = invoice.amount_due()?;
    if let Some(balance) = funds.balances.get_mut(&currency) {
        let from_balance = due.smaller(*balance)?;
        *balance = balance.checked_sub(from_balance)?;
        invoice.applied = Applied { balance: from_balance, ..invoice.applied };
    }
    Ok(())
}

fn draw_down(
    mut open: Money,
    usage: &[Usage],
    grants: &mut [Grant],
    now: DateTime<Utc>,
) -> Result<Vec<Draw>, MoneyError> {
    let mut left: Vec<(&Usage, Money)> =
        usage.iter().filter(|line| line.net.is_positive()).map(|line| (line, line.net)).collect();
    if left.is_empty() || grants.is_empty() {
        return Ok(Vec::new());
    }
    let currency = open.currency();
    let mut draws = Vec::new();
    sort(grants);
    let usable = |g: &&mut Grant| g.can_be_drawn(now) && g.amount.currency() == currency;
    for grant in grants.iter_mut().filter(usable) {
        let (before, mut can) = (grant.earned()?, grant.remaining.smaller(open)?);
        let mut amount = Money::zero(currency);
        for (_, left) in left.iter_mut().filter(|(line, _)| grant.pays_for(line)) {
            let part = left.smaller(can)?;
            *left = left.checked_sub(part)?;
            can = can.checked_sub(part)?;
            amount = amount.checked_add(part)?;
        }
        if amount.is_positive() {
            open = open.checked_sub(amount)?;
            grant.remaining = grant.remaining.checked_sub(amount)?;
            draws.push(Draw { grant_id: grant.id, amount, earned: grant.earned()?.checked_sub(before)? });
        }
    }
    Ok(draws)
}

/// In the order in which they are drawn: priority, soonest to expire, given before bought, oldest.
pub fn sort(grants: &mut [Grant]) {
    grants.sort_by_key(|g| {
        (g.priority, g.expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC), g.source, g.created_at, g.id)
    });
}

impl Grant {
    fn pays_for(&self, line: &Usage) -> bool {
        self.covers(line.price_id, line.meter_id)
    }

    /// Whether it pays for usage of a price and meter.
    pub(super) fn covers(&self, price_id: PriceId, meter_id: Option<MeterId>) -> bool {
        let scope = &self.applies_to;
        let of_price = scope.price_ids.contains(&price_id) || self.same_prices.contains(&price_id);
        (scope.price_ids.is_empty() || of_price)
            && (scope.meter_ids.is_empty() || meter_id.is_some_and(|meter| scope.meter_ids.contains(&meter)))
    }
}
