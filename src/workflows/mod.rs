//! The verbs, a file each: load → decide (pure calls) → save, in one transaction. No remote call inside one.

pub mod advance_clock;
pub mod apply_balance;
pub mod apply_balances;
pub mod attach_payment_method;
pub mod attempts;
pub mod bill_customers;
pub mod bill_run;
pub mod change_subscription;
pub mod charge_subscription;
pub mod check_budgets;
mod check_plan_meters;
pub mod collect_invoices;
pub mod correct_invoice;
mod count_usage;
pub mod create_api_key;
pub mod create_budget;
pub mod create_coupon;
pub mod create_customer;
pub mod create_invoice;
pub mod create_meter;
pub mod create_plan;
pub mod create_product;
pub mod create_tenant;
pub mod delete_invoice;
pub mod detach_payment_method;
pub mod dry_run;
pub mod edit_draft;
pub mod edit_subscription;
pub mod end_budget;
pub mod end_discount;
pub mod end_subscription;
pub mod entitlements;
pub mod error;
pub mod expire_credits;
pub mod explain_line;
pub mod finalize_drafts;
pub mod finalize_invoice;
pub mod foresee_invoice;
pub mod gateways;
pub mod grant_credits;
pub mod import_subscriptions;
pub mod import_usage;
pub mod ingest_usage;
pub mod issue;
pub mod issue_credit_note;
pub mod keep_usage_months;
mod late_usage;
pub mod make_refunds;
pub mod mark_uncollectible;
pub mod migrate_plan;
pub mod open_backfill;
pub mod pause_subscription;
pub mod pay_invoice;
pub mod pay_out_balance;
mod place_account;
pub mod plan_bindings;
pub mod plan_phases;
pub mod publish_plan_version;
pub mod purge_idempotency_keys;
pub mod read_usage;
pub mod read_usage_settings;
pub mod record_payment;
pub mod redeem_coupon;
pub mod relay_events;
pub mod replay_usage;
pub mod resolve_payments;
pub mod return_credits;
pub mod revoke_api_key;
pub mod scope;
pub mod set_top_up;
pub mod settle_backfill;
pub mod settle_late;
pub mod settle_payments;
pub mod start_subscription;
pub mod step_subscriptions;
mod take_back;
pub mod take_back_usage;
pub mod update_billing_settings;
pub mod update_coupon;
pub mod update_customer;
pub mod update_usage_settings;
pub mod verify_books;
pub mod void_credit_grant;
pub mod void_invoice;
pub mod void_usage_event;

pub use error::Error;
pub use scope::Scope;

/// The outcome of a command that can be repeated without harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done<T> {
    /// It was done now.
    Done(T),
    /// It had been done before; nothing was written.
    AlreadyDone(T),
}

impl<T> Done<T> {
    /// The thing, whenever it was done.
    pub fn into_inner(self) -> T {
        match self {
            Done::Done(value) | Done::AlreadyDone(value) => value,
        }
    }
}
