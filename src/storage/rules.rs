//! What does a violated constraint mean to a caller? `plan_code_is_unique` → `code_taken` at `/code`.

use super::StorageError;

/// One constraint a caller's input can violate: its name, the code, the pointer and the sentence of the answer.
const RULES: &[(&str, &str, Option<&str>, &str)] = &[
    (
        "customer_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another customer has this external_id",
    ),
    (
        "entity_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another entity has this external_id",
    ),
    ("customer_parent_exists", "unknown_customer", Some("/parent_id"), "there is no customer with this id"),
    (
        "product_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another product has this external_id",
    ),
    (
        "plan_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another plan has this external_id",
    ),
    (
        "plan_code_is_unique",
        "code_taken",
        Some("/code"),
        "another plan has this code; publish a new version of that plan instead",
    ),
    (
        "plan_versions_pkey",
        "version_conflict",
        None,
        "another version of this plan was published at the same moment; read the plan and try again",
    ),
    (
        "revenue_rule_product_exists",
        "unknown_product",
        Some("/product_id"),
        "there is no product with this id",
    ),
    (
        "revenue_rules_begin_once",
        "rule_exists",
        Some("/valid_from"),
        "a rule for the same holds from this day on: choose a later day",
    ),
    (
        "standalone_price_product_exists",
        "unknown_product",
        Some("/product_id"),
        "there is no product with this id",
    ),
    (
        "standalone_prices_begin_once",
        "standalone_price_exists",
        Some("/valid_from"),
        "a standalone price of the same is said from this day on: choose a later day",
    ),
    (
        "invoices_are_in_one_contract",
        "in_another_contract",
        Some("/invoice_ids"),
        "an invoice is in a contract already: it can be in one only",
    ),
    ("plan_product_exists", "unknown_product", Some("/product_id"), "there is no product with this id"),
    (
        "subscription_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another subscription has this external_id",
    ),
    (
        "subscription_customer_exists",
        "unknown_customer",
        Some("/customer_id"),
        "there is no customer with this id",
    ),
    ("subscription_plan_version_exists", "unknown_plan", Some("/plan_id"), "there is no plan with this id"),
    (
        "payment_method_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another payment method has this external_id",
    ),
    (
        "payment_method_customer_exists",
        "unknown_customer",
        Some("/customer_id"),
        "there is no customer with this id",
    ),
    (
        "payment_external_id_is_unique",
        "external_id_taken",
        Some("/external_id"),
        "another payment has this external_id",
    ),
    (
        "default_payment_method_exists",
        "unknown_payment_method",
        Some("/default_payment_method_id"),
        "there is no payment method with this id",
    ),
    ("meter_code_is_unique", "code_taken", Some("/code"), "another meter has this code"),
    (
        "backfill_customer_exists",
        "unknown_customer",
        Some("/customer_id"),
        "there is no customer with this id",
    ),
    (
        "coupon_code_is_unique",
        "code_taken",
        Some("/code"),
        "another coupon has this code; a coupon's terms never change, so choose another code",
    ),
    ("discount_price_exists", "unknown_price", Some("/price_id"), "there is no price with this id"),
    (
        "one_default_retry_policy",
        "default_conflict",
        Some("/default"),
        "another retry policy became the default at the same moment; try again",
    ),
    (
        "gateway_account_entity_exists",
        "unknown_entity",
        Some("/entity_id"),
        "there is no entity with this id",
    ),
    (
        "payment_method_gateway_account_exists",
        "unknown_gateway_account",
        Some("/gateway_account_id"),
        "there is no gateway account with this id",
    ),
    (
        "one_attempt_at_a_time",
        "payment_in_progress",
        None,
        "a payment of this invoice is already under way; wait for its outcome",
    ),
];

/// The refusal a violated constraint stands for, when a caller's input can cause it.
pub(super) fn conflict(constraint: &str) -> Option<StorageError> {
    RULES.iter().find(|rule| rule.0 == constraint).map(|&(_, code, pointer, detail)| StorageError::Conflict {
        code,
        detail,
        pointer,
    })
}
