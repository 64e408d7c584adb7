//! What is a transfer worth in the currency of its entity's books? What comes in, at the day's rate; what is relieved, at what it is carried at;
//! the difference is a gain or a loss that is realised.
//!
//! 100.00 USD are receivable at 90.00 EUR and paid when they are 92.00 EUR: cash 92.00, receivable −90.00, realised gain 2.00. Of 33.00 USD
//! paid of them, the receivable falls by 29.70; who pays the last of it clears the last cent.
//!
//! Amounts are rounded once, half away from zero; a share of what is carried is a share of what is left, so that the last one takes all of it.
//!
//! By IAS 21 what is received or paid in money (receivables, cash, balances) comes at the rate of its day, and what is not (deferred revenue) stays
//! at the rate it came at; so does tax, which was declared at it. What a later invoice gives back of an earlier one (unused days, late usage that
//! flowed back) therefore relieves deferred revenue, revenue and tax of that one at what they carry, while the customer gets it at the rate of
//! the day: 31.00 USD deferred at 24.80 EUR and given back when they are 18.60 EUR: deferred revenue −24.80, receivable −18.60, realised gain 6.20.
//! What corrects a document, a credit note or a void, was never another transaction: it takes back at what the document was booked at, and what
//! takes its place is valued at the rate of the day of the first.

mod carried;
#[cfg(test)]
mod tests;
mod valuing;

pub use carried::{Carried, Carrier, Key};
pub use valuing::{Books, Unvalued};

use chrono::NaiveDate;

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
            | SourceKind::CashRounded
            | SourceKind::CreditsExpired
            | SourceKind::CreditsVoided
            | SourceKind::CreditNoteIssued
            | SourceKind::RefundPaid
            | SourceKind::RefundFailed
            | SourceKind::DisputeMoved
            | SourceKind::PayoutSettled
            | SourceKind::PayoutFailed
            | SourceKind::RevenueAllocated
            | SourceKind::BalancePaidOut => None,
        })
    }

    /// Whose balance of one of its accounts it moves; `None` where nothing is carried on, such as gateways' fees.
    #[must_use]
    pub fn carried_by(&self, account: Account) -> Option<Key> {
        let carrier = match account {
            Account::AccountsReceivable | Account::WriteOffs => Carrier::Invoice(self.invoice()?),
            Account::DeferredRevenue | Account::Revenue | Account::TaxPayable => {
                Carrier::Invoice(self.origin_id.or_else(|| self.invoice())?)
            }
            Account::CashClearing
            | Account::DisputedCash
            | Account::ContractAssets
            | Account::CustomerCredit
            | Account::RefundsPayable
            | Account::PrepaidCredits => Carrier::Customer(self.customer_id, self.entity_id),
            Account::Breakage
            | Account::PromotionalCredits
            | Account::Refunds
            | Account::DisputeLosses
            | Account::GatewayFees
            | Account::CashRounding
            | Account::Bank
            | Account::PayoutDifferences
            | Account::CurrencyConversion
            | Account::FxGainLossRealised
            | Account::FxGainLossUnrealised => return None,
        };
        Some(Key { carrier, account, currency: self.amount.currency() })
    }

    /// The day whose rate it is valued at.
    #[must_use]
    pub fn rate_day(&self) -> NaiveDate {
        self.rated_on.unwrap_or(self.effective_on)
    }

    /// Whether it is of an invoice that is issued, and relieves nothing: only new balances of that invoice are moved.
    #[must_use]
    pub fn is_all_new(&self) -> bool {
        let is_pool = |account| matches!(account, Account::CustomerCredit);
        self.source_kind == SourceKind::InvoiceFinalized
            && self.origin_id.is_none()
            && !is_pool(self.debit)
            && !is_pool(self.credit)
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
            SourceKind::CashRounded | SourceKind::CreditNoteIssued => 5,
            SourceKind::CreditsExpired | SourceKind::CreditsVoided => 6,
            SourceKind::CreditsApplied => 7,
            SourceKind::CreditsReturned => 8,
            SourceKind::InvoiceVoided => 9,
            SourceKind::BalancePaidOut => 10,
            SourceKind::RefundPaid | SourceKind::RefundFailed => 11,
            SourceKind::DisputeMoved => 12,
            SourceKind::RevenueRecognized => 13,
            SourceKind::PayoutSettled => 14,
            SourceKind::PayoutFailed => 15,
            SourceKind::RevenueAllocated => 16,
        }
    }
}
