//! What does an event carry? The fields of `data`, by the thing it is about: `invoice.paid` has the `id`, the `number` and the `total` of the invoice. The
//! tests hold every event that they read to this table.

/// The fields of `data` of the events of one kind. A name is a text; `?`: it may be null; `~` before it: it is there sometimes; after `:` another type.
pub(super) struct Payload {
    /// Such as `Invoice`.
    pub(super) name: &'static str,
    /// Such as `invoice`: all whose type begins so; or a whole type, which goes before.
    pub(super) events: &'static [&'static str],
    /// Divided by spaces.
    pub(super) fields: &'static str,
}

const fn payload(name: &'static str, events: &'static [&'static str], fields: &'static str) -> Payload {
    Payload { name, events, fields }
}

pub(super) const PAYLOADS: &[Payload] = &[
    payload(
        "CheckedTaxId",
        &["customer.tax_id.verified", "customer.tax_id.invalid"],
        "object id tax_id:object",
    ),
    payload("VoidedUsage", &["customer.usage_voided"], "object id usage_event:object"),
    payload("ParkedBilling", &["customer.parked"], "customer_id code reason"),
    payload(
        "PaymentPreferences",
        &[
            "customer.payment_preferences_updated",
            "subscription.payment_preferences_updated",
            "invoice.payment_preferences_updated",
        ],
        "object owner payment_method_id? retry_policy_id?",
    ),
    payload(
        "Customer",
        &["customer"],
        "object id external_id? name email? currency parent_id? payer_id entity_id",
    ),
    payload("Product", &["product"], "object id external_id? name"),
    payload("PlanMigration", &["plan.migrated"], "object id plan_id to_version:integer"),
    payload("Plan", &["plan"], "object id external_id? code name product_id version:integer"),
    payload(
        "Subscription",
        &["subscription"],
        "object id external_id? customer_id plan_id plan_version:integer currency collection start_at:instant trial_end?:instant \
         end_at?:instant ~change:object ~term:object",
    ),
    payload(
        "Invoice",
        &["invoice"],
        "~object id ~number? ~status ~customer_id ~entity_id ~currency ~billing_date:date ~total ~amount_paid ~finalizes_at?:instant \
         ~waits_for? ~credits_applied ~balance_applied ~amount_credited ~given_back ~reason ~retries_stopped ~next_action? \
         ~final_action_at?:instant",
    ),
    payload(
        "Payment",
        &["payment"],
        "object id status customer_id invoice_id? payment_method_id? gateway gateway_account_id? currency amount amount_applied \
         amount_surplus cash_rounding decline_code? decline_class? network_code? advice_code? customer_message? next_action? reason? \
         reference? action_url? ~reversal:object",
    ),
    payload(
        "PaymentMethod",
        &["payment_method"],
        "object id customer_id kind gateway ~gateway_account_id? ~brand? ~last4? ~mandate? ~detached_at?:instant",
    ),
    payload("RetryPolicy", &["retry_policy"], "object id name default:boolean version:integer terms:object"),
    payload("RoutingRules", &["routing_rules"], "object version:integer rules:list"),
    payload("GatewayAccount", &["gateway_account"], "object id gateway name base_url? entity_id?"),
    payload("BillRun", &["bill_run"], "id status invoices:integer parked:integer"),
    payload(
        "ParkedWork",
        &["work"],
        "object id work item_id? code reason attempts:integer parked_at:instant retry_at?:instant",
    ),
    payload(
        "Entity",
        &["entity"],
        "object id external_id? name country? functional_currency countries:list is_default:boolean numbering:object",
    ),
    payload(
        "BillingSettings",
        &["billing_settings"],
        "object draft_hours:integer backdate_days:integer apply_balance",
    ),
    payload("TaxSettings", &["tax_settings"], "object country? state? rounding unknown_numbers"),
    payload(
        "TaxRegistration",
        &["tax_registration"],
        "object id entity_id country region? number? scheme? valid_from?:date valid_to?:date",
    ),
    payload(
        "TaxNexus",
        &["tax_nexus"],
        "object entity_id state percent:integer share status registered:boolean period:object sales transactions:integer \
         sales_threshold transactions_threshold?:integer rule source",
    ),
    payload(
        "TaxRate",
        &["tax_rate"],
        "object id jurisdiction kind rate valid_from:date valid_to?:date source",
    ),
    payload(
        "TaxProvider",
        &["tax_provider"],
        "object id name kind base_url? company? entity_id? countries:list on_outage timeout_ms:integer",
    ),
    payload(
        "ExchangeRate",
        &["exchange_rate"],
        "object id base quote date:date rate source recorded_at:instant",
    ),
    payload("ApiKey", &["api_key"], "id name hint created_at:instant revoked_at?:instant"),
    payload(
        "Budget",
        &["budget"],
        "object id customer_id subscription_id? meter_id? threshold? limit? used period:object",
    ),
    payload("Coupon", &["coupon"], "object id code name duration active:boolean redemptions:integer"),
    payload(
        "Discount",
        &["discount"],
        "object id coupon_id coupon_code customer_id subscription_id? price_id? starts_at:instant ended_at?:instant",
    ),
    payload("Meter", &["meter"], "object id code name event_type aggregation"),
    payload(
        "UsageBackfill",
        &["usage_backfill"],
        "object id event_type customer_id? from:instant to:instant status",
    ),
    payload(
        "CreditGrant",
        &["credit_grant"],
        "object id customer_id source status currency amount remaining expires_at?:instant invoice_id?",
    ),
    payload(
        "CreditNote",
        &["credit_note"],
        "object id number customer_id entity_id invoice_id currency total reason?",
    ),
    payload(
        "Refund",
        &["refund"],
        "object id status customer_id credit_note_id? pay_out_id? made_elsewhere:boolean payment_id currency amount",
    ),
    payload(
        "Dispute",
        &["dispute"],
        "object id kind status reason? customer_id payment_id gateway gateway_account_id? reference currency amount fee amount_reopened \
         evidence_due_by?:instant",
    ),
    payload("DisputeSettings", &["dispute_settings"], "object invoice subscription fraud_warning"),
    payload(
        "FraudWarning",
        &["fraud_warning"],
        "object id customer_id payment_id gateway_account_id? reference kind? action",
    ),
    payload("PayOut", &["pay_out"], "object id customer_id currency amount to reference?"),
    payload(
        "Payout",
        &["payout"],
        "object id status gateway_account_id reference currency amount paid_at?:instant",
    ),
    payload("Revaluation", &["revaluation"], "object id entity_id as_of:date functional_currency gain"),
    payload(
        "JournalExport",
        &["journal_export"],
        "entity_id accounting_period_id start:date end:date level entries:integer reverses? reversed_because?",
    ),
    payload("RevenueRule", &["revenue_rule"], "object id product_id? price_code? rule valid_from:date"),
    payload("RevenueContract", &["revenue_contract"], "object id customer_id invoice_ids:list"),
    payload(
        "Fulfilment",
        &["fulfilment"],
        "object id invoice_line_id unit amount milestone? at:instant fulfilled_on:date evidence? reversed_on?:date reason?",
    ),
    payload(
        "AccountingPeriod",
        &["accounting_period"],
        "object id entity_id start:date end:date status closed_at?:instant accepted:list reason?",
    ),
    payload("LowCredits", &["credits.low_balance"], "customer_id currency balance threshold"),
    payload("TopUp", &["credits.top_up_changed"], "customer_id currency? threshold?"),
    payload(
        "WebhookEndpoint",
        &["webhook_endpoint"],
        "object id url description? event_types?:list payload signature enabled:boolean disabled_at?:instant disabled_reason? \
         failing_since?:instant",
    ),
];
