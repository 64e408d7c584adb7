//! What is not charged for an invoice any more? A method that was declined for good; and where its issuer ended the card itself, that card under
//! whatever name it is attached, at each account.
//!
//! The same card at two accounts, `stolen_card` at the first: the second is not asked. `expired_card` at the first: the second may know a newer
//! date, and is another method.

use std::collections::HashMap;

use super::Tried;
use crate::domain::ids::PaymentMethodId;
use crate::domain::payments::PaymentMethod;

/// What was declined for good for an invoice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ended {
    methods: Vec<PaymentMethodId>,
    /// Those of them whose card itself was ended.
    cards: Vec<PaymentMethod>,
}

/// The methods whose last decline ended the card itself, of attempts at one invoice, the oldest first.
pub fn cards(tried: &[Tried]) -> impl Iterator<Item = PaymentMethodId> {
    last(tried).filter(|one| one.class.ends_card()).filter_map(|one| one.method)
}

/// The last attempt with each method.
fn last(tried: &[Tried]) -> impl Iterator<Item = &Tried> {
    let is_last =
        move |n: usize, one: &Tried| !tried.iter().skip(n + 1).any(|later| later.method == one.method);
    tried.iter().enumerate().filter(move |(n, one)| is_last(*n, one)).map(|(_, one)| one)
}

impl Ended {
    /// By attempts at one invoice, the oldest first; `known` are the methods whose [`cards`] were ended, detached ones too.
    #[must_use]
    pub fn by(tried: &[Tried], known: &HashMap<PaymentMethodId, PaymentMethod>) -> Ended {
        let methods = last(tried).filter(|one| one.class.ends_method()).filter_map(|one| one.method);
        let cards = cards(tried).filter_map(|id| known.get(&id).cloned());
        Ended { methods: methods.collect(), cards: cards.collect() }
    }

    /// Whether a method is not charged any more.
    #[must_use]
    pub fn has(&self, method: &PaymentMethod) -> bool {
        self.methods.contains(&method.id) || self.has_card_of(method)
    }

    /// Whether a method is a card that was ended under another name.
    #[must_use]
    pub fn has_card_of(&self, method: &PaymentMethod) -> bool {
        !self.methods.contains(&method.id) && self.cards.iter().any(|card| is_one_card(card, method))
    }
}

/// At one account its fingerprint alone tells a card; from account to account fingerprints may differ, and brand and last digits do.
fn is_one_card(ended: &PaymentMethod, other: &PaymentMethod) -> bool {
    let is_elsewhere = ended.gateway != other.gateway || ended.gateway_account_id != other.gateway_account_id;
    let has_one_fingerprint = ended.fingerprint.is_some() && ended.fingerprint == other.fingerprint;
    has_one_fingerprint || is_elsewhere && ended.is_same_as(other)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::domain::catalog::Metadata;
    use crate::domain::ids::{CustomerId, GatewayAccountId};
    use crate::domain::payments::Kind;
    use crate::domain::payments::declines::Class;

    /// A Visa at an account.
    fn card(n: u128, account: u128, (last4, fingerprint): (&str, Option<&str>)) -> PaymentMethod {
        PaymentMethod {
            id: PaymentMethodId::from_uuid(Uuid::from_u128(n)),
            external_id: None,
            customer_id: CustomerId::from_uuid(Uuid::nil()),
            kind: Kind::Card,
            gateway: Arc::from("stripe"),
            gateway_account_id: Some(GatewayAccountId::from_uuid(Uuid::from_u128(account))),
            token: "cus_1/pm_1".to_owned(),
            brand: Some("visa".to_owned()),
            last4: Some(last4.to_owned()),
            metadata: Metadata::new(),
            created_at: DateTime::UNIX_EPOCH,
            detached_at: None,
            fingerprint: fingerprint.map(str::to_owned),
            is_disputed: false,
            mandate: None,
        }
    }

    fn after(declined: &PaymentMethod, classes: &[Class]) -> Ended {
        let tried: Vec<Tried> = classes
            .iter()
            .map(|class| Tried {
                method: Some(declined.id),
                class: *class,
                wait: None,
                not_reached: false,
                once: false,
            })
            .collect();
        Ended::by(&tried, &HashMap::from([(declined.id, declined.clone())]))
    }

    #[test]
    fn a_stolen_card_is_ended_at_every_account_and_an_expired_one_where_it_was_declined() {
        let first = card(1, 1, ("4242", Some("f1")));
        let elsewhere = [card(2, 2, ("4242", None)), card(3, 2, ("0000", Some("f1")))];
        for class in [Class::Fraud, Class::Never] {
            let ended = after(&first, &[class]);
            assert!(ended.has(&first) && !ended.has_card_of(&first), "{class:?}");
            assert!(elsewhere.iter().all(|other| ended.has(other) && ended.has_card_of(other)), "{class:?}");
        }
        for class in [Class::FixData, Class::Authenticate] {
            let ended = after(&first, &[class]);
            assert!(ended.has(&first) && !elsewhere.iter().any(|other| ended.has(other)), "{class:?}");
        }
        for class in [Class::Outage, Class::Later, Class::Insufficient] {
            assert!(!after(&first, &[class]).has(&first), "{class:?}");
        }
        assert!(!after(&first, &[Class::Never, Class::Later]).has(&first), "it was tried again");
    }

    #[test]
    fn at_one_account_the_fingerprint_alone_tells_a_card() {
        let ended = after(&card(1, 1, ("4242", Some("f1"))), &[Class::Never]);
        assert!(ended.has(&card(2, 1, ("4242", Some("f1")))), "added again");
        assert!(!ended.has(&card(2, 1, ("4242", Some("f2")))), "another one with the same last digits");
        assert!(!ended.has(&card(2, 2, ("1111", Some("f2")))));
    }
}
