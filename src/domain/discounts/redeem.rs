//! May this coupon be redeemed now, by this customer, for this? The first rule that says no is reported.
//!
//! Limited to 100, redeemed 100 times: `coupon_used_up`, a 409.

use chrono::{DateTime, TimeDelta, Utc};

use super::falls::Falls;
use super::{Coupon, Off};
use crate::domain::catalog::{Billing, PriceKind};
use crate::domain::money::Currency;
use crate::domain::refusal::{Refusal, RefusalKind};

/// Who redeems, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Redemption {
    pub now: DateTime<Utc>,
    /// How often this customer has redeemed it.
    pub by_customer: i64,
    /// In which charges will be made; `None`: in whatever the customer's subscriptions are in.
    pub currency: Option<Currency>,
    /// When the subscription begins, if it is for one.
    pub subscription_start: Option<DateTime<Utc>>,
    /// Whether a charge that falls due at exactly `now` has been billed without it.
    pub billed_now: bool,
    /// Whether there is a price it could take something off: one that is held, is planned, or can still be bought.
    pub takes_something: bool,
}

/// A charge that was billed, as far as it decides when it fell due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    pub kind: PriceKind,
    pub billing: Billing,
    /// What it was for, from when to when.
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Billed {
    /// When it fell due, as its price says.
    fn due(&self) -> DateTime<Utc> {
        match Falls::of(self.kind, self.billing) {
            Falls::AtStart | Falls::Within => self.start,
            Falls::AtEnd => self.end,
        }
    }
}

/// Whether one of these charges fell due at exactly `now`: what is redeemed then came too late for it, and for all that fall due with it.
#[must_use]
pub fn is_billed_now(billed: &[Billed], now: DateTime<Utc>) -> bool {
    billed.iter().any(|charge| charge.due() == now)
}

/// Why a coupon cannot be redeemed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Switched off.
    #[error("the coupon {code} is not active")]
    Inactive {
        /// Its code.
        code: String,
    },
    /// Its time is over.
    #[error("the coupon {code} could be redeemed until {redeem_by}")]
    Expired {
        /// Its code.
        code: String,
        /// The last instant.
        redeem_by: DateTime<Utc>,
    },
    /// It was redeemed as often as it may be.
    #[error("the coupon {code} has been redeemed {limit} times, which is all it can be")]
    UsedUp {
        /// Its code.
        code: String,
        /// How often it can be redeemed.
        limit: i32,
    },
    /// This customer has redeemed it as often as it may.
    #[error("this customer has redeemed the coupon {code} {limit} times, which is all one customer can")]
    UsedByCustomer {
        /// Its code.
        code: String,
        /// How often one customer can redeem it.
        limit: i32,
    },
    /// It takes amounts off, and none in this currency.
    #[error("the coupon {code} takes amounts off in {}, and this subscription is in {currency}", .in_.join(", "))]
    OtherCurrency {
        /// Its code.
        code: String,
        /// The subscription's.
        currency: Currency,
        /// Its own.
        in_: Vec<&'static str>,
    },
    /// There is nothing it is for.
    #[error(
        "the coupon {code} can take nothing off here: it is for prices, plans or currencies that are neither had nor can be bought; \
         read its applies_to and amounts_off, and redeem it where one of them is"
    )]
    TakesNothingOff {
        /// Its code.
        code: String,
    },
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Inactive { .. } => "coupon_inactive",
            Refused::Expired { .. } => "coupon_expired",
            Refused::UsedUp { .. } => "coupon_used_up",
            Refused::UsedByCustomer { .. } => "coupon_used_by_customer",
            Refused::OtherCurrency { .. } => "coupon_currency",
            Refused::TakesNothingOff { .. } => "coupon_takes_nothing_off",
        }
    }

    fn pointer(&self) -> Option<String> {
        Some("/coupon".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::OtherCurrency { .. } | Refused::TakesNothingOff { .. } => RefusalKind::Rule,
            _ => RefusalKind::State,
        }
    }
}

impl Coupon {
    /// The coupon, redeemed once more, and the instant from which its discount counts: with a subscription that begins later,
    /// its beginning; a moment after `now` when what falls due now was billed already.
    ///
    /// # Errors
    /// [`Refused`]: inactive, expired, used up, used by this customer, not in this currency, for nothing there is; in this order.
    pub fn redeem(mut self, redemption: Redemption) -> Result<(Coupon, DateTime<Utc>), Refused> {
        let code = self.code.clone();
        if !self.active {
            return Err(Refused::Inactive { code });
        }
        if let Some(redeem_by) = self.limits.redeem_by.filter(|last| *last < redemption.now) {
            return Err(Refused::Expired { code, redeem_by });
        }
        if let Some(limit) = self.limits.max_redemptions.filter(|limit| self.redemptions >= *limit) {
            return Err(Refused::UsedUp { code, limit });
        }
        let of_one = self.limits.max_redemptions_per_customer;
        if let Some(limit) = of_one.filter(|limit| redemption.by_customer >= i64::from(*limit)) {
            return Err(Refused::UsedByCustomer { code, limit });
        }
        if let (Off::Amounts(amounts), Some(currency)) = (&self.off, redemption.currency)
            && !amounts.contains_key(&currency)
        {
            let in_ = amounts.keys().map(|c| c.code()).collect();
            return Err(Refused::OtherCurrency { code, currency, in_ });
        }
        if !redemption.takes_something {
            return Err(Refused::TakesNothingOff { code });
        }
        self.redemptions = self.redemptions.saturating_add(1);
        // The database keeps microseconds: the smallest step there is.
        let from = redemption.now + TimeDelta::microseconds(i64::from(redemption.billed_now));
        Ok((self, redemption.subscription_start.map_or(from, |start| start.max(from))))
    }
}
