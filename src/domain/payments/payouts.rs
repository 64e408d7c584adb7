//! Of what is a payout made, and is it all known here? Each item of it is matched to the payment, refund or dispute that it is of; what differs has a name.
//!
//! 31.00 were charged and 1.20 kept: 29.80 are at the bank, 1.20 are fees, and of the 31.00 that the gateway had nothing is left there.

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr};

use crate::domain::ids::{
    CustomerId, DisputeId, EntityId, GatewayAccountId, PaymentId, PayoutId, PayoutItemId, RefundId,
};
use crate::domain::money::{Money, MoneyError, Total};

/// How a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// Its items are being recorded.
    Recording,
    /// It is at the bank.
    Paid,
    /// The bank sent it back: its money is with the gateway again.
    Failed,
}

/// What moved the balance at a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Kind {
    Charge,
    Refund,
    /// A refund came back.
    RefundFailure,
    /// The gateway took what is disputed, and what it keeps for that.
    Dispute,
    /// What was disputed came back.
    DisputeReversal,
    /// What it keeps besides, such as a monthly fee.
    Fee,
    /// A payout came back from the bank.
    PayoutFailure,
    Other,
}

/// Why an item is not matched, or differs from what it is matched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Reason {
    /// No payment here has come by this charge: somebody charged it at the gateway itself.
    NoSuchPayment,
    NoSuchRefund,
    NoSuchDispute,
    NoSuchPayout,
    /// Another amount is known here.
    AmountDiffers,
    /// It is of a kind that nothing here belongs to.
    UnknownKind,
    /// The gateway does not say of what this part of the payout is.
    NotItemized,
}

/// What a gateway says that an item is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The gateway's name for the charge.
    pub charge: Option<String>,
    pub payment_id: Option<PaymentId>,
    pub refund: Option<String>,
    pub refund_id: Option<RefundId>,
    pub dispute: Option<String>,
    pub payout: Option<String>,
}

/// An item as the gateway shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemSeen {
    pub reference: String,
    pub kind: Kind,
    pub names: Names,
    /// As it was charged, refunded or disputed; what was taken is below zero.
    pub original: Money,
    /// The same in the currency of the payout.
    pub amount: Money,
    /// What is kept of it.
    pub fee: Money,
}

impl ItemSeen {
    /// What it adds to the payout.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.fee)
    }
}

/// A payout as the gateway shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub reference: String,
    pub amount: Money,
    pub has_failed: bool,
    pub paid_at: DateTime<Utc>,
    pub items: Vec<ItemSeen>,
}

impl Seen {
    /// The part of which the gateway does not say what it is, as an item of its own.
    ///
    /// # Errors
    /// Sums that do not fit; items in another currency than the payout.
    pub fn not_itemized(&self) -> Result<Option<ItemSeen>, MoneyError> {
        let currency = self.amount.currency();
        let nets = self.items.iter().map(ItemSeen::net).collect::<Result<Vec<Money>, MoneyError>>()?;
        let rest = self.amount.checked_sub(Money::sum(currency, nets)?)?;
        let item = ItemSeen {
            reference: "rest".to_owned(),
            kind: Kind::Other,
            names: Names::default(),
            original: rest,
            amount: rest,
            fee: Money::zero(currency),
        };
        Ok((!rest.is_zero()).then_some(item))
    }
}

/// What a gateway says when it is asked for a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: it is asked again.
    Silence,
    /// That it is not at the bank yet.
    NotYet,
    Seen(Seen),
}

/// What is known here of an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    pub customer_id: Option<CustomerId>,
    pub payment_id: Option<PaymentId>,
    pub refund_id: Option<RefundId>,
    pub dispute_id: Option<DisputeId>,
    pub failed_payout_id: Option<PayoutId>,
    /// In whose books it is.
    pub entity_id: Option<EntityId>,
    /// What of it the gateway has, by our books: in the currency of the charge, fees that are booked already taken off. `None`: nothing is known.
    pub held: Option<Money>,
    /// Whether its fee is booked already: what is kept of a dispute is.
    pub fee_is_booked: bool,
}

/// How an item is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// What leaves the gateway, by our books; in the currency of the charge.
    pub cleared: Option<Money>,
    /// What comes to the bank.
    pub net: Money,
    /// What is booked as a fee now.
    pub fee: Money,
    /// What less has come than there should; below zero where more has.
    pub difference: Money,
    pub reason: Option<Reason>,
}

/// Settles an item by what is known of it. In another currency than that of the charge nothing can be compared but the original.
///
/// # Errors
/// Sums that do not fit.
pub fn settle(seen: &ItemSeen, known: &Known) -> Result<Settled, MoneyError> {
    let (net, nothing) = (seen.net()?, Money::zero(seen.amount.currency()));
    let fee = if known.fee_is_booked { nothing } else { seen.fee };
    let unmatched = |reason| {
        let difference = net.checked_add(fee)?.negated()?;
        Ok(Settled { cleared: None, net, fee, difference, reason: Some(reason) })
    };
    let Some(held) = known.held else {
        return match seen.kind {
            // It is kept of nothing but the balance itself.
            Kind::Fee => {
                Ok(Settled { cleared: None, net, fee: net.negated()?, difference: nothing, reason: None })
            }
            Kind::Charge => unmatched(Reason::NoSuchPayment),
            Kind::Refund | Kind::RefundFailure => unmatched(Reason::NoSuchRefund),
            Kind::Dispute | Kind::DisputeReversal => unmatched(Reason::NoSuchDispute),
            Kind::PayoutFailure => unmatched(Reason::NoSuchPayout),
            Kind::Other if seen.reference == "rest" => unmatched(Reason::NotItemized),
            Kind::Other => unmatched(Reason::UnknownKind),
        };
    };
    let difference = match held.currency() == net.currency() {
        true => held.checked_sub(net)?.checked_sub(fee)?,
        false => nothing,
    };
    let reason = (!difference.is_zero()).then_some(Reason::AmountDiffers);
    Ok(Settled { cleared: Some(held), net, fee, difference, reason })
}

/// A payout as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    pub id: PayoutId,
    pub gateway_account_id: GatewayAccountId,
    pub reference: String,
    pub status: Status,
    /// In whose books what belongs to no customer is.
    pub entity_id: EntityId,
    pub amount: Money,
    pub paid_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl Payout {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "payout",
            "id": self.id,
            "status": self.status.into_str(),
            "gateway_account_id": self.gateway_account_id,
            "reference": self.reference,
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
            "paid_at": self.paid_at,
        })
    }
}

/// An item as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: PayoutItemId,
    pub payout_id: PayoutId,
    pub reference: String,
    pub kind: Kind,
    pub original: Money,
    pub amount: Money,
    pub fee: Money,
    pub customer_id: Option<CustomerId>,
    pub payment_id: Option<PaymentId>,
    pub refund_id: Option<RefundId>,
    pub dispute_id: Option<DisputeId>,
    pub failed_payout_id: Option<PayoutId>,
    pub reason: Option<Reason>,
    pub difference: Money,
}

/// What the items of a payout add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub items: i64,
    /// Without fees.
    pub gross: Total,
    pub fees: Total,
    /// Items that are not matched, or differ.
    pub unmatched: i64,
    pub difference: Total,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money::from_minor(minor, currency.parse().unwrap())
    }

    fn item(kind: Kind, amount: i64, fee: i64) -> ItemSeen {
        ItemSeen {
            reference: "bt_1".to_owned(),
            kind,
            names: Names::default(),
            original: money(amount, "USD"),
            amount: money(amount, "USD"),
            fee: money(fee, "USD"),
        }
    }

    fn known(held: i64) -> Known {
        Known { held: Some(money(held, "USD")), ..Known::default() }
    }

    /// Net, fee and difference in cents, and the reason.
    fn settled(seen: &ItemSeen, known: &Known) -> (i64, i64, i64, Option<Reason>) {
        let settled = settle(seen, known).unwrap();
        (settled.net.minor(), settled.fee.minor(), settled.difference.minor(), settled.reason)
    }

    #[test]
    fn what_was_charged_less_what_is_kept_is_at_the_bank() {
        assert_eq!(settled(&item(Kind::Charge, 3_100, 120), &known(3_100)), (2_980, 120, 0, None));
        assert_eq!(settled(&item(Kind::Refund, -1_000, 0), &known(-1_000)), (-1_000, 0, 0, None));
    }

    #[test]
    fn the_fee_of_a_dispute_was_booked_with_the_dispute() {
        let held = Known { fee_is_booked: true, ..known(-4_600) };
        assert_eq!(settled(&item(Kind::Dispute, -3_100, 1_500), &held), (-4_600, 0, 0, None));
    }

    #[test]
    fn what_differs_has_a_name() {
        let less = settled(&item(Kind::Charge, 3_000, 120), &known(3_100));
        assert_eq!(less, (2_880, 120, 100, Some(Reason::AmountDiffers)));
        let unknown = settled(&item(Kind::Charge, 3_100, 120), &Known::default());
        assert_eq!(unknown, (2_980, 120, -3_100, Some(Reason::NoSuchPayment)));
        assert_eq!(settled(&item(Kind::Fee, 0, 500), &Known::default()), (-500, 500, 0, None));
        assert_eq!(settled(&item(Kind::Fee, -500, 0), &Known::default()), (-500, 500, 0, None));
    }

    #[test]
    fn in_another_currency_the_charge_is_cleared_in_its_own() {
        let seen =
            ItemSeen { amount: money(9_000, "EUR"), fee: money(290, "EUR"), ..item(Kind::Charge, 10_000, 0) };
        let settled = settle(&seen, &known(10_000)).unwrap();
        assert_eq!(settled.cleared, Some(money(10_000, "USD")));
        assert_eq!((settled.net, settled.fee), (money(8_710, "EUR"), money(290, "EUR")));
        assert!(settled.difference.is_zero() && settled.reason.is_none());
    }

    #[test]
    fn what_the_gateway_does_not_itemize_is_an_item_of_its_own() {
        let seen = Seen {
            reference: "po_1".to_owned(),
            amount: money(3_000, "USD"),
            has_failed: false,
            paid_at: DateTime::UNIX_EPOCH,
            items: vec![item(Kind::Charge, 3_100, 120)],
        };
        let rest = seen.not_itemized().unwrap().unwrap();
        assert_eq!(settled(&rest, &Known::default()), (20, 0, -20, Some(Reason::NotItemized)));
    }
}
