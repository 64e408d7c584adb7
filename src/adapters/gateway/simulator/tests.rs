//! Does the simulator keep the promises of a gateway?

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::domain::money::{Currency, Money};

#[derive(Default)]
struct InMemory(Mutex<BTreeMap<String, Charge>>);

impl Memory for InMemory {
    fn keep(&self, charges: &[Charge], _deadline: DateTime<Utc>) -> Result<Vec<Charge>, String> {
        let mut kept = self.0.lock().unwrap();
        let entry = |c: &Charge| kept.entry(c.idempotency_key.clone()).or_insert_with(|| c.clone()).clone();
        Ok(charges.iter().map(entry).collect())
    }

    fn recall(&self, keys: &[String], _deadline: DateTime<Utc>) -> Result<Vec<Charge>, String> {
        let kept = self.0.lock().unwrap();
        Ok(keys.iter().filter_map(|key| kept.get(key).cloned()).collect())
    }
}

fn simulator() -> (Simulator, Arc<InMemory>) {
    let memory = Arc::new(InMemory::default());
    (Simulator::new(Arc::clone(&memory) as Arc<dyn Memory>), memory)
}

fn sought(key: &str) -> Sought {
    Sought { idempotency_key: key.to_owned(), reference: None, token: None, since: None, given_up: None }
}

fn request(key: &str, token: &str) -> ChargeRequest {
    let amount = Money::from_minor(3100, Currency::parse("USD").unwrap());
    ChargeRequest {
        idempotency_key: key.to_owned(),
        token: token.to_owned(),
        amount,
        at: DateTime::UNIX_EPOCH,
    }
}

fn later(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

#[test]
fn the_same_key_twice_gives_the_same_answer_and_charges_once() {
    let (simulator, memory) = simulator();
    let first = simulator.charge_all(&[request("a", "tok_success")], later(9));
    let dearer = ChargeRequest {
        amount: Money::from_minor(1, Currency::parse("USD").unwrap()),
        ..request("a", "tok_success")
    };
    assert_eq!(simulator.charge_all(&[dearer], later(9)), first);
    let kept = memory.recall(&["a".to_owned()], later(9)).unwrap();
    assert_eq!(kept.iter().map(|c| c.amount.minor()).collect::<Vec<_>>(), [3100]);
}

#[test]
fn a_lost_answer_is_unknown_and_the_books_tell_later_whether_money_was_taken() {
    let (simulator, _) = simulator();
    let requests =
        ["tok_timeout", "tok_timeout_charged", "tok_timeout_lost"].map(|token| request(token, token));
    assert_eq!(simulator.charge_all(&requests, later(9)), vec![Outcome::Unknown; 3]);
    let keys: Vec<Sought> = requests.iter().map(|r| sought(&r.idempotency_key)).collect();
    let outcomes = simulator.lookup_all(&keys, later(0), later(9));
    assert!(matches!(outcomes[0], Outcome::Succeeded { .. }));
    assert!(matches!(outcomes[1], Outcome::Succeeded { .. }));
    assert_eq!(outcomes[2], Outcome::NeverReached);
}

#[test]
fn an_asynchronous_charge_is_decided_an_hour_later() {
    let (simulator, _) = simulator();
    let requests = [request("yes", "tok_async_success"), request("no", "tok_async_decline")];
    for outcome in simulator.charge_all(&requests, later(9)) {
        assert!(matches!(outcome, Outcome::Pending { check_after, .. } if check_after == later(1)));
    }
    let outcomes = simulator.lookup_all(&[sought("yes"), sought("no")], later(1), later(9));
    assert!(matches!(&outcomes[0], Outcome::Succeeded { .. }));
    assert!(
        matches!(&outcomes[1], Outcome::Declined { code, hard: false, .. } if code == "insufficient_funds")
    );
}

#[test]
fn every_documented_token_does_something_and_no_other_is_accepted() {
    let (simulator, _) = simulator();
    for (token, _) in TOKENS {
        assert_eq!(simulator.check_token(token), Ok(()));
        assert_eq!(simulator.charge_all(&[request(token, token)], later(9)).len(), 1);
    }
    assert!(simulator.check_token("4242424242424242").is_err());
}
