-- Whether credit balances pay what is open by themselves.
ALTER TABLE tenants ADD COLUMN apply_balance text NOT NULL DEFAULT 'manual'
    CONSTRAINT apply_balance_is_known CHECK (apply_balance IN ('manual', 'oldest_first'));
CREATE INDEX credit_balances_with_money ON credit_balances (tenant_id, customer_id) WHERE balance > 0;

-- Money of credit balances given back to who it belongs to. Never changed, never deleted.
CREATE TABLE balance_pay_outs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    amount bigint NOT NULL CONSTRAINT pay_out_is_positive CHECK (amount > 0),
    currency text NOT NULL,
    -- By refunds of payments, or outside any gateway.
    paid_to text NOT NULL CONSTRAINT pay_out_way_is_known CHECK (paid_to IN ('payment_methods', 'outside')),
    -- What the business calls what it paid outside.
    reference text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT pay_out_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT what_is_paid_outside_has_a_reference CHECK ((paid_to = 'outside') = (reference IS NOT NULL))
);
CREATE INDEX balance_pay_outs_by_customer ON balance_pay_outs (tenant_id, customer_id, id);

-- A refund gives back what a credit note took back, or pays a balance out, or is neither: a surplus.
ALTER TABLE refunds ADD COLUMN pay_out_id uuid,
    ADD CONSTRAINT a_refund_has_one_reason CHECK (credit_note_id IS NULL OR pay_out_id IS NULL);
CREATE INDEX refunds_by_pay_out ON refunds (tenant_id, pay_out_id) WHERE pay_out_id IS NOT NULL;
