//! What is a transfer worth in the currency of its entity's books? What comes in, at the day's rate; what is relieved, at what it is carried at;
//! the difference is a gain or a loss that is realised.
//!
//! 100.00 USD are receivable at 90.00 EUR and paid when they are 92.00 EUR: cash 92.00, receivable −90.00, realised gain 2.00. Of 33.00 USD
//! paid of them, the receivable falls by 29.70; who pays the last of it clears the last cent.
//!
//! Amounts are rounded once, half away from zero; a share of what is carried is a share of what is left, so that the last one takes all of it.

mod carried;
#[cfg(test)]
mod tests;
mod valuing;

pub use carried::{Carried, Carrier, Key};
pub use valuing::{Books, Unvalued};

use super::{Account, SourceKind, Transfer};
use crate::domain::ids::InvoiceId;
use crate::domain::money::{Money, MoneyError};

/// What a transfer is worth in the currency of its entity's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Functional {
    /// What is debited.
    pub amount: Money,
    /// By how much less is credited, which is credited to `fx_gain_loss_realised`; a loss is below zero.
    pub realised: Money,
}

impl Functional {
    /// Of a transfer in that very currency.
    #[must_use]
    pub const fn same(amount: Money) -> Functional {
        Functional { amount, realised: Money::zero(amount.currency()) }
    }

    /// What is credited.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`].
    pub fn credited(self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.realised)
    }
}

impl Transfer {
    /// The invoice whose receivable, revenue and tax it moves.
    #[must_use]
    pub fn invoice(&self) -> Option<InvoiceId> {
        self.invoice_id.or(match self.source_kind {
            SourceKind::InvoiceFinalized
            | SourceKind::InvoiceVoided
            | SourceKind::InvoiceWrittenOff
            | SourceKind::CreditsSold
            | SourceKind::CreditsApplied
            | SourceKind::CreditsReturned
            | SourceKind::RevenueRecognized => Some(InvoiceId::from_uuid(self.source_id)),
            SourceKind::WriteOffRecovered
            | SourceKind::PaymentReceived
            | SourceKind::CreditsExpired
            | SourceKind::CreditsVoided
            | SourceKind::CreditNoteIssued
            | SourceKind::RefundPaid
            | SourceKind::RefundFailed
            | SourceKind::BalancePaidOut => None,
        })
    }

    /// Whose balance of one of its accounts it moves; `None` where nothing is carried on, such as gateways' fees.
    #[must_use]
    pub fn carried_by(&self, account: Account) -> Option<Key> {
        let carrier = match account {
            Account::AccountsReceivable
            | Account::DeferredRevenue
            | Account::Revenue
            | Account::TaxPayable
            | Account::WriteOffs => Carrier::Invoice(self.invoice()?),
            Account::CashClearing
            | Account::CustomerCredit
            | Account::RefundsPayable
            | Account::PrepaidCredits => Carrier::Customer(self.customer_id, self.entity_id),
            Account::Breakage
            | Account::PromotionalCredits
            | Account::Refunds
            | Account::GatewayFees
            | Account::FxGainLossRealised
            | Account::FxGainLossUnrealised => return None,
        };
        Some(Key { carrier, account, currency: self.amount.currency() })
    }

    /// Where it stands among those recorded at the same instant: an invoice before what is applied to it, a receipt before its refund.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self.source_kind {
            SourceKind::InvoiceFinalized => 0,
            SourceKind::CreditsSold => 1,
            SourceKind::InvoiceWrittenOff => 2,
            SourceKind::WriteOffRecovered => 3,
            SourceKind::PaymentReceived => 4,
            SourceKind::CreditNoteIssued => 5,
            SourceKind::CreditsExpired | SourceKind::CreditsVoided => 6,
            SourceKind::CreditsApplied => 7,
            SourceKind::CreditsReturned => 8,
            SourceKind::InvoiceVoided => 9,
            SourceKind::BalancePaidOut => 10,
            SourceKind::RefundPaid | SourceKind::RefundFailed => 11,
            SourceKind::RevenueRecognized => 12,
        }
    }
}
