//! What stays charged of what a history is worth, after some of it was taken back? 31.00 for January, of which a credit note gave
//! 20.00 back, canceled on the 17th: 16.00 of worth less the 20.00 are 0.00, so 11.00 go back, not 15.00.
//!
//! Every charge (an item version's stretch of a period) has a target: what is billed of it, less all that was taken back of it, is
//! brought to [`TakenBack::stays`] of its worth. By itself that is its worth; each act changes it:
//! - **credited**: so much less, and never below nothing: money given back is not given back again;
//! - **waived** (a void, a write-off): up to what it was worth then, no more than what was left; what is worth more later is charged, less
//!   what was waived beyond what had been left;
//! - **corrected** (a correction, an edited draft line): what stayed *is* the charge; for less worth its share, for more the rest on top.
//!
//! | first | canceled on the 17th, worth 16.00 of 31.00 | stays |
//! |---|---|---|
//! | nothing | 16.00 | 16.00 |
//! | void | the smaller of 16.00 and 0.00 | 0.00 |
//! | credited 20.00 | 16.00 − 20.00 | 0.00 |
//! | corrected to 10.00 | 10.00 × 16 ÷ 31 | 5.16 |

use std::collections::{BTreeMap, VecDeque};

use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::piece::Key;
use crate::domain::discounts::Share;
use crate::domain::money::{Currency, Money, MoneyError, allocate, round_share_to_minor};

/// How something was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum How {
    /// Money was given back: by a credit note.
    Credited,
    /// It is not claimed any more: the invoice was voided or given up.
    Waived,
    /// It was said what the charge is: by a correction of the invoice.
    Corrected,
    /// The same, while the invoice was a draft.
    Edited,
}

impl How {
    /// The ways that leave on the lines what discounts took off them, and count beside them what went back of that. An edit of a draft has
    /// lines of its own, with what goes back of each discount.
    pub fn beside_the_line() -> impl Iterator<Item = How> {
        How::VARIANTS.iter().copied().filter(|how| *how != How::Edited)
    }
}

/// One time that something was taken back of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    pub how: How,
    /// So much less stays charged, before discounts; negative where a correction charges more.
    pub amount: Money,
    /// So much less is taken off by discounts.
    pub discount: Money,
    /// What the charge was worth by its history then.
    pub worth: Money,
    /// Of a correction of the whole of a charge that had been cut since: what it is then. Else what was left less the amount.
    pub kept: Option<Money>,
}

/// All that was taken back of a charge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// In order.
    acts: Vec<Act>,
    /// Of a commitment: the least that its prices had come to when it was billed.
    pub counted_least: Option<Money>,
}

impl TakenBack {
    /// Adds what came next.
    pub fn add(&mut self, act: Act) {
        self.acts.push(act);
    }

    /// Whether nothing was.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.acts.is_empty()
    }

    /// What the whole of the charge was worth when it was last said what it is.
    #[must_use]
    pub fn corrected_at(&self) -> Option<Money> {
        let says = |act: &&Act| matches!(act.how, How::Corrected | How::Edited);
        self.acts.iter().rev().find(says).map(|act| act.worth)
    }

    /// All of it.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn amount(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::sum(currency, self.acts.iter().map(|act| act.amount))
    }

    /// How much of what lines gave back was struck off their drafts: it was never given.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn struck_off(&self, currency: Currency) -> Result<Money, MoneyError> {
        let of_credits = self.acts.iter().filter(|act| act.how == How::Edited && act.amount.is_negative());
        Money::sum(currency, of_credits.map(|act| act.amount))?.negated()
    }

    /// What was taken back beyond what could be taken of the worth: of 8.00 that were waived of usage that is worth nothing now, 8.00.
    /// All that was billed of a charge, less what of it was taken back by lines, is its worth and this.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn beyond(&self, worth: Money) -> Result<Money, MoneyError> {
        let zero = Money::zero(worth.currency());
        if self.is_nothing() {
            return Ok(zero);
        }
        let borne = worth.checked_sub(self.stays(worth)?)?;
        let beyond = self.amount(worth.currency())?.checked_sub(borne)?;
        Ok(if beyond.is_negative() { zero } else { beyond })
    }

    /// What stays charged when the history is worth so much.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn stays(&self, worth: Money) -> Result<Money, MoneyError> {
        // Each act is a step of what stays at `worth` and at each worth at which a later act looks.
        let looks = self.acts.iter().map(|act| act.worth).chain([worth]);
        let mut later: VecDeque<(Money, Money)> = looks.map(|worth| (worth, worth)).collect();
        for act in &self.acts {
            let Some((_, was)) = later.pop_front() else { break };
            let kept = act.kept.map_or_else(|| was.checked_sub(act.amount), Ok)?;
            let kept = if act.how == How::Waived { not_below(kept, was) } else { kept };
            for (worth, stays) in &mut later {
                *stays = act.step((*worth, *stays), (was, kept))?;
            }
        }
        Ok(later.back().map_or(worth, |(_, stays)| *stays))
    }

    /// What is still taken off, of what discounts took off the lines of the charge.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn shares_left(&self, shares: &[Share]) -> Result<Vec<Share>, MoneyError> {
        let (Some(act), false) = (self.acts.first(), shares.is_empty()) else { return Ok(shares.to_vec()) };
        let currency = act.amount.currency();
        let back = Money::sum(currency, self.acts.iter().map(|act| act.discount))?;
        let off = Money::sum(currency, shares.iter().map(|share| share.amount))?;
        if back.is_zero() || !off.is_positive() {
            return Ok(shares.to_vec());
        }
        let left = off.checked_sub(back)?;
        let left = if left.is_negative() { Money::zero(currency) } else { left };
        let weights: Vec<Decimal> = shares.iter().map(|share| share.amount.to_decimal()).collect();
        let parts = allocate(left, &weights)?;
        Ok(shares.iter().zip(parts).map(|(share, amount)| Share { amount, ..*share }).collect())
    }

    /// By how much more was given back, beside what was taken off the lines of the charge, than they had taken off: below zero. 7.77 off,
    /// 3.76 of it given back by a line, and the 7.77 waived with their invoice: −3.76. By what each had taken off or given back in all.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn shares_beyond(&self, shares: &[Share], taken_off: &[Money]) -> Result<Vec<Share>, MoneyError> {
        let Some(currency) = shares.first().map(|share| share.amount.currency()) else {
            return Ok(Vec::new());
        };
        let back = Money::sum(currency, self.acts.iter().map(|act| act.discount))?;
        let left = Money::sum(currency, shares.iter().map(|share| share.amount))?.checked_sub(back)?;
        if !left.is_negative() {
            return Ok(Vec::new());
        }
        let weights: Vec<Decimal> = taken_off.iter().map(|amount| amount.to_decimal().abs()).collect();
        if weights.len() != shares.len() || weights.iter().all(Decimal::is_zero) {
            return Ok(Vec::new());
        }
        let parts = allocate(left, &weights)?;
        Ok(shares.iter().zip(parts).map(|(share, amount)| Share { amount, ..*share }).collect())
    }
}

impl Act {
    /// What stays after it of what stayed before it, at a worth; and what stayed then, and stays, at the worth it had.
    fn step(&self, (worth, stays): (Money, Money), (was, kept): (Money, Money)) -> Result<Money, MoneyError> {
        let more = || kept.checked_add(stays.checked_sub(was)?);
        let less = || Ok(not_below(stays.checked_sub(self.amount)?, stays));
        let (now, then) = ratio(worth, self.worth)?;
        let is_more = now > then;
        match self.how {
            How::Credited => less(),
            How::Waived if is_more => less(),
            How::Corrected | How::Edited if is_more => more(),
            How::Waived => Ok(if stays.minor() < kept.minor() { stays } else { kept }),
            How::Corrected | How::Edited if self.worth.is_zero() || worth == self.worth => Ok(kept),
            How::Corrected | How::Edited => {
                round_share_to_minor(kept.to_decimal(), (now, then), kept.currency())
            }
        }
    }
}

/// A part and its whole, both the other way round where the whole is below nothing.
fn ratio(part: Money, whole: Money) -> Result<(i64, i64), MoneyError> {
    match whole.is_negative() {
        false => Ok((part.minor(), whole.minor())),
        true => Ok((part.negated()?.minor(), whole.negated()?.minor())),
    }
}

/// Nothing, or what was below nothing already.
fn not_below(less: Money, before: Money) -> Money {
    let zero = Money::zero(less.currency());
    match (less.is_negative(), before.is_negative()) {
        (false, _) => less,
        (true, false) => zero,
        (true, true) => before,
    }
}

/// What an invoice has of one charge: its lines of it, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub key: Key,
    pub amount: Money,
    pub discount: Money,
    /// Whether a line of it is the charge's first, and not a difference to what was billed before.
    pub is_first: bool,
}

/// Adds up parts of the same charge.
///
/// # Errors
/// Sums that do not fit.
pub fn added_up(parts: impl IntoIterator<Item = Part>) -> Result<Vec<Part>, MoneyError> {
    let mut sums: BTreeMap<Key, Part> = BTreeMap::new();
    for part in parts {
        match sums.get_mut(&part.key) {
            None => {
                sums.insert(part.key, part);
            }
            Some(sum) => {
                sum.amount = sum.amount.checked_add(part.amount)?;
                sum.discount = sum.discount.checked_add(part.discount)?;
                sum.is_first |= part.is_first;
            }
        }
    }
    Ok(sums.into_values().collect())
}

/// What is taken back of each charge when all these parts of one invoice are: what gave back of earlier charges stays given back, and
/// counts against what was charged beside it, as its discount does. −15.00 for the old seat and 30.00 for the new one, voided: 15.00 of the
/// new one is waived, and 15.00 of it is paid by what the old one gave back; of −8.00 with a discount of −8.00, nothing.
///
/// # Errors
/// Sums that do not fit.
pub fn netted(parts: &[Part]) -> Result<Vec<Part>, MoneyError> {
    let Some(currency) = parts.first().map(|part| part.amount.currency()) else { return Ok(Vec::new()) };
    // What a discount takes to nothing pays for nothing.
    let gives_back =
        |part: &&Part| part.amount.is_negative() && !part.is_first && part.amount != part.discount;
    let sum = |amount_of: fn(&Part) -> Money| {
        Money::sum(currency, parts.iter().filter(gives_back).map(amount_of))?.negated()
    };
    let (back, discount_back) = (sum(|part| part.amount)?, sum(|part| part.discount)?);
    let charged: Vec<&Part> = parts.iter().filter(|part| part.amount.is_positive()).collect();
    let weights: Vec<Decimal> = charged.iter().map(|part| part.amount.to_decimal()).collect();
    let all = Money::sum(currency, charged.iter().map(|part| part.amount))?;
    let back = if back.minor() > all.minor() { all } else { back };
    let mut taken: Vec<Part> =
        parts.iter().filter(|part| part.amount.is_negative() && part.is_first).copied().collect();
    if charged.is_empty() {
        return Ok(taken);
    }
    let paid = allocate(back, &weights)?.into_iter().zip(allocate(discount_back, &weights)?);
    for (part, (paid, discount)) in charged.into_iter().zip(paid) {
        let amount = part.amount.checked_sub(paid)?;
        taken.push(Part { amount, discount: part.discount.checked_sub(discount)?, ..*part });
    }
    Ok(taken)
}

impl Part {
    /// So much of it, with the discount in proportion.
    ///
    /// # Errors
    /// The share does not fit.
    pub fn to(&self, amount: Money) -> Result<Part, MoneyError> {
        if amount == self.amount {
            return Ok(*self);
        }
        let share = ratio(amount, self.amount)?;
        let discount = round_share_to_minor(self.discount.to_decimal(), share, amount.currency())?;
        Ok(Part { amount, discount, ..*self })
    }

    /// The share of it that something has of the whole: 11.00 of 31.00 due.
    ///
    /// # Errors
    /// The share does not fit.
    pub fn share(&self, (some, whole): (Money, Money)) -> Result<Part, MoneyError> {
        if some == whole {
            return Ok(*self);
        }
        self.to(self.amount.share((some, whole))?)
    }
}
