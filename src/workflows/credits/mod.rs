//! What pays besides money, and what is taken back? Credits granted, drawn, ended; balances applied and paid out; credit notes.
//!
//! What is on this shelf, what is not, and its laws: [`domain::credits`](crate::domain::credits).

pub mod apply_balance;
pub mod apply_balances;
pub mod correct_invoice;
pub mod expire_credits;
pub mod grant_credits;
pub mod issue_credit_note;
pub mod pay_out_balance;
pub mod return_credits;
pub mod set_top_up;
pub mod settle_tax;
pub mod take_back_usage;
pub mod void_credit_grant;
