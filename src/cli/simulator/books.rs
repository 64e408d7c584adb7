//! What do the books of an account of the simulator say? All that is derived is derived of records, as of an instant: charges by key, what was given
//! back of each, disputes and payouts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::kept::{Amount, KeptDispute, KeptPayout, Record};
use crate::domain::money::Money;
use crate::domain::payments::simulated::{Charge, ChargeStatus};

/// The books of one account.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// By key; refunds, too, below zero.
    pub charges: BTreeMap<String, Charge>,
    /// The keys of charges by those of their refunds.
    pub refunded: BTreeMap<String, String>,
    pub disputes: Vec<KeptDispute>,
    pub kept: Vec<(String, Amount)>,
    pub payouts: Vec<KeptPayout>,
    /// The keys of charges by their names.
    names: BTreeMap<String, String>,
}

impl Books {
    /// Writes down what happened.
    pub(super) fn apply(&mut self, record: &Record) {
        match record {
            Record::Charged { charge } => {
                if let Some(charge) = charge.charge() {
                    self.names.insert(charge.reference.clone(), charge.idempotency_key.clone());
                    self.charges.entry(charge.idempotency_key.clone()).or_insert(charge);
                }
            }
            Record::Refunded { key, charge_key } => {
                self.refunded.entry(key.clone()).or_insert_with(|| charge_key.clone());
            }
            Record::Settled { key, code } => {
                if let Some(charge) = self.charges.get_mut(key) {
                    charge.status = match code.clone() {
                        Some(code) => ChargeStatus::Declined { code },
                        None => ChargeStatus::Succeeded,
                    };
                }
            }
            Record::Disputed { dispute } => self.disputes.push(dispute.clone()),
            Record::Decided { id, status } => {
                let dispute = self.disputes.iter_mut().find(|dispute| dispute.id == *id);
                dispute.into_iter().for_each(|dispute| dispute.status.clone_from(status));
            }
            Record::Kept { id, amount } => self.kept.push((id.clone(), amount.clone())),
            Record::PaidOut { payout } => self.payouts.push(payout.clone()),
            Record::PayoutFailed { id, at } => {
                let payout = self.payouts.iter_mut().find(|payout| payout.id == *id);
                payout.into_iter().for_each(|payout| payout.failed_at = Some(*at));
            }
        }
    }

    /// A charge by its key, or by its name.
    pub(super) fn charge(&self, name: &str) -> Option<&Charge> {
        self.charges.get(name).or_else(|| self.charges.get(self.names.get(name)?))
    }

    /// The refunds of a charge.
    pub(super) fn refunds_of(&self, charge_key: &str) -> Vec<&Charge> {
        let of_it = self.refunded.iter().filter(|(_, key)| *key == charge_key);
        of_it.filter_map(|(key, _)| self.charges.get(key)).collect()
    }

    /// What is left of a charge after what was given back; `None`: there is none.
    pub(super) fn left_of(&self, charge_key: &str) -> Option<Money> {
        let charge = self.charges.get(charge_key)?;
        let refunds = self.refunds_of(charge_key).into_iter();
        Money::sum(charge.amount.currency(), refunds.map(|refund| refund.amount))
            .and_then(|back| charge.amount.checked_add(back))
            .ok()
    }
}

/// Whether its money is there by then.
pub(super) fn has_come(charge: &Charge, at: DateTime<Utc>) -> bool {
    match &charge.status {
        ChargeStatus::Succeeded => charge.received_at <= at,
        ChargeStatus::Declined { .. } => false,
        ChargeStatus::Pending { settles_at, code } => code.is_none() && *settles_at <= at,
    }
}
