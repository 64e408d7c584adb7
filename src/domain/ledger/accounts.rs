//! Which accounts are there, and which side makes them grow? Receivables grow by debits, deferred revenue by credits.

/// The chart of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// What customers owe on finalized invoices.
    AccountsReceivable,
    /// Money a gateway or bank has taken for us.
    CashClearing,
    /// Billed and not yet earned.
    DeferredRevenue,
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
    /// What gateways keep.
    GatewayFees,
}

/// What kind of account it is, which decides the side that makes it grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountType::Asset => "asset",
            AccountType::Liability => "liability",
            AccountType::Income => "income",
            AccountType::Expense => "expense",
        }
    }

    /// Whether debits make it grow.
    pub fn grows_by_debits(self) -> bool {
        matches!(self, AccountType::Asset | AccountType::Expense)
    }
}

impl Account {
    /// The whole chart.
    pub const ALL: [Account; 13] = [
        Account::AccountsReceivable,
        Account::CashClearing,
        Account::DeferredRevenue,
        Account::Revenue,
        Account::TaxPayable,
        Account::CustomerCredit,
        Account::RefundsPayable,
        Account::PrepaidCredits,
        Account::Breakage,
        Account::PromotionalCredits,
        Account::WriteOffs,
        Account::Refunds,
        Account::GatewayFees,
    ];

    /// As stored and as written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Account::AccountsReceivable => "accounts_receivable",
            Account::CashClearing => "cash_clearing",
            Account::DeferredRevenue => "deferred_revenue",
            Account::Revenue => "revenue",
            Account::TaxPayable => "tax_payable",
            Account::CustomerCredit => "customer_credit",
            Account::RefundsPayable => "refunds_payable",
            Account::PrepaidCredits => "prepaid_credits",
            Account::Breakage => "breakage",
            Account::PromotionalCredits => "promotional_credits",
            Account::WriteOffs => "write_offs",
            Account::Refunds => "refunds",
            Account::GatewayFees => "gateway_fees",
        }
    }

    /// Reads what [`Account::as_str`] writes.
    pub fn parse(text: &str) -> Option<Account> {
        Account::ALL.into_iter().find(|a| a.as_str() == text)
    }

    /// Its type.
    pub fn account_type(self) -> AccountType {
        match self {
            Account::AccountsReceivable | Account::CashClearing => AccountType::Asset,
            Account::DeferredRevenue
            | Account::TaxPayable
            | Account::CustomerCredit
            | Account::RefundsPayable
            | Account::PrepaidCredits => AccountType::Liability,
            Account::Revenue | Account::Breakage => AccountType::Income,
            Account::PromotionalCredits | Account::WriteOffs | Account::Refunds | Account::GatewayFees => {
                AccountType::Expense
            }
        }
    }
}
