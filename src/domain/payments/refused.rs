//! Why is a payment not taken or not recorded? Nothing to charge, the wrong currency, declined: 402, 409 or 422 with a sentence.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::invoicing;
use crate::domain::money::{Currency, MoneyError};
use crate::domain::refusal::{Refusal, RefusalKind};

/// A payment's no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody to charge.
    #[error("this customer has no payment method; attach one, or name one in payment_method_id")]
    NoPaymentMethod,
    /// It was taken away.
    #[error("this payment method was detached; it is not charged any more")]
    Detached,
    /// It is somebody else's.
    #[error("this payment method belongs to another customer")]
    MethodOfAnotherCustomer,
    /// It is somebody else's.
    #[error("this invoice belongs to another customer")]
    InvoiceOfAnotherCustomer,
    /// Nothing can be paid in another currency.
    #[error("this invoice is in {invoice}; a payment in {payment} cannot be put against it")]
    WrongCurrency {
        /// What the invoice is in.
        invoice: Currency,
        /// What was offered.
        payment: Currency,
    },
    /// Zero or less.
    #[error("a payment has an amount above zero")]
    NotPositive,
    /// Received tomorrow.
    #[error("money cannot have been received in the future")]
    InTheFuture,
    /// Two attempts at once.
    #[error("a payment of this invoice is already under way; wait for its outcome")]
    UnderWay,
    /// The card was tried too often.
    #[error(
        "the card's network allows no attempt with it {}; charge another payment method",
        until.map_or("any more".to_owned(), |at| format!("before {}", at.to_rfc3339_opts(SecondsFormat::Secs, true)))
    )]
    NetworkLimit {
        /// `None`: never again.
        until: Option<DateTime<Utc>>,
    },
    /// The gateway said no; the failed attempt is recorded.
    #[error("the payment was declined: {code}; the invoice stays open, try another payment method")]
    Declined {
        /// The gateway's reason.
        code: String,
    },
    /// Nobody is charged there any more.
    #[error("the gateway account of this payment method was removed; attach the method at another account")]
    AccountRemoved,
    /// It would be another entity's money.
    #[error(
        "the gateway account of this payment method serves another entity than the invoice's; use a method at an account of that entity"
    )]
    AccountOfAnotherEntity,
    /// The gateway takes other currencies.
    #[error(
        "the gateway of this payment method does not take {currency}; use a method at another gateway, or record the money as received elsewhere"
    )]
    CurrencyNotTaken {
        /// What is due is in it.
        currency: Currency,
    },
    /// The gateway takes coarser amounts.
    #[error(
        "the gateway of this payment method does not take so fine an amount of {currency}; use another method, or record the money as received elsewhere"
    )]
    AmountTooFine {
        /// What is due is in it.
        currency: Currency,
    },
    /// It moves no money.
    #[error(
        "the simulator moves no money and serves test tenants only: create a gateway account, and attach a payment method at it"
    )]
    SimulatorIsForTests,
    /// The invoice does not allow it.
    #[error(transparent)]
    Invoice(#[from] invoicing::Refused),
    /// The sums do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NoPaymentMethod => "payment_method_needed",
            Refused::Detached => "payment_method_detached",
            Refused::MethodOfAnotherCustomer => "payment_method_of_another_customer",
            Refused::InvoiceOfAnotherCustomer => "invoice_of_another_customer",
            Refused::WrongCurrency { .. } => "wrong_currency",
            Refused::NotPositive => "amount_not_positive",
            Refused::InTheFuture => "received_in_the_future",
            Refused::UnderWay => "payment_in_progress",
            Refused::NetworkLimit { .. } => "network_limit",
            Refused::Declined { .. } => "payment_declined",
            Refused::AccountRemoved => "gateway_account_removed",
            Refused::AccountOfAnotherEntity => "gateway_account_of_another_entity",
            Refused::CurrencyNotTaken { .. } => "currency_not_taken",
            Refused::AmountTooFine { .. } => "amount_too_fine",
            Refused::SimulatorIsForTests => "simulator_is_for_tests",
            Refused::Invoice(refused) => refused.code(),
            Refused::Money(_) => "amount_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        let pointer = match self {
            Refused::MethodOfAnotherCustomer => "/payment_method_id",
            Refused::InvoiceOfAnotherCustomer => "/invoice_id",
            Refused::WrongCurrency { .. } => "/currency",
            Refused::NotPositive | Refused::Money(_) => "/amount",
            Refused::InTheFuture => "/received_at",
            _ => return None,
        };
        Some(pointer.to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::NoPaymentMethod | Refused::Declined { .. } => RefusalKind::Payment,
            Refused::Detached
            | Refused::UnderWay
            | Refused::AccountRemoved
            | Refused::NetworkLimit { .. } => RefusalKind::State,
            Refused::Invoice(refused) => refused.kind(),
            _ => RefusalKind::Rule,
        }
    }

    fn decline_code(&self) -> Option<&str> {
        match self {
            Refused::Declined { code } => Some(code),
            _ => None,
        }
    }
}
