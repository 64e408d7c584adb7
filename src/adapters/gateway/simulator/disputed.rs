//! What becomes of a charge that is disputed, in simulated time? Charged on the 1st: disputed an hour later with a fee of 15.00, evidence is due on the
//! 8th, under review until it is decided on the 11th.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::money::Money;
use crate::domain::payments::disputes::{Kind, Seen, Shown, Status, WarningSeen};
use crate::domain::payments::simulated::Charge;

pub(super) const LOST: &str = "tok_dispute_lost";
pub(super) const WON: &str = "tok_dispute_won";
pub(super) const INQUIRY: &str = "tok_dispute_inquiry";
pub(super) const WARNING: &str = "tok_fraud_warning";

/// From the charge to its dispute.
const OPENED: TimeDelta = TimeDelta::hours(1);
/// From there to when evidence is due.
const DUE: TimeDelta = TimeDelta::days(7);
/// And to its end.
const DECIDED: TimeDelta = TimeDelta::days(10);
/// What the gateway keeps of each, in whole units.
const FEE: i64 = 15;

/// What is shown of a charge at an instant.
pub(super) fn shown(charge: &Charge, at: DateTime<Utc>) -> Shown {
    let opened_at = charge.received_at + OPENED;
    if at < opened_at {
        return Shown::default();
    }
    let reference = charge.reference.replacen("sim_", "simdp_", 1);
    if charge.token == WARNING {
        let warning =
            WarningSeen { reference, kind: "made_with_stolen_card".to_owned(), warned_at: opened_at };
        return Shown { warnings: vec![warning], ..Shown::default() };
    }
    let is_over = at >= opened_at + DECIDED;
    let open = if at < opened_at + DUE { Status::NeedsResponse } else { Status::UnderReview };
    let (status, is_withdrawn) = match (charge.token.as_str(), is_over) {
        (LOST, true) => (Status::Lost, true),
        (WON, true) => (Status::Won, false),
        (LOST | WON, false) => (open, true),
        (INQUIRY, true) => (Status::InquiryClosed, false),
        (INQUIRY, false) => (Status::Inquiry, false),
        _ => return Shown::default(),
    };
    let currency = charge.amount.currency();
    let fee = if status.is_dispute() { FEE } else { 0 };
    let dispute = Seen {
        kind: Kind::Dispute,
        reference,
        reason: "fraudulent".to_owned(),
        amount: charge.amount,
        fee: Money::from_minor(fee * 10_i64.pow(currency.exponent()), currency),
        status,
        is_withdrawn,
        evidence_due_by: Some(opened_at + DUE),
        opened_at,
    };
    Shown { disputes: vec![dispute], ..Shown::default() }
}
