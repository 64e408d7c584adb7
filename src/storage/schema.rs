//! Every table as Diesel sees it. Which columns does a table have? Written to match `migrations/`; a test compares it with a migrated database.

diesel::table! {
    account_mappings (tenant_id, entity_id, account) {
        tenant_id -> Uuid,
        entity_id -> Uuid,
        account -> Text,
        code -> Text,
        name -> Nullable<Text>,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    accounting_periods (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        entity_id -> Uuid,
        starts_on -> Date,
        ends_on -> Date,
        status -> Text,
        created_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        reopened_at -> Nullable<Timestamptz>,
        reopened_because -> Nullable<Text>,
        accepted -> Array<Text>,
    }
}

diesel::table! {
    api_keys (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        hash -> Binary,
        hint -> Text,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    bill_run_chunks (tenant_id, run_id, chunk_no) {
        tenant_id -> Uuid,
        run_id -> Uuid,
        chunk_no -> Int4,
        first_customer_id -> Uuid,
        last_customer_id -> Uuid,
        status -> Text,
        customers -> Int4,
        invoices -> Int4,
        lines -> Int4,
        parked -> Int4,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    bill_run_totals (tenant_id, run_id, chunk_no, currency) {
        tenant_id -> Uuid,
        run_id -> Uuid,
        chunk_no -> Int4,
        currency -> Text,
        total -> Numeric,
    }
}

diesel::table! {
    bill_runs (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        as_of -> Timestamptz,
        issued_at -> Timestamptz,
        trigger -> Text,
        finalize -> Bool,
        status -> Text,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        finalizes_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    billing_cursors (tenant_id, customer_id, subscription_id) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        subscription_id -> Uuid,
        settled_to -> Timestamptz,
        next_bill_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    budget_alerts (tenant_id, budget_id, period_start, threshold) {
        tenant_id -> Uuid,
        budget_id -> Uuid,
        period_start -> Timestamptz,
        threshold -> Numeric,
        told_at -> Timestamptz,
    }
}

diesel::table! {
    budgets (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        subscription_id -> Uuid,
        meter_id -> Nullable<Uuid>,
        limit_value -> Nullable<Numeric>,
        alerts -> Jsonb,
        hard_cap -> Bool,
        invoice_at -> Nullable<Numeric>,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        period_start -> Nullable<Timestamptz>,
        used -> Numeric,
        exhausted -> Bool,
        next_check_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    buyer_versions (tenant_id, customer_id, version) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        version -> Int4,
        details -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    charges_taken_back (tenant_id, subscription_id, item_version_id, period_start, act_no) {
        tenant_id -> Uuid,
        subscription_id -> Uuid,
        item_version_id -> Uuid,
        period_start -> Timestamptz,
        act_no -> Int4,
        kind -> Text,
        invoice_id -> Uuid,
        source_id -> Uuid,
        amount -> Int8,
        discount -> Int8,
        worth -> Int8,
        recorded_at -> Timestamptz,
        kept -> Nullable<Int8>,
    }
}

diesel::table! {
    clock_advances (tenant_id) {
        tenant_id -> Uuid,
        to_at -> Timestamptz,
        report -> Nullable<Jsonb>,
        trouble -> Nullable<Jsonb>,
        from_at -> Timestamptz,
        stopping -> Bool,
        tick_at -> Nullable<Timestamptz>,
        ticks -> Int8,
        bill_runs -> Int8,
        invoices -> Int8,
        parked -> Int8,
        drafts_finalized -> Int8,
        payments_attempted -> Int8,
        payments_succeeded -> Int8,
        payments_failed -> Int8,
    }
}

diesel::table! {
    coupons (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        name -> Text,
        percent_off -> Nullable<Numeric>,
        amounts_off -> Nullable<Jsonb>,
        duration -> Text,
        periods -> Nullable<Int4>,
        applies_to -> Jsonb,
        max_redemptions -> Nullable<Int4>,
        max_redemptions_per_customer -> Nullable<Int4>,
        redeem_by -> Nullable<Timestamptz>,
        active -> Bool,
        redemptions -> Int4,
        metadata -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    balance_pay_outs (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        paid_to -> Text,
        reference -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    credit_balances (tenant_id, customer_id, currency) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        currency -> Text,
        balance -> Int8,
    }
}

diesel::table! {
    credit_drawdowns (tenant_id, invoice_id, grant_id) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        grant_id -> Uuid,
        amount -> Int8,
        returned -> Int8,
        drawn_at -> Timestamptz,
    }
}

diesel::table! {
    credit_grants (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        source -> Text,
        name -> Text,
        currency -> Text,
        amount -> Int8,
        price -> Int8,
        remaining -> Int8,
        closed_amount -> Int8,
        closed_price -> Int8,
        priority -> Int2,
        expires_at -> Nullable<Timestamptz>,
        status -> Text,
        invoice_id -> Nullable<Uuid>,
        top_up -> Bool,
        applies_to -> Jsonb,
        metadata -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    credit_note_line_taxes (tenant_id, credit_note_id, line_no, tax_no) {
        tenant_id -> Uuid,
        credit_note_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        tax_no -> Int2,
        taxable -> Int8,
        amount -> Int8,
    }
}

diesel::table! {
    credit_note_lines (tenant_id, credit_note_id, line_no) {
        tenant_id -> Uuid,
        credit_note_id -> Uuid,
        line_no -> Int4,
        invoice_line_no -> Int4,
        amount -> Int8,
        discount -> Int8,
        tax -> Int8,
        deferred -> Bool,
        description -> Text,
        tax_included -> Int8,
    }
}

diesel::table! {
    credit_notes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        invoice_id -> Uuid,
        series -> Text,
        number -> Int8,
        currency -> Text,
        reason -> Text,
        subtotal -> Int8,
        discount_total -> Int8,
        tax_total -> Int8,
        total -> Int8,
        to_invoice -> Int8,
        to_credits -> Int8,
        to_balance -> Int8,
        to_refund -> Int8,
        replacement_invoice_id -> Nullable<Uuid>,
        issued_at -> Timestamptz,
        tax_included_total -> Int8,
        entity_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    credit_top_ups (tenant_id, customer_id, currency) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        currency -> Text,
        threshold -> Int8,
        amount -> Nullable<Int8>,
        price -> Nullable<Int8>,
        expires_after_days -> Nullable<Int4>,
    }
}

diesel::table! {
    customer_payers (tenant_id, customer_id, payer_id) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        payer_id -> Uuid,
        since -> Timestamptz,
    }
}

diesel::table! {
    customers (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        name -> Text,
        email -> Nullable<Text>,
        currency -> Text,
        time_zone -> Nullable<Text>,
        payment_terms_days -> Nullable<Int4>,
        default_payment_method_id -> Nullable<Uuid>,
        metadata -> Jsonb,
        version -> Int4,
        created_at -> Timestamptz,
        parent_id -> Nullable<Uuid>,
        pays -> Text,
        payer_id -> Nullable<Uuid>,
        invoice_grouping -> Text,
        entity_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    discounts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        coupon_id -> Uuid,
        customer_id -> Uuid,
        subscription_id -> Nullable<Uuid>,
        price_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    disputes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        payment_id -> Uuid,
        gateway -> Text,
        gateway_account_id -> Nullable<Uuid>,
        reference -> Text,
        reason -> Text,
        amount -> Int8,
        fee -> Int8,
        reopened -> Int8,
        currency -> Text,
        status -> Text,
        place -> Text,
        evidence_due_by -> Nullable<Timestamptz>,
        opened_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        kind -> Text,
        from_balance -> Int8,
    }
}

diesel::table! {
    dispute_settings (tenant_id) {
        tenant_id -> Uuid,
        invoice -> Text,
        subscription -> Text,
        fraud_warning -> Text,
    }
}

diesel::table! {
    dispute_watches (tenant_id, payment_id) {
        tenant_id -> Uuid,
        payment_id -> Uuid,
        next_attempt_at -> Timestamptz,
    }
}

diesel::table! {
    payouts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        gateway_account_id -> Uuid,
        reference -> Text,
        status -> Text,
        entity_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        paid_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    payout_items (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        payout_id -> Uuid,
        reference -> Text,
        kind -> Text,
        original_amount -> Int8,
        original_currency -> Text,
        amount -> Int8,
        fee -> Int8,
        currency -> Text,
        customer_id -> Nullable<Uuid>,
        payment_id -> Nullable<Uuid>,
        refund_id -> Nullable<Uuid>,
        dispute_id -> Nullable<Uuid>,
        failed_payout_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        difference -> Int8,
    }
}

diesel::table! {
    fraud_warnings (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        payment_id -> Uuid,
        gateway_account_id -> Nullable<Uuid>,
        reference -> Text,
        kind -> Text,
        action -> Text,
        warned_at -> Timestamptz,
    }
}

diesel::table! {
    entities (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        name -> Text,
        legal_name -> Nullable<Text>,
        country -> Nullable<Text>,
        state -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        functional_currency -> Text,
        countries -> Jsonb,
        bank_accounts -> Jsonb,
        mentions -> Jsonb,
        metadata -> Jsonb,
        is_default -> Bool,
        invoice_pattern -> Text,
        credit_note_pattern -> Text,
        seller_version -> Int4,
        created_at -> Timestamptz,
        keeps_books -> Bool,
        books_open_from -> Nullable<Date>,
        recognized_to -> Nullable<Date>,
        next_recognition_at -> Nullable<Timestamptz>,
        logo -> Nullable<Text>,
        payment_terms_days -> Nullable<Int4>,
        cash_rounding -> Jsonb,
    }
}

diesel::table! {
    event_counters (tenant_id) {
        tenant_id -> Uuid,
        last_sequence -> Int8,
    }
}

diesel::table! {
    events (tenant_id, sequence) {
        tenant_id -> Uuid,
        sequence -> Int8,
        id -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        object_id -> Uuid,
        data -> Json,
        occurred_at -> Timestamptz,
    }
}

diesel::table! {
    fulfilled_as_charged (tenant_id, invoice_id, line_no) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        charge_invoice_id -> Uuid,
        charge_line_no -> Int4,
    }
}

diesel::table! {
    fulfilments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        unit -> Text,
        amount -> Numeric,
        milestone -> Nullable<Text>,
        at -> Timestamptz,
        fulfilled_on -> Date,
        evidence -> Nullable<Text>,
        created_at -> Timestamptz,
        reversed_at -> Nullable<Timestamptz>,
        reversed_on -> Nullable<Date>,
        reversed_because -> Nullable<Text>,
    }
}

diesel::table! {
    gateway_accounts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        gateway -> Text,
        name -> Text,
        base_url -> Text,
        credentials -> Text,
        entity_id -> Nullable<Uuid>,
        deleted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    gateway_claims (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        fence -> Int8,
        calls_until -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    functional_waits (tenant_id, customer_id) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        since -> Timestamptz,
        next_attempt_at -> Timestamptz,
        reason -> Text,
    }
}

diesel::table! {
    idempotency_keys (tenant_id, key) {
        tenant_id -> Uuid,
        key -> Text,
        fingerprint -> Binary,
        response_status -> Nullable<Int2>,
        response_body -> Nullable<Text>,
        created_at -> Timestamptz,
        begun_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    inbound_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        gateway_account_id -> Uuid,
        event_id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        payment_id -> Nullable<Uuid>,
        refund_id -> Nullable<Uuid>,
        reference -> Nullable<Text>,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
        next_attempt_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invoice_line_discounts (tenant_id, invoice_id, line_no, discount_id) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        discount_id -> Uuid,
        subscription_id -> Uuid,
        period_no -> Int4,
        amount -> Int8,
    }
}

diesel::table! {
    invoice_line_grounds (tenant_id, invoice_id, line_no) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        grounds -> Jsonb,
    }
}

diesel::table! {
    invoice_line_taxes (tenant_id, invoice_id, line_no, tax_no) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        tax_no -> Int2,
        jurisdiction -> Text,
        name -> Text,
        category -> Text,
        rate -> Numeric,
        portion -> Numeric,
        reason -> Text,
        exemption_code -> Nullable<Text>,
        mention -> Nullable<Text>,
        taxable -> Int8,
        amount -> Int8,
        one_stop_shop -> Bool,
        across_borders -> Bool,
        buyer_number -> Nullable<Text>,
        inclusive -> Bool,
        unverified -> Bool,
        provider_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    invoice_lines (tenant_id, invoice_id, line_no) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        subscription_id -> Nullable<Uuid>,
        item_version_id -> Nullable<Uuid>,
        period_start -> Timestamptz,
        period_end -> Timestamptz,
        revision -> Int2,
        deferred -> Bool,
        quantity -> Numeric,
        unit_amount -> Numeric,
        amount -> Int8,
        discount -> Int8,
        tax -> Int8,
        description -> Text,
        concerns_from -> Nullable<Timestamptz>,
        concerns_to -> Nullable<Timestamptz>,
        measured_quantity -> Nullable<Numeric>,
        measured_events -> Nullable<Int8>,
        measured_to -> Nullable<Timestamptz>,
        by_hand -> Bool,
        counters_line -> Nullable<Int4>,
        tax_included -> Int8,
        tax_code -> Nullable<Text>,
        tax_behavior -> Nullable<Text>,
    }
}

diesel::table! {
    invoice_retries (tenant_id, invoice_id) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        policy_id -> Nullable<Uuid>,
        policy_version -> Nullable<Int4>,
        reason -> Nullable<Text>,
        payment_method_id -> Nullable<Uuid>,
        stopped -> Nullable<Text>,
        final_action_at -> Nullable<Timestamptz>,
        final_action_taken_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invoices (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        subscription_id -> Nullable<Uuid>,
        bill_run_id -> Nullable<Uuid>,
        series -> Nullable<Text>,
        number -> Nullable<Int8>,
        status -> Text,
        collection -> Text,
        currency -> Text,
        billing_date -> Date,
        buyer_version -> Nullable<Int4>,
        seller_version -> Nullable<Int4>,
        subtotal -> Int8,
        discount_total -> Int8,
        tax_total -> Int8,
        total -> Int8,
        amount_paid -> Int8,
        created_at -> Timestamptz,
        issued_at -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        next_attempt_at -> Nullable<Timestamptz>,
        attempt_count -> Int2,
        finalizes_at -> Nullable<Timestamptz>,
        credits_applied -> Int8,
        balance_applied -> Int8,
        amount_credited -> Int8,
        given_back -> Int8,
        tax_included_total -> Int8,
        waits_for -> Nullable<Text>,
        entity_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    item_versions (tenant_id, subscription_id, id) {
        tenant_id -> Uuid,
        subscription_id -> Uuid,
        id -> Uuid,
        item_id -> Uuid,
        price_id -> Nullable<Uuid>,
        quantity -> Numeric,
        price_override -> Nullable<Jsonb>,
        valid_from -> Timestamptz,
        valid_to -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        phase_no -> Int2,
        starts_by -> Nullable<Text>,
        ends_by -> Nullable<Text>,
        due_from -> Nullable<Timestamptz>,
        end_due_from -> Nullable<Timestamptz>,
        made_by -> Nullable<Uuid>,
        ended_by -> Nullable<Uuid>,
        own_description -> Nullable<Text>,
        usage_by_days -> Bool,
        held -> Nullable<Text>,
        own_tax_code -> Nullable<Text>,
        own_tax_behavior -> Nullable<Text>,
    }
}

diesel::table! {
    journal_exports (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        entity_id -> Uuid,
        period_id -> Uuid,
        starts_on -> Date,
        ends_on -> Date,
        level -> Text,
        currency -> Text,
        codes -> Jsonb,
        entries -> Int8,
        totals -> Jsonb,
        created_at -> Timestamptz,
        reverses_id -> Nullable<Uuid>,
        reversed_at -> Nullable<Timestamptz>,
        reversed_because -> Nullable<Text>,
    }
}

diesel::table! {
    journal_export_items (tenant_id, export_id, place) {
        tenant_id -> Uuid,
        export_id -> Uuid,
        place -> Int8,
        entry_no -> Int8,
        source_id -> Uuid,
        source_kind -> Text,
        leg -> Int2,
        standing -> Bool,
    }
}

diesel::table! {
    ledger_revaluation_lines (tenant_id, revaluation_id, line_no) {
        tenant_id -> Uuid,
        revaluation_id -> Uuid,
        line_no -> Int2,
        account -> Text,
        currency -> Text,
        amount -> Int8,
        carried -> Int8,
        worth -> Int8,
        rate -> Numeric,
        rate_date -> Date,
    }
}

diesel::table! {
    ledger_revaluation_postings (tenant_id, revaluation_id, leg) {
        tenant_id -> Uuid,
        revaluation_id -> Uuid,
        leg -> Int2,
        entity_id -> Uuid,
        debit -> Text,
        credit -> Text,
        amount -> Int8,
        functional_currency -> Text,
        effective_on -> Date,
    }
}

diesel::table! {
    ledger_revaluations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        entity_id -> Uuid,
        as_of -> Date,
        functional_currency -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    ledger_sums (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Int8,
        entity_id -> Uuid,
        currency -> Text,
        account -> Text,
        source_kind -> Text,
        effective_on -> Date,
        amount -> Numeric,
        merged -> Bool,
    }
}

diesel::table! {
    ledger_transfers (tenant_id, source_id, source_kind, leg) {
        tenant_id -> Uuid,
        source_id -> Uuid,
        source_kind -> Text,
        leg -> Int2,
        debit -> Text,
        credit -> Text,
        amount -> Int8,
        currency -> Text,
        customer_id -> Uuid,
        effective_on -> Date,
        recorded_at -> Timestamptz,
        entity_id -> Nullable<Uuid>,
        invoice_id -> Nullable<Uuid>,
        functional_currency -> Nullable<Text>,
        functional_amount -> Nullable<Int8>,
        realised_gain -> Nullable<Int8>,
        origin_id -> Nullable<Uuid>,
        rated_on -> Nullable<Date>,
        waits_as -> Nullable<Int8>,
        original_on -> Nullable<Date>,
    }
}

diesel::table! {
    number_counters (tenant_id, series) {
        tenant_id -> Uuid,
        series -> Text,
        last_number -> Int8,
    }
}

diesel::table! {
    number_series (tenant_id, pattern) {
        tenant_id -> Uuid,
        pattern -> Text,
        entity_id -> Uuid,
        kind -> Text,
        begun_at -> Timestamptz,
    }
}

diesel::table! {
    outbox (tenant_id, written) {
        tenant_id -> Uuid,
        written -> Int8,
        id -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        object_id -> Uuid,
        data -> Json,
        occurred_at -> Timestamptz,
    }
}

diesel::table! {
    parked_work (tenant_id, id) {
        tenant_id -> Uuid,
        item_id -> Uuid,
        run_id -> Nullable<Uuid>,
        code -> Text,
        reason -> Text,
        attempts -> Int4,
        parked_at -> Timestamptz,
        retry_at -> Timestamptz,
        id -> Uuid,
        work -> Text,
    }
}

diesel::table! {
    payment_methods (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        customer_id -> Uuid,
        kind -> Text,
        gateway -> Text,
        gateway_account_id -> Nullable<Uuid>,
        token -> Text,
        brand -> Nullable<Text>,
        last4 -> Nullable<Text>,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        detached_at -> Nullable<Timestamptz>,
        fingerprint -> Nullable<Text>,
        disputed -> Bool,
        mandate -> Nullable<Text>,
    }
}

diesel::table! {
    payments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        customer_id -> Uuid,
        invoice_id -> Nullable<Uuid>,
        payment_method_id -> Nullable<Uuid>,
        gateway -> Text,
        gateway_account_id -> Nullable<Uuid>,
        amount -> Int8,
        amount_applied -> Int8,
        currency -> Text,
        status -> Text,
        decline_code -> Nullable<Text>,
        reference -> Nullable<Text>,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        resolved_at -> Nullable<Timestamptz>,
        next_check_at -> Nullable<Timestamptz>,
        checks -> Int2,
        claim_id -> Nullable<Uuid>,
        amount_surplus -> Int8,
        action_url -> Nullable<Text>,
        decline_class -> Nullable<Text>,
        network_code -> Nullable<Text>,
        advice_code -> Nullable<Text>,
        reason -> Nullable<Text>,
        cash_rounding -> Int8,
    }
}

diesel::table! {
    plan_features (tenant_id, plan_id, plan_version, code) {
        tenant_id -> Uuid,
        plan_id -> Uuid,
        plan_version -> Int4,
        code -> Text,
        position -> Int2,
        name -> Text,
        kind -> Text,
        allowance -> Nullable<Numeric>,
        per -> Nullable<Text>,
        meter_id -> Nullable<Uuid>,
        hard_cap -> Bool,
    }
}

diesel::table! {
    plan_migration_subscriptions (tenant_id, migration_id, subscription_id) {
        tenant_id -> Uuid,
        migration_id -> Uuid,
        subscription_id -> Uuid,
        effective_at -> Nullable<Timestamptz>,
        currency -> Text,
        old_amount -> Int8,
        new_amount -> Int8,
        change_id -> Nullable<Uuid>,
        refused_code -> Nullable<Text>,
        refused_detail -> Nullable<Text>,
    }
}

diesel::table! {
    plan_migrations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        plan_id -> Uuid,
        from_version -> Nullable<Int4>,
        to_version -> Int4,
        effective_at -> Text,
        proration -> Text,
        subscription_ids -> Nullable<Jsonb>,
        api_key_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    period_sign_offs (tenant_id, period_id, name, signed_at) {
        tenant_id -> Uuid,
        period_id -> Uuid,
        name -> Text,
        signed_at -> Timestamptz,
        signed_by -> Text,
        note -> Text,
        count -> Int8,
    }
}

diesel::table! {
    plan_versions (tenant_id, plan_id, version) {
        tenant_id -> Uuid,
        plan_id -> Uuid,
        version -> Int4,
        currency -> Text,
        interval_unit -> Text,
        interval_count -> Int4,
        published_at -> Timestamptz,
        derived -> Jsonb,
    }
}

diesel::table! {
    plans (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        code -> Text,
        name -> Text,
        product_id -> Uuid,
        metadata -> Jsonb,
        latest_version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    price_amounts (tenant_id, price_id, currency) {
        tenant_id -> Uuid,
        price_id -> Uuid,
        currency -> Text,
        model -> Jsonb,
        maximum -> Nullable<Numeric>,
    }
}

diesel::table! {
    prices (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        plan_id -> Uuid,
        plan_version -> Int4,
        position -> Int2,
        code -> Text,
        description -> Text,
        kind -> Text,
        billing -> Text,
        meter_id -> Nullable<Uuid>,
        divide_by -> Nullable<Numeric>,
        quantity_rounding -> Nullable<Text>,
        included_units -> Numeric,
        add_on -> Bool,
        allow_negative -> Bool,
        tax_behavior -> Text,
    }
}

diesel::table! {
    products (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        name -> Text,
        description -> Nullable<Text>,
        tax_code -> Text,
        metadata -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    refunds (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        credit_note_id -> Nullable<Uuid>,
        payment_id -> Uuid,
        gateway -> Text,
        amount -> Int8,
        currency -> Text,
        status -> Text,
        reference -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        created_at -> Timestamptz,
        resolved_at -> Nullable<Timestamptz>,
        next_attempt_at -> Nullable<Timestamptz>,
        claim_id -> Nullable<Uuid>,
        pay_out_id -> Nullable<Uuid>,
        elsewhere -> Bool,
    }
}

diesel::table! {
    retry_policies (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        is_default -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    retry_policy_versions (tenant_id, policy_id, version) {
        tenant_id -> Uuid,
        policy_id -> Uuid,
        version -> Int4,
        terms -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    payment_preferences (tenant_id, owner_id) {
        tenant_id -> Uuid,
        owner_id -> Uuid,
        owner -> Text,
        payment_method_id -> Nullable<Uuid>,
        retry_policy_id -> Nullable<Uuid>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    revenue_contract_lines (tenant_id, invoice_id, line_no) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        contract_id -> Uuid,
        standalone -> Numeric,
    }
}

diesel::table! {
    routing_rules (tenant_id, version) {
        tenant_id -> Uuid,
        version -> Int4,
        rules -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    revenue_contracts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        entity_id -> Uuid,
        currency -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    revenue_rules (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        product_id -> Nullable<Uuid>,
        price_code -> Nullable<Text>,
        rule -> Text,
        valid_from -> Date,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    revenue_schedules (tenant_id, invoice_id, line_no, entry) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        entry -> Int2,
        deferred -> Bool,
        starts_on -> Date,
        ends_on -> Date,
        booked_on -> Date,
        amount -> Int8,
        rule -> Text,
        because -> Nullable<Text>,
        credit_note_id -> Nullable<Uuid>,
        given_up_entry -> Nullable<Int2>,
        whole -> Nullable<Int8>,
        since -> Nullable<Date>,
        fulfilled_entry -> Nullable<Int2>,
        fulfilled -> Nullable<Int8>,
        is_allocated -> Bool,
        is_moved -> Bool,
    }
}

diesel::table! {
    revenue_sums (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Int8,
        entity_id -> Uuid,
        currency -> Text,
        entry -> Int2,
        deferred -> Bool,
        starts_on -> Date,
        ends_on -> Date,
        booked_on -> Date,
        rule -> Text,
        amount -> Int8,
        whole -> Nullable<Int8>,
        since -> Nullable<Date>,
        fulfilled -> Nullable<Int8>,
        is_allocated -> Bool,
        is_moved -> Bool,
        times -> Int8,
        evenly -> Numeric,
        merged -> Bool,
    }
}

diesel::table! {
    seller_versions (tenant_id, version) {
        tenant_id -> Uuid,
        version -> Int4,
        details -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    standalone_prices (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        product_id -> Uuid,
        price_code -> Nullable<Text>,
        currency -> Text,
        amount -> Int8,
        valid_from -> Date,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    subscription_changes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        subscription_id -> Uuid,
        kind -> Text,
        effective_at -> Timestamptz,
        requested_at -> Timestamptz,
        api_key_id -> Nullable<Uuid>,
        request -> Jsonb,
        taken_back_at -> Nullable<Timestamptz>,
        taken_back_by -> Nullable<Uuid>,
        undo -> Nullable<Jsonb>,
    }
}

diesel::table! {
    subscription_phases (tenant_id, subscription_id, phase_no) {
        tenant_id -> Uuid,
        subscription_id -> Uuid,
        phase_no -> Int2,
        valid_from -> Timestamptz,
        replaced -> Bool,
        plan_id -> Uuid,
        plan_version -> Int4,
        cycle_base -> Date,
        cycle_anchor_day -> Int2,
        interval_unit -> Text,
        interval_count -> Int4,
        change_id -> Uuid,
    }
}

diesel::table! {
    subscriptions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        external_id -> Nullable<Text>,
        customer_id -> Uuid,
        plan_id -> Uuid,
        plan_version -> Int4,
        currency -> Text,
        collection -> Text,
        invoice_separately -> Bool,
        start_at -> Timestamptz,
        end_at -> Nullable<Timestamptz>,
        time_zone -> Text,
        cycle_base -> Date,
        cycle_anchor_day -> Int2,
        interval_unit -> Text,
        interval_count -> Int4,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        agreed_end_at -> Nullable<Timestamptz>,
        canceled_at -> Nullable<Timestamptz>,
        trial_end -> Nullable<Timestamptz>,
        trial_without_method -> Nullable<Text>,
        step_at -> Nullable<Timestamptz>,
        pause_from -> Nullable<Timestamptz>,
        pause_until -> Nullable<Timestamptz>,
        pause_mode -> Nullable<Text>,
        terms -> Nullable<Jsonb>,
        started_by -> Nullable<Uuid>,
        pause_moves_end -> Bool,
    }
}

diesel::table! {
    exchange_rates (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        source -> Text,
        base -> Text,
        quote -> Text,
        date -> Date,
        value -> Numeric,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    published_rates (id) {
        id -> Uuid,
        source -> Text,
        base -> Text,
        quote -> Text,
        date -> Date,
        value -> Numeric,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    tax_providers (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        kind -> Text,
        base_url -> Text,
        credentials -> Nullable<Text>,
        company -> Nullable<Text>,
        entity_id -> Nullable<Uuid>,
        countries -> Jsonb,
        on_outage -> Text,
        timeout_ms -> Int4,
        deleted_at -> Nullable<Timestamptz>,
        next_compare_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tax_questions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        provider_id -> Uuid,
        customer_id -> Uuid,
        question -> Jsonb,
        answer -> Nullable<Jsonb>,
        answered_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        by_engine -> Bool,
        attempts -> Int4,
        next_ask_at -> Nullable<Timestamptz>,
        trouble -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tax_questions_of_drafts (tenant_id, invoice_id, question_id) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        question_id -> Uuid,
        asked_at -> Timestamptz,
    }
}

diesel::table! {
    tax_rates (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        jurisdiction -> Text,
        kind -> Text,
        rate -> Numeric,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        source -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tax_registrations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        country -> Text,
        region -> Nullable<Text>,
        number -> Nullable<Text>,
        scheme -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        created_at -> Timestamptz,
        entity_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    tax_documents (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        invoice_id -> Uuid,
        provider_id -> Uuid,
        wanted -> Text,
        recorded -> Text,
        is_begun -> Bool,
        attempts -> Int4,
        next_tell_at -> Nullable<Timestamptz>,
        trouble -> Nullable<Text>,
        reference -> Nullable<Text>,
        their_tax -> Nullable<Int8>,
        compared_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tax_nexus_marks (tenant_id, entity_id, state, looks, period_from, percent) {
        tenant_id -> Uuid,
        entity_id -> Uuid,
        state -> Text,
        looks -> Text,
        period_from -> Date,
        percent -> Int2,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    tax_number_checks (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        tax_number_id -> Uuid,
        value -> Text,
        checked_at -> Timestamptz,
        register -> Text,
        answer -> Text,
        consultation -> Nullable<Text>,
        name -> Nullable<Text>,
        address -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    tax_numbers (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        customer_id -> Uuid,
        value -> Text,
        next_check_at -> Nullable<Timestamptz>,
        checks -> Int4,
        unanswered -> Int4,
        checked_at -> Nullable<Timestamptz>,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
        consultation -> Nullable<Text>,
    }
}

diesel::table! {
    tax_settings (tenant_id) {
        tenant_id -> Uuid,
        rounding -> Text,
        unknown_numbers -> Text,
        nexus_check_at -> Timestamptz,
    }
}

diesel::table! {
    tenants (id) {
        id -> Uuid,
        name -> Text,
        time_zone -> Text,
        currency -> Text,
        mode -> Text,
        test_clock -> Nullable<Timestamptz>,
        payment_terms_days -> Int4,
        seller_version -> Int4,
        created_at -> Timestamptz,
        draft_hours -> Int4,
        backdate_days -> Int4,
        apply_balance -> Text,
    }
}

diesel::table! {
    meters (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        name -> Text,
        event_type -> Text,
        aggregation -> Text,
        value_property -> Nullable<Text>,
        price_property -> Nullable<Text>,
        filters -> Jsonb,
        dimensions -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    usage_backfill_events (tenant_id, backfill_id, customer_id, occurred_at, key) {
        tenant_id -> Uuid,
        backfill_id -> Uuid,
        customer_id -> Uuid,
        occurred_at -> Timestamptz,
        key -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        source -> Text,
        id -> Text,
        data -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    usage_backfills (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        event_type -> Text,
        customer_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        status -> Text,
        created_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        reverted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usage_event_keys (tenant_id, key) {
        tenant_id -> Uuid,
        key -> Uuid,
        fingerprint -> Int8,
        customer_id -> Nullable<Uuid>,
        occurred_at -> Timestamptz,
    }
}

diesel::table! {
    usage_events (tenant_id, customer_id, occurred_at, key) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        occurred_at -> Timestamptz,
        key -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        source -> Text,
        id -> Text,
        data -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    usage_kept (tenant_id, key) {
        tenant_id -> Uuid,
        key -> Uuid,
        reason -> Text,
        subject -> Text,
        occurred_at -> Timestamptz,
        #[sql_name = "type"]
        type_ -> Text,
        source -> Text,
        id -> Text,
        data -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    usage_rollups (tenant_id, customer_id, meter_id, grain, bucket, dimensions) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        meter_id -> Uuid,
        grain -> Int2,
        bucket -> Timestamptz,
        dimensions -> Text,
        events -> Int8,
        total -> Numeric,
        largest -> Numeric,
        latest -> Numeric,
        latest_at -> Timestamptz,
        latest_key -> Uuid,
        priced -> Numeric,
        first_at -> Timestamptz,
        held -> Numeric,
    }
}

diesel::table! {
    usage_settings (tenant_id) {
        tenant_id -> Uuid,
        maximum_lateness_days -> Nullable<Int4>,
        unknown_usage -> Text,
        retention_days -> Nullable<Int4>,
        dropped_before -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usage_taken_back (tenant_id, invoice_id, line_no, of_invoice_id, of_line_no) {
        tenant_id -> Uuid,
        invoice_id -> Uuid,
        line_no -> Int4,
        of_invoice_id -> Uuid,
        of_line_no -> Int4,
        amount -> Int8,
        to_credits -> Int8,
        to_due -> Int8,
    }
}

diesel::table! {
    usage_uniques (tenant_id, customer_id, meter_id, grain, bucket, dimensions, value) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        meter_id -> Uuid,
        grain -> Int2,
        bucket -> Timestamptz,
        dimensions -> Text,
        value -> Text,
    }
}

diesel::table! {
    usage_voided (tenant_id, key) {
        tenant_id -> Uuid,
        key -> Uuid,
        customer_id -> Uuid,
        occurred_at -> Timestamptz,
        #[sql_name = "type"]
        type_ -> Text,
        source -> Text,
        id -> Text,
        data -> Jsonb,
        recorded_at -> Timestamptz,
        voided_at -> Timestamptz,
        backfill_id -> Nullable<Uuid>,
    }
}

/// The simulator gateway keeps its memory in a schema of its own.
pub mod simulator {
    diesel::table! {
        simulator.charges (idempotency_key) {
            idempotency_key -> Text,
            token -> Text,
            amount -> Int8,
            currency -> Text,
            outcome -> Text,
            decline_code -> Nullable<Text>,
            reference -> Text,
            received_at -> Timestamptz,
            settles_at -> Nullable<Timestamptz>,
        }
    }
}

diesel::table! {
    webhook_deliveries (tenant_id, endpoint_id, event_id) {
        tenant_id -> Uuid,
        endpoint_id -> Uuid,
        event_id -> Uuid,
        sequence -> Int8,
        event_type -> Text,
        status -> Text,
        attempts -> Int4,
        next_attempt_at -> Nullable<Timestamptz>,
        claimed_until -> Nullable<Timestamptz>,
        fence -> Int4,
        attempt_log -> Jsonb,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhook_endpoints (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        url -> Text,
        description -> Nullable<Text>,
        event_types -> Nullable<Jsonb>,
        payload -> Text,
        signature -> Text,
        secret -> Text,
        public_key -> Nullable<Text>,
        old_secret -> Nullable<Text>,
        old_secret_until -> Nullable<Timestamptz>,
        seen_sequence -> Int8,
        failing_since -> Nullable<Timestamptz>,
        resumes_at -> Nullable<Timestamptz>,
        disabled_at -> Nullable<Timestamptz>,
        disabled_reason -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account_mappings,
    accounting_periods,
    api_keys,
    bill_run_chunks,
    bill_run_totals,
    bill_runs,
    billing_cursors,
    charges_taken_back,
    buyer_versions,
    clock_advances,
    coupons,
    balance_pay_outs,
    credit_balances,
    credit_drawdowns,
    credit_grants,
    credit_note_line_taxes,
    credit_note_lines,
    credit_notes,
    credit_top_ups,
    customer_payers,
    customers,
    discounts,
    entities,
    event_counters,
    events,
    exchange_rates,
    fulfilled_as_charged,
    fulfilments,
    gateway_accounts,
    gateway_claims,
    functional_waits,
    idempotency_keys,
    inbound_events,
    invoice_line_discounts,
    invoice_line_grounds,
    invoice_line_taxes,
    invoice_lines,
    invoice_retries,
    invoices,
    item_versions,
    journal_export_items,
    journal_exports,
    ledger_revaluation_lines,
    ledger_revaluation_postings,
    ledger_revaluations,
    ledger_transfers,
    meters,
    number_counters,
    number_series,
    outbox,
    parked_work,
    payment_methods,
    payment_preferences,
    payout_items,
    payouts,
    payments,
    plan_migration_subscriptions,
    plan_migrations,
    plan_versions,
    plans,
    price_amounts,
    prices,
    products,
    published_rates,
    refunds,
    retry_policies,
    retry_policy_versions,
    routing_rules,
    revenue_contract_lines,
    revenue_contracts,
    revenue_rules,
    revenue_schedules,
    seller_versions,
    standalone_prices,
    subscription_changes,
    subscription_phases,
    subscriptions,
    tax_documents,
    tax_nexus_marks,
    tax_number_checks,
    tax_numbers,
    tax_providers,
    tax_questions,
    tax_questions_of_drafts,
    tax_rates,
    tax_registrations,
    tax_settings,
    tenants,
    usage_backfill_events,
    usage_backfills,
    usage_event_keys,
    usage_events,
    usage_kept,
    usage_rollups,
    usage_settings,
    usage_taken_back,
    usage_uniques,
    usage_voided,
    webhook_deliveries,
    webhook_endpoints,
);
