//! What would another policy have brought? Invoices whose first attempt fails live through it, attempt by attempt, with payers that answer by the
//! instant alone; the next step is decided by what decides it for real, [`Situation::decide`].
//!
//! A payer short of money until the 1st, declined on 29 January: by steps of 1, 3, 5 and 7 days tried on 30 January and paid on 2 February.

mod history;
pub mod population;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::declines::Class;
use super::networks::{Card, Failure};
use super::retries::forecast::{Outcomes, Retry};
use super::retries::policy::Terms;
use super::retries::{Decision, Learned, Next, Situation, Stopped, Tried};
use crate::domain::calendar::Zone;
use crate::domain::ids::PaymentMethodId;
use crate::domain::money::Money;
pub use history::{Recorded, RecordedAttempt};
pub use tally::{OfClass, Tally};

/// Attempts at one invoice, after which something is wrong.
const MOST: usize = 200;

/// What becomes of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Paid,
    Declined { code: Arc<str>, class: Class },
}

/// Somebody who is charged.
pub trait Payer {
    /// What becomes of an attempt at an instant, with the card it has or with the other one.
    fn answer(&self, at: DateTime<Utc>, has_other_card: bool) -> Answer;

    /// When it brings another card.
    fn other_card_at(&self) -> Option<DateTime<Utc>>;
}

/// A payer with invoices that are charged to one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<P> {
    pub payer: P,
    /// When each is charged first, and what is open of it.
    pub invoices: Vec<(DateTime<Utc>, Money)>,
    pub network: Option<String>,
    pub gateway: String,
    pub country: Option<String>,
    /// Spreads tries.
    pub seed: u128,
}

/// An attempt that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub at: DateTime<Utc>,
    /// Of the decline; `None`: it was paid.
    pub code: Option<Arc<str>>,
    pub has_other_card: bool,
}

/// What became of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    pub amount: Money,
    /// Of the first decline; `None`: there was none.
    pub class: Option<Class>,
    pub attempts: Vec<Attempt>,
    pub paid_at: Option<DateTime<Utc>>,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lived {
    pub stories: Vec<Story>,
    /// Most declines of its card within 30 days, and most of those that followed another one.
    pub most_declines: usize,
    pub most_retries: usize,
    /// What its network allows more; `None`: no limit is known.
    pub retries_left: Option<usize>,
}

/// By what invoices live.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub terms: &'a Terms,
    pub outcomes: Option<&'a Outcomes>,
    pub zone: Zone,
}

/// An invoice that is lived through.
struct Open {
    story: Story,
    tried: Vec<Tried>,
    next: Option<DateTime<Utc>>,
}

const CARD: PaymentMethodId = PaymentMethodId::from_uuid(Uuid::from_u128(1));
const OTHER: PaymentMethodId = PaymentMethodId::from_uuid(Uuid::from_u128(2));

impl<P: Payer> Case<P> {
    /// Lives through it by a policy, until everything is paid or nothing more is tried.
    #[must_use]
    pub fn live(&self, rules: Rules<'_>) -> Lived {
        let mut cards = BTreeMap::from([(CARD, self.card())]);
        let mut open: Vec<Open> = self.invoices.iter().map(|(due, amount)| Open::at(*due, *amount)).collect();
        let other_card_at = self.payer.other_card_at();
        while let Some(n) = next_of(&open) {
            let Some(invoice) = open.get_mut(n) else { break };
            let Some(at) = invoice.next.take() else { break };
            let has_other_card = other_card_at.is_some_and(|brought| brought <= at);
            let methods: &[PaymentMethodId] = if has_other_card { &[OTHER, CARD] } else { &[CARD] };
            let method = if has_other_card { OTHER } else { CARD };
            // Other invoices of the card have been tried since it was decided: what is allowed is looked at again, as it is for real.
            let allowed = if has_other_card {
                Some(at)
            } else {
                cards.get(&CARD).and_then(|card| card.allowed(invoice.story.amount, at))
            };
            if allowed != Some(at) {
                invoice.next = allowed.or(other_card_at.filter(|brought| *brought > at));
                continue;
            }
            let Some(code) = invoice.attempt((at, method), self.payer.answer(at, has_other_card)) else {
                continue;
            };
            if let (CARD, Some(card), Some(last)) = (method, cards.get_mut(&CARD), invoice.tried.last()) {
                let failure =
                    Failure { at, class: Some(last.class), network_code: None, amount: invoice.story.amount };
                card.failures.push(failure);
            }
            let country = self.country.as_deref();
            let learned = rules.outcomes.map(|outcomes| Learned { outcomes, code: &code, country });
            let situation = Situation {
                terms: rules.terms,
                tried: &invoice.tried,
                methods,
                elsewhere: &[],
                cards: &cards,
                amount: invoice.story.amount,
                learned,
                zone: rules.zone,
                seed: self.seed,
                now: at,
            };
            invoice.next = next(situation.decide(), other_card_at.filter(|brought| *brought > at))
                .filter(|_| invoice.tried.len() < MOST);
        }
        let stories: Vec<Story> = open.into_iter().map(|invoice| invoice.story).collect();
        Lived::of(stories, self)
    }

    fn card(&self) -> Card {
        Card { network: self.network.clone(), gateway: self.gateway.clone(), failures: Vec::new() }
    }
}

impl Lived {
    /// What became of a case, with what is counted of its card.
    #[must_use]
    pub fn of<P: Payer>(stories: Vec<Story>, case: &Case<P>) -> Lived {
        let declines = declines_of_card(&stories);
        let most_retries = most_within(&retries(&declines));
        Lived {
            most_declines: most_within(&declines),
            retries_left: case.card().most_retries().map(|most| most.saturating_sub(most_retries)),
            most_retries,
            stories,
        }
    }
}

/// The invoice that is tried next.
fn next_of(open: &[Open]) -> Option<usize> {
    let waiting = open.iter().enumerate().filter_map(|(n, invoice)| invoice.next.map(|at| (at, n)));
    waiting.min().map(|(_, n)| n)
}

/// When it is tried next: as decided, or as soon as there is another card.
fn next(decision: Decision, other_card_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match decision {
        Decision::Try(Next { at, .. }) => Some(other_card_at.map_or(at, |brought| at.min(brought))),
        Decision::Stop { why: Stopped::Exhausted | Stopped::NoMethod, .. } => other_card_at,
        Decision::Stop { .. } => None,
    }
}

impl Open {
    fn at(due: DateTime<Utc>, amount: Money) -> Open {
        let story = Story { amount, class: None, attempts: Vec::new(), paid_at: None };
        Open { story, tried: Vec::new(), next: Some(due) }
    }

    /// Notes what became of an attempt; gives the code where it was declined.
    fn attempt(
        &mut self,
        (at, method): (DateTime<Utc>, PaymentMethodId),
        answer: Answer,
    ) -> Option<Arc<str>> {
        let has_other_card = method == OTHER;
        match answer {
            Answer::Paid => {
                self.story.attempts.push(Attempt { at, code: None, has_other_card });
                self.story.paid_at = Some(at);
                None
            }
            Answer::Declined { code, class } => {
                self.story.attempts.push(Attempt { at, code: Some(Arc::clone(&code)), has_other_card });
                self.story.class.get_or_insert(class);
                self.tried.push(Tried {
                    method: Some(method),
                    class,
                    wait: None,
                    not_reached: false,
                    once: false,
                });
                Some(code)
            }
        }
    }
}

const WINDOW: TimeDelta = TimeDelta::days(30);

/// When attempts with the first card were declined, in their order.
fn declines_of_card(stories: &[Story]) -> Vec<DateTime<Utc>> {
    let attempts = stories.iter().flat_map(|story| &story.attempts);
    let declined = attempts.filter(|one| !one.has_other_card && one.code.is_some());
    let mut declines: Vec<DateTime<Utc>> = declined.map(|one| one.at).collect();
    declines.sort_unstable();
    declines
}

/// Those that followed another one within the window: counted apart from what decides.
fn retries(declines: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    let pairs = declines.iter().zip(declines.iter().skip(1));
    pairs.filter(|(before, again)| **again - **before < WINDOW).map(|(_, again)| *again).collect()
}

fn most_within(instants: &[DateTime<Utc>]) -> usize {
    let within = |end: DateTime<Utc>| instants.iter().filter(|at| **at <= end && end - **at < WINDOW).count();
    instants.iter().map(|end| within(*end)).max().unwrap_or(0)
}

/// Retries that were made of these, as policies learn of them.
#[must_use]
pub fn retries_of<P: Payer>(case: &Case<P>, lived: &Lived) -> Vec<Retry> {
    let mut made = Vec::new();
    for story in &lived.stories {
        for pair in story.attempts.windows(2) {
            let [before, retry] = pair else { continue };
            let Some(code) = before.code.as_deref().filter(|_| !retry.has_other_card) else { continue };
            made.push(Retry {
                code: code.to_owned(),
                brand: case.network.clone(),
                country: case.country.clone(),
                at: retry.at,
                paid: retry.code.is_none(),
            });
        }
    }
    made
}

#[cfg(test)]
mod tests;
