//! What was given back of a payment at its gateway itself? Each refund there that is not ours is booked once, by its gateway's name for it; one that
//! fails afterwards, ours or not, has not gone back.
//!
//! 50.00 paid, 20.00 refunded at the gateway's dashboard: booked as a refund made elsewhere. Told of twice, nothing is booked again.

use crate::domain::credits::notes::{Refund, RefundOrigin, RefundState};
use crate::domain::ids::RefundId;
use crate::domain::money::Money;

/// A refund as the gateway shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The gateway's name for it.
    pub reference: String,
    /// Ours, when we asked for it.
    pub ours: Option<RefundId>,
    pub amount: Money,
    pub standing: Standing,
}

/// Where it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It takes its time.
    Pending,
    /// The money went back.
    Succeeded,
    /// It did not, or came back.
    Failed {
        /// The gateway's reason.
        code: String,
    },
}

/// What of it changes our books.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Money went back that we know nothing of.
    Book { reference: String, amount: Money },
    /// What counted as given back is not.
    Undo { refund: Refund, code: String },
}

/// What what is seen changes of what is recorded; each recorded refund with its gateway's name for it.
#[must_use]
pub fn changes(recorded: &[(Refund, Option<String>)], seen: &[Seen]) -> Vec<Change> {
    let known = |one: &Seen| {
        recorded.iter().find(|(refund, reference)| {
            Some(refund.id) == one.ours
                || refund.origin == RefundOrigin::Elsewhere && reference.as_deref() == Some(&*one.reference)
        })
    };
    let change = |one: &Seen| match (known(one), &one.standing) {
        (None, Standing::Succeeded) => {
            Some(Change::Book { reference: one.reference.clone(), amount: one.amount })
        }
        (Some((refund, _)), Standing::Failed { code })
            if matches!(refund.state, RefundState::Succeeded { .. }) =>
        {
            Some(Change::Undo { refund: refund.clone(), code: code.clone() })
        }
        _ => None,
    };
    seen.iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{CustomerId, PaymentId};

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    fn seen(reference: &str, standing: Standing) -> Seen {
        Seen { reference: reference.to_owned(), ours: None, amount: usd(2_000), standing }
    }

    fn booked(reference: &str) -> (Refund, Option<String>) {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let refund = Refund {
            id: RefundId::from_uuid(Uuid::nil()),
            customer_id: CustomerId::from_uuid(Uuid::nil()),
            origin: RefundOrigin::Elsewhere,
            payment_id: PaymentId::from_uuid(Uuid::nil()),
            gateway: "stripe".to_owned(),
            amount: usd(2_000),
            state: RefundState::Succeeded { reference: Some(reference.to_owned()), at },
            created_at: at,
        };
        (refund, Some(reference.to_owned()))
    }

    #[test]
    fn what_is_not_ours_is_booked_once_and_only_when_it_went_back() {
        let here = [seen("re_1", Standing::Succeeded), seen("re_2", Standing::Pending)];
        let expected = Change::Book { reference: "re_1".to_owned(), amount: usd(2_000) };
        assert_eq!(changes(&[], &here), [expected]);
        assert_eq!(changes(&[booked("re_1")], &here), []);
    }

    #[test]
    fn what_fails_afterwards_has_not_gone_back() {
        let failed = seen("re_1", Standing::Failed { code: "lost_or_stolen_card".to_owned() });
        assert!(matches!(
            &changes(&[booked("re_1")], std::slice::from_ref(&failed))[..],
            [Change::Undo { .. }]
        ));
        assert_eq!(changes(&[], &[failed]), [], "it never counted");
    }
}
