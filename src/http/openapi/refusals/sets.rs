//! Which refusals come together? What is checked in one place of the domain, such as the model of a price, is one set here.

/// Codes that are given by one check.
pub(super) type Set = &'static [&'static str];

pub(super) const TEXT: Set = &["blank", "too_long"];

pub(super) const METADATA: Set = &["blank", "too_long", "too_many"];

pub(super) const CODE: Set = &["malformed_code", "code_taken"];

pub(super) const AMOUNT: Set =
    &["bad_amount", "bad_decimal", "too_fine", "amount_out_of_range", "negative_amount"];

/// Whose books, or who sells.
pub(super) const ENTITY: Set = &["entity_required", "not_found", "unknown_entity"];

pub(super) const DAYS: Set = &["date_out_of_range", "end_before_start", "empty_period"];

pub(super) const MONTHS: Set = &["bad_value", "range_reversed", "range_out_of_range", "bad_month"];

pub(super) const ADDRESS: Set = &["unknown_country", "unknown_subdivision", "state_required"];

/// Whatever bills or issues: its amounts, its tax, its days.
pub(super) const BILLS: Set = &[
    "amount_out_of_range",
    "date_out_of_range",
    "earlier_draft",
    "no_exchange_rate",
    "no_tax_rate",
    "not_measured",
    "too_many_periods",
];

/// When a change of a subscription takes effect.
pub(super) const WHEN: Set = &[
    "after_the_end",
    "bad_instant",
    "bad_value",
    "before_the_begin",
    "date_out_of_range",
    "later_changes",
    "no_term",
    "subscription_ended",
    "subscription_paused",
    "too_far_back",
];

pub(super) const MODEL: Set = &[
    "amount_out_of_range",
    "bad_decimal",
    "bad_dimensions",
    "cell_repeated",
    "code_repeated",
    "conversion_not_supported",
    "dimension_repeated",
    "included_not_supported",
    "inexact_division",
    "last_tier_not_open",
    "meter_without_price",
    "meter_without_values",
    "minimum_above_maximum",
    "model_needs_usage",
    "model_not_supported",
    "model_types_differ",
    "negative_amount",
    "negative_up_to",
    "no_cells",
    "no_tiers",
    "open_tier_not_last",
    "percent_out_of_range",
    "size_not_positive",
    "tiers_not_rising",
    "too_fine",
    "too_many",
    "unit_amount_not_used",
    "unknown_dimension",
];

pub(super) const PLAN: Set = &[
    "code_repeated",
    "commitment_in_arrears",
    "currency_repeated",
    "field_needs_usage",
    "limit_not_used",
    "meter_not_used",
    "minimum_needs_usage",
    "minimum_not_priced",
    "negative_limit",
    "no_exchange_rate",
    "no_prices",
    "one_time_in_arrears",
    "only_add_ons",
    "out_of_range",
    "price_does_not_count",
    "tax_behaviors_differ",
    "unknown_currency",
    "unknown_meter",
    "unknown_price",
    "unknown_price_code",
    "unknown_product",
    "unknown_tax_code",
    "usage_in_advance",
    "version_conflict",
];

/// What a subscription contains, and what it becomes in its phases.
pub(super) const ITEMS: Set = &[
    "at_or_after",
    "bad_decimal",
    "currency_not_priced",
    "item_not_held",
    "items_and_amendments",
    "minimum_stays",
    "negative_quantity",
    "no_items",
    "nothing_to_change",
    "out_of_range",
    "phases_out_of_order",
    "price_not_in_plan",
    "price_repeated",
    "quantity_not_used",
    "quantity_too_large",
    "too_many",
    "unknown_currency",
    "unknown_meter",
    "unknown_plan",
    "unknown_price",
];

pub(super) const COUPON: Set = &[
    "coupon_currency",
    "coupon_expired",
    "coupon_inactive",
    "coupon_takes_nothing_off",
    "coupon_used_by_customer",
    "coupon_used_up",
    "unknown_coupon",
];

pub(super) const CUSTOMER: Set = &[
    "customer_cycle",
    "customer_tied",
    "duplicate_tax_id",
    "entity_of_payer",
    "expired_exemption",
    "external_id_taken",
    "malformed_email",
    "malformed_tax_id",
    "malformed_tax_id_type",
    "no_one_stop_shop",
    "no_parent",
    "out_of_range",
    "too_many_levels",
    "unbilled_charges",
    "unknown_currency",
    "unknown_customer",
    "unknown_payment_method",
    "unknown_retry_policy",
    "unknown_time_zone",
];

pub(super) const SELLER: Set = &[
    "country_taken",
    "default_needed",
    "functional_currency_in_use",
    "malformed_bic",
    "malformed_email",
    "malformed_iban",
    "malformed_logo",
    "malformed_series",
    "malformed_tax_id",
    "malformed_tax_id_type",
    "no_account_number",
    "out_of_range",
    "series_against_rule",
    "series_taken",
    "too_many",
    "unknown_currency",
    "unknown_time_zone",
];

/// The lines of a hand-made invoice.
pub(super) const LINES: Set = &[
    "amount_or_product",
    "no_lines",
    "out_of_range",
    "period_ends_before_it_starts",
    "too_many",
    "unknown_product",
    "unknown_tax_code",
];

/// What gives back of an invoice.
pub(super) const CREDIT: Set = &[
    "amount_and_lines",
    "amount_and_quantity",
    "entity_moved",
    "invoice_sells_credits",
    "invoice_status",
    "line_repeated",
    "more_than_due",
    "more_than_left",
    "no_lines",
    "nothing_to_credit",
    "too_many",
    "unknown_invoice",
    "unknown_line",
    "usage_taken_back",
];

pub(super) const PAYMENT: Set = &[
    "amount_not_positive",
    "amount_too_fine",
    "credentials_cannot_be_opened",
    "currency_not_taken",
    "gateway_account_of_another_entity",
    "gateway_account_removed",
    "gateway_cannot_be_called",
    "invoice_not_open",
    "invoice_of_another_customer",
    "invoice_repeated",
    "invoice_status",
    "more_than_due",
    "network_limit",
    "no_secrets_key",
    "offline_charges_nothing",
    "offline_is_not_retried",
    "payment_declined",
    "payment_in_progress",
    "payment_method_detached",
    "payment_method_needed",
    "payment_method_of_another_customer",
    "received_in_the_future",
    "simulator_is_for_tests",
    "too_many",
    "unknown_currency",
    "unknown_customer",
    "unknown_invoice",
    "unknown_payment_method",
    "wrong_currency",
];

pub(super) const PREFERENCES: Set = &[
    "payment_method_detached",
    "payment_method_of_another_customer",
    "unknown_payment_method",
    "unknown_retry_policy",
];

/// The address of somebody who is called.
pub(super) const REACHED: Set = &["credentials_in_url", "insecure_url", "malformed_url", "private_address"];

/// Events of usage, each of them.
pub(super) const USAGE: Set = &[
    "absurd_number",
    "amount_out_of_range",
    "blank",
    "conflict",
    "missing_value",
    "not_a_number",
    "not_a_word",
    "time_in_future",
    "too_late",
    "too_long",
    "too_many",
    "unknown_customer",
    "unknown_dimension",
    "unknown_meter",
    "unstorable_data",
    "unstorable_event",
];

/// A return or a report of tax.
pub(super) const TAX_REPORT: Set = &[
    "amount_out_of_range",
    "bad_decimal",
    "end_before_start",
    "no_exchange_rate",
    "too_long",
    "unknown_currency",
];

/// The books of a legal entity, as they are exported.
pub(super) const BOOKS: Set = &[
    "account_code_unfit",
    "account_unmapped",
    "amount_out_of_range",
    "bad_siren",
    "currency_unfit",
    "missing_field",
    "out_of_range",
    "periods_open",
    "too_long",
    "too_many_lines",
    "transfers_wait_for_rate",
];

pub(super) const CONTRACT: Set = &[
    "contract_gives_back",
    "contract_mixed",
    "contract_not_owed",
    "contract_sells_credits",
    "in_another_contract",
    "invoices_missing",
    "standalone_price_missing",
    "subscriptions_not_allocated",
    "unknown_customer",
    "unknown_invoice",
    "unknown_subscription",
];

pub(super) const FULFILMENT: Set = &[
    "earned_on_fulfilment",
    "fulfilled_in_the_future",
    "fulfilled_otherwise",
    "fulfilment_reversed",
    "milestone_missing",
    "milestone_reached",
    "more_than_unfulfilled",
    "not_on_fulfilment",
    "percent_or_quantity",
    "unknown_invoice_line",
];

pub(super) const REGISTRATION: Set = &["malformed_tax_id", "no_one_stop_shop", "overlapping_registrations"];

pub(super) const PROVIDER: Set = &[
    "company_required",
    "countries_required",
    "credentials_cannot_be_opened",
    "credentials_required",
    "malformed_credential",
    "no_secrets_key",
    "out_of_range",
    "overlapping_providers",
    "too_many",
];

pub(super) const POLICY: Set = &[
    "bad_duration",
    "breaks_network_limit",
    "default_conflict",
    "default_needed",
    "given_twice",
    "out_of_range",
    "too_many",
    "too_many_retry_policies",
];

pub(super) const HOOK: Set = &[
    "event_types_required",
    "malformed_secret",
    "no_secrets_key",
    "out_of_range",
    "secret_not_taken",
    "too_many",
    "unknown_event_type",
];
