//! Which accounts are there, and which side makes them grow? Receivables grow by debits, deferred revenue by credits.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// The chart of accounts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Account {
    /// What customers owe on finalized invoices.
    AccountsReceivable,
    /// Money a gateway or bank has taken for us.
    CashClearing,
    /// Money that gateways have paid out.
    Bank,
    /// Money that a gateway holds while a payment is disputed.
    DisputedCash,
    /// Billed and not yet earned.
    DeferredRevenue,
    /// What contracts allocate an invoice beyond what it was invoiced, less what they allocate others less: of each contract, nothing in all.
    ContractAssets,
    /// Earned.
    Revenue,
    /// Tax collected and owed to an authority.
    TaxPayable,
    /// Money of customers not put against any invoice.
    CustomerCredit,
    /// Money on its way back to who paid.
    RefundsPayable,
    /// Credits sold and not used yet.
    PrepaidCredits,
    /// Credits sold that nobody used in time.
    Breakage,
    /// Credits given, as they are used.
    PromotionalCredits,
    /// Receivables given up.
    WriteOffs,
    /// Money given back.
    Refunds,
    /// What was lost by disputes, and is not owed again.
    DisputeLosses,
    /// What gateways keep.
    GatewayFees,
    /// What was taken in cash beyond what was due, or left, because there are no coins for it.
    CashRounding,
    /// What was paid out and belongs to nothing that is known, below zero; what is missing of what is known.
    PayoutDifferences,
    /// What gateways exchanged: one currency in, another out. In the currency of the books, what that cost.
    CurrencyConversion,
    /// What other rates made of receivables, cash and balances by the time they were settled. Only in the currency of an entity's books.
    FxGainLossRealised,
    /// What other rates make of them at the end of a period, taken back the day after. Only in the currency of an entity's books.
    FxGainLossUnrealised,
}

/// What kind of account it is, which decides the side that makes it grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AccountType {
    /// Grows by debits.
    Asset,
    /// Grows by credits.
    Liability,
    /// Grows by credits.
    Income,
    /// Grows by debits.
    Expense,
}

impl AccountType {
    /// Whether debits make it grow.
    pub fn grows_by_debits(self) -> bool {
        matches!(self, AccountType::Asset | AccountType::Expense)
    }

    /// Whether a year begins with what the one before left on it.
    pub fn is_carried_forward(self) -> bool {
        matches!(self, AccountType::Asset | AccountType::Liability)
    }
}

impl Account {
    /// Its type.
    pub fn account_type(self) -> AccountType {
        match self {
            Account::AccountsReceivable
            | Account::CashClearing
            | Account::Bank
            | Account::DisputedCash
            | Account::ContractAssets => AccountType::Asset,
            Account::DeferredRevenue
            | Account::TaxPayable
            | Account::CustomerCredit
            | Account::RefundsPayable
            | Account::PrepaidCredits => AccountType::Liability,
            Account::Revenue
            | Account::Breakage
            | Account::CashRounding
            | Account::FxGainLossRealised
            | Account::FxGainLossUnrealised => AccountType::Income,
            Account::PromotionalCredits
            | Account::WriteOffs
            | Account::Refunds
            | Account::DisputeLosses
            | Account::GatewayFees
            | Account::PayoutDifferences
            | Account::CurrencyConversion => AccountType::Expense,
        }
    }
}
