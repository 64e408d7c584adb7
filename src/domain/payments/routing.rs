//! Through which account is a card charged that its customer has at several? The first rule that fits the invoice says it, and its shares spread
//! invoices over accounts, the same invoice always alike.
//!
//! EUR from Germany: 70 of 100 at one account, 30 at the other. Invoice …2a (42 of 100): the first; …53 (83 of 100): the second. The other one is
//! tried at once when the first is not there, with the same card as the customer has it there, and never while an outcome is unknown.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::PaymentMethod;
use super::retries::reason::{Chosen, Route};
use crate::domain::customers::address::is_country;
use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::{GatewayAccountId, PaymentMethodId};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;

/// Most rules of a version.
const MOST_RULES: usize = 50;
/// Most accounts, currencies or countries of a rule.
const MOST: usize = 300;
const MOST_WEIGHT: u32 = 10_000;

/// A part of the invoices of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub account_id: GatewayAccountId,
    /// Of the sum of all weights of its rule; 0: only when the others are not there.
    pub weight: u32,
}

/// Which invoices, and where they are charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub name: Option<String>,
    /// None: each.
    pub currencies: Vec<Currency>,
    /// Of the customer; none: each.
    pub countries: Vec<String>,
    /// Of the rule's one currency, in major units: from this on.
    pub amount_from: Option<Decimal>,
    /// And below this.
    pub amount_below: Option<Decimal>,
    /// In the order in which they are tried after the one whose share it is.
    pub accounts: Vec<Share>,
}

/// All rules of a tenant, as they are from one time on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// From 1; 0: there never were any.
    pub version: i32,
    /// The first that fits holds.
    pub rules: Vec<Rule>,
}

/// What is to be charged.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    pub amount: Money,
    pub country: Option<&'a str>,
    /// Of the invoice.
    pub seed: u128,
}

/// Where something is charged, by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    pub route: Route,
    /// The one whose share it is, then the others.
    pub accounts: Vec<GatewayAccountId>,
}

impl Rule {
    fn fits(&self, due: Due<'_>) -> bool {
        let amount = due.amount.to_decimal();
        let country = || due.country.is_some_and(|country| self.countries.iter().any(|own| own == country));
        (self.currencies.is_empty() || self.currencies.contains(&due.amount.currency()))
            && (self.countries.is_empty() || country())
            && self.amount_from.is_none_or(|from| amount >= from)
            && self.amount_below.is_none_or(|below| amount < below)
    }

    /// The account whose share an invoice is, then the others in their order.
    fn accounts(&self, seed: u128) -> Vec<GatewayAccountId> {
        let total: u128 = self.accounts.iter().map(|share| u128::from(share.weight)).sum();
        let mut place = seed.checked_rem(total).unwrap_or_default();
        let own = self.accounts.iter().position(|share| {
            let is_own = place < u128::from(share.weight);
            place = place.saturating_sub(u128::from(share.weight));
            is_own
        });
        let first = own.and_then(|at| self.accounts.get(at)).map(|share| share.account_id);
        let others = self.accounts.iter().map(|share| share.account_id).filter(|id| Some(*id) != first);
        first.into_iter().chain(others).collect()
    }

    fn check(&self, at: &str, faults: &mut Faults) {
        faults.check_optional(&format!("{at}/name"), self.name.as_deref(), NAME_LENGTH);
        for (n, country) in self.countries.iter().enumerate() {
            if !is_country(country) {
                let detail = "a country is two letters of ISO 3166-1, such as DE";
                faults.add(format!("{at}/countries/{n}"), "unknown_country", detail);
            }
        }
        if (self.amount_from.is_some() || self.amount_below.is_some()) && self.currencies.len() != 1 {
            let detail = "amounts are of one currency: name just that one, and add a rule for each other";
            faults.add(format!("{at}/currencies"), "currency_needed", detail);
        }
        if self.amount_from.zip(self.amount_below).is_some_and(|(from, below)| from >= below) {
            faults.add(format!("{at}/amount_below"), "out_of_range", "it is above amount_from");
        }
        if self.accounts.is_empty() {
            faults.add(format!("{at}/accounts"), "accounts_required", "name at least one account");
        }
        let ids: Vec<GatewayAccountId> = self.accounts.iter().map(|share| share.account_id).collect();
        if ids.iter().enumerate().any(|(n, id)| ids.iter().skip(n + 1).any(|other| other == id)) {
            faults.add(format!("{at}/accounts"), "given_twice", "name each account once");
        }
        if self.accounts.iter().all(|share| share.weight == 0) && !self.accounts.is_empty() {
            let detail = "give one of them at least a weight above 0";
            faults.add(format!("{at}/accounts/0/weight"), "out_of_range", detail);
        }
        if self.accounts.iter().any(|share| share.weight > MOST_WEIGHT) {
            let detail = format!("a weight is 0 to {MOST_WEIGHT}");
            faults.add(format!("{at}/accounts/0/weight"), "out_of_range", detail);
        }
        for (name, count) in [
            ("accounts", self.accounts.len()),
            ("currencies", self.currencies.len()),
            ("countries", self.countries.len()),
        ] {
            if count > MOST {
                faults.add(format!("{at}/{name}"), "too_many", format!("there are {MOST} at most"));
            }
        }
    }
}

/// Checks rules that are to hold.
///
/// # Errors
/// [`Invalid`] with every value at fault.
pub fn check(rules: &[Rule]) -> Result<(), Invalid> {
    let mut faults = Faults::none();
    if rules.len() > MOST_RULES {
        faults.add("/rules", "too_many", format!("there are {MOST_RULES} rules at most"));
    }
    for (n, rule) in rules.iter().take(MOST_RULES).enumerate() {
        rule.check(&format!("/rules/{n}"), &mut faults);
    }
    faults.into_result()
}

impl Rulebook {
    /// Where something is charged; `None`: where its payment method is.
    #[must_use]
    pub fn route(&self, due: Due<'_>) -> Option<Routed> {
        let at = self.rules.iter().position(|rule| rule.fits(due))?;
        let rule = u16::try_from(at + 1).ok()?;
        let accounts = self.rules.get(at)?.accounts(due.seed);
        Some(Routed { route: Route { version: self.version, rule }, accounts })
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({ "object": "routing_rules", "version": self.version, "rules": self.rules })
    }
}

impl PaymentMethod {
    /// Whether it is the same card or account as another, at whatever gateway account.
    #[must_use]
    pub fn is_same_as(&self, other: &PaymentMethod) -> bool {
        let known = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        let is_alike =
            self.kind == other.kind && known(&self.brand, &other.brand) && known(&self.last4, &other.last4);
        self.id == other.id || is_alike || known(&self.fingerprint, &other.fingerprint)
    }
}

/// What may be charged for an invoice, and who says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub method: PaymentMethod,
    /// `None`: nobody; it is one of the others.
    pub chosen: Option<Chosen>,
}

/// Puts in order what may be charged: first what is preferred, then the others as they come. Of the first, the account that a rule says.
#[must_use]
pub fn order(
    methods: &[PaymentMethod],
    preferred: &[(PaymentMethodId, Chosen)],
    routed: Option<&Routed>,
) -> Vec<Candidate> {
    let rank = |method: &PaymentMethod| preferred.iter().position(|(id, _)| *id == method.id);
    let mut ordered: Vec<Candidate> = methods
        .iter()
        .map(|method| Candidate {
            method: method.clone(),
            chosen: rank(method).and_then(|at| preferred.get(at)).map(|(_, chosen)| *chosen),
        })
        .collect();
    ordered.sort_by_key(|candidate| rank(&candidate.method).unwrap_or(usize::MAX));
    let Some(routed) = routed else { return ordered };
    let Some(first) = ordered.first().map(|candidate| candidate.method.clone()) else { return ordered };
    let place = |method: &PaymentMethod| {
        let id = method.gateway_account_id?;
        routed.accounts.iter().position(|account| *account == id).filter(|_| method.is_same_as(&first))
    };
    ordered.sort_by_key(|candidate| place(&candidate.method).unwrap_or(usize::MAX));
    for candidate in ordered.iter_mut().filter(|candidate| place(&candidate.method).is_some()) {
        candidate.chosen = Some(Chosen::Route(routed.route));
    }
    ordered
}

/// The same card at the other accounts of the rule, in their order: what is tried when the gateway of one that failed was not there.
#[must_use]
pub fn elsewhere(
    candidates: &[Candidate],
    failed: Option<PaymentMethodId>,
    routed: Option<&Routed>,
) -> Vec<PaymentMethodId> {
    let failed = candidates.iter().find(|candidate| Some(candidate.method.id) == failed);
    let Some((failed, routed)) = failed.zip(routed) else { return Vec::new() };
    let at = |account: &GatewayAccountId| {
        let is_there = |candidate: &&Candidate| {
            let method = &candidate.method;
            method.gateway_account_id == Some(*account)
                && method.gateway_account_id != failed.method.gateway_account_id
                && method.is_same_as(&failed.method)
        };
        candidates.iter().find(is_there).map(|candidate| candidate.method.id)
    };
    if !routed.accounts.iter().any(|account| Some(*account) == failed.method.gateway_account_id) {
        return Vec::new();
    }
    routed.accounts.iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests;
