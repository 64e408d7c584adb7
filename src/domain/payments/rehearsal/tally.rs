//! What did a policy bring? Of 100 invoices 62, at 2.7 tries each, 41 of them with the first; and no card was tried more often than its network
//! allows.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Case, Lived};
use crate::domain::payments::declines::Class;

/// Tries of a declined card that are allowed in 30 days: by Visa at Stripe, and elsewhere.
const AT_STRIPE: usize = 15;
const ELSEWHERE: usize = 20;
const OF_MASTERCARD: usize = 35;

/// What became of invoices whose first decline was of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfClass {
    pub invoices: u64,
    pub paid: u64,
    /// After the first attempt.
    pub retries: u64,
}

/// What became of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    pub invoices: u64,
    pub paid: u64,
    pub retries: u64,
    /// By the class of the first decline.
    pub classes: BTreeMap<Class, OfClass>,
    /// Paid by the so-manieth retry, from 1.
    pub paid_by_retry: BTreeMap<usize, u64>,
    /// Seconds from the first attempt to the money, of those that were paid.
    pub waited: i64,
    /// Cards declined more often in 30 days than allowed: of Visa again 15 times at Stripe and 20 times elsewhere, of Mastercard 35 times in all.
    pub over_15: u64,
    pub over_20: u64,
    pub over_35: u64,
    /// Tries that the network still allowed at the end, and of how many cards that is known.
    pub retries_left: u64,
    pub cards_with_limit: u64,
}

impl Tally {
    /// Counts what became of a case. What was paid at once was not to be recovered.
    pub fn count<P>(&mut self, case: &Case<P>, lived: &Lived) {
        for story in &lived.stories {
            let Some(class) = story.class else { continue };
            let retries = story.attempts.len().saturating_sub(1);
            let of_class = self.classes.entry(class).or_default();
            let count = u64::try_from(retries).unwrap_or(u64::MAX);
            for (invoices, tries) in
                [(&mut self.invoices, &mut self.retries), (&mut of_class.invoices, &mut of_class.retries)]
            {
                *invoices += 1;
                *tries += count;
            }
            if let (Some(paid_at), Some(first)) = (story.paid_at, story.attempts.first()) {
                self.paid += 1;
                of_class.paid += 1;
                *self.paid_by_retry.entry(retries).or_default() += 1;
                self.waited += (paid_at - first.at).num_seconds();
            }
        }
        let (most, is_at_stripe) = (lived.most_retries, case.gateway == "stripe");
        match case.network.as_deref() {
            Some("visa") => {
                self.over_15 += u64::from(is_at_stripe && most > AT_STRIPE);
                self.over_20 += u64::from(most > ELSEWHERE);
            }
            Some("mastercard") => self.over_35 += u64::from(lived.most_declines > OF_MASTERCARD),
            _ => {}
        }
        if let Some(left) = lived.retries_left {
            self.retries_left += u64::try_from(left).unwrap_or(u64::MAX);
            self.cards_with_limit += 1;
        }
    }

    /// What two tallies count.
    #[must_use]
    pub fn plus(mut self, other: Tally) -> Tally {
        for (class, counted) in other.classes {
            let of_class = self.classes.entry(class).or_default();
            of_class.invoices += counted.invoices;
            of_class.paid += counted.paid;
            of_class.retries += counted.retries;
        }
        for (retry, paid) in other.paid_by_retry {
            *self.paid_by_retry.entry(retry).or_default() += paid;
        }
        Tally {
            invoices: self.invoices + other.invoices,
            paid: self.paid + other.paid,
            retries: self.retries + other.retries,
            waited: self.waited + other.waited,
            over_15: self.over_15 + other.over_15,
            over_20: self.over_20 + other.over_20,
            over_35: self.over_35 + other.over_35,
            retries_left: self.retries_left + other.retries_left,
            cards_with_limit: self.cards_with_limit + other.cards_with_limit,
            ..self
        }
    }

    /// The share that was paid, to four places.
    #[must_use]
    pub fn recovery(&self) -> Decimal {
        share(self.paid, self.invoices, 4)
    }

    /// Retries for each that was paid.
    #[must_use]
    pub fn retries_per_paid(&self) -> Decimal {
        share(self.retries, self.paid, 2)
    }

    /// From the first attempt to the money, on average.
    #[must_use]
    pub fn days_to_pay(&self) -> Decimal {
        let day = TimeDelta::days(1).num_seconds();
        let paid = Decimal::from(self.paid.max(1));
        (Decimal::from(self.waited) / Decimal::from(day) / paid).round_dp(2)
    }

    /// Tries that the network still allowed, on average of the cards for which that is known.
    #[must_use]
    pub fn retries_left_per_card(&self) -> Decimal {
        share(self.retries_left, self.cards_with_limit, 2)
    }
}

fn share(part: u64, of_all: u64, places: u32) -> Decimal {
    (Decimal::from(part) / Decimal::from(of_all.max(1))).round_dp(places)
}
