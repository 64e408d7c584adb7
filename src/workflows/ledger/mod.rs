//! The verbs of the ledger: transfers that waited for a rate are valued, and what is open in other currencies is revalued at a period's end.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

pub mod check_values;
pub mod report_balances;
pub mod report_tax;
pub mod reporting_currency;
pub mod revalue;
pub mod value_transfers;
