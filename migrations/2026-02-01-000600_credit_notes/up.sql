-- What was taken back of an issued invoice. Never changed, never deleted.
CREATE TABLE credit_notes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    series text NOT NULL,
    number bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    subtotal bigint NOT NULL,
    discount_total bigint NOT NULL,
    tax_total bigint NOT NULL,
    total bigint NOT NULL CONSTRAINT credit_note_is_positive CHECK (total > 0),
    -- Where it went: off what was due, back to prepaid credits, to the credit balance, back to who paid.
    to_invoice bigint NOT NULL,
    to_credits bigint NOT NULL,
    to_balance bigint NOT NULL,
    to_refund bigint NOT NULL,
    -- The invoice that takes the place of what was credited.
    replacement_invoice_id uuid,
    issued_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT credit_note_number_is_unique UNIQUE (tenant_id, series, number),
    CONSTRAINT credit_note_total_is_its_parts CHECK (total = subtotal - discount_total + tax_total),
    CONSTRAINT credit_note_goes_somewhere CHECK (total = to_invoice + to_credits + to_balance + to_refund
        AND least(to_invoice, to_credits, to_balance, to_refund) >= 0)
);
CREATE INDEX credit_notes_by_invoice ON credit_notes (tenant_id, invoice_id);
CREATE INDEX credit_notes_by_customer ON credit_notes (tenant_id, customer_id, id);

CREATE TABLE credit_note_lines (
    tenant_id uuid NOT NULL,
    credit_note_id uuid NOT NULL,
    line_no smallint NOT NULL,
    -- The line it takes something back of.
    invoice_line_no smallint NOT NULL,
    amount bigint NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    deferred boolean NOT NULL,
    description text NOT NULL,
    PRIMARY KEY (tenant_id, credit_note_id, line_no)
);

-- Money on its way back, by the payment it came with. Its id is the gateway's idempotency key.
CREATE TABLE refunds (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    credit_note_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    gateway text NOT NULL,
    amount bigint NOT NULL CONSTRAINT refund_is_positive CHECK (amount > 0),
    currency text NOT NULL,
    status text NOT NULL CONSTRAINT refund_status_is_known CHECK (status IN ('pending', 'succeeded', 'failed')),
    reference text,
    failure_code text,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    next_attempt_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT a_pending_refund_is_tried CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX refunds_by_payment ON refunds (tenant_id, payment_id);
CREATE INDEX refunds_by_credit_note ON refunds (tenant_id, credit_note_id);
CREATE INDEX refunds_to_make ON refunds (tenant_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
