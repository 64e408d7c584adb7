CREATE TABLE payment_methods (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    external_id text,
    customer_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT payment_method_kind_is_known CHECK (kind IN ('card', 'bank_transfer')),
    gateway text NOT NULL,
    token text NOT NULL,
    brand text,
    last4 text,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    detached_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payment_method_external_id_is_unique UNIQUE (tenant_id, external_id),
    CONSTRAINT payment_method_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX payment_methods_by_customer ON payment_methods (tenant_id, customer_id, id);
ALTER TABLE customers ADD CONSTRAINT default_payment_method_exists
    FOREIGN KEY (tenant_id, default_payment_method_id) REFERENCES payment_methods (tenant_id, id);

-- One row an attempt to collect, committed before the gateway is called. Its id is the gateway's idempotency key.
CREATE TABLE payments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    external_id text,
    customer_id uuid NOT NULL,
    invoice_id uuid,
    payment_method_id uuid,
    -- 'offline' for money received outside any gateway.
    gateway text NOT NULL,
    amount bigint NOT NULL CONSTRAINT payment_is_positive CHECK (amount > 0),
    -- The part put against the invoice; the rest is the customer's credit.
    amount_applied bigint NOT NULL DEFAULT 0 CONSTRAINT applied_within_paid CHECK (amount_applied BETWEEN 0 AND amount),
    currency text NOT NULL,
    status text NOT NULL CONSTRAINT payment_status_is_known CHECK (status IN ('processing', 'succeeded', 'failed')),
    decline_code text,
    reference text,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    -- When the gateway is asked what became of it: NULL once that is known.
    next_check_at timestamptz,
    checks smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payment_external_id_is_unique UNIQUE (tenant_id, external_id),
    CONSTRAINT processing_is_checked CHECK ((status = 'processing') = (next_check_at IS NOT NULL))
);
-- Two attempts at one invoice can never be under way at once.
CREATE UNIQUE INDEX one_attempt_at_a_time ON payments (tenant_id, invoice_id) WHERE status = 'processing';
CREATE INDEX payments_by_customer ON payments (tenant_id, customer_id, id);
CREATE INDEX payments_by_invoice ON payments (tenant_id, invoice_id, id);
CREATE INDEX payments_to_resolve ON payments (tenant_id, next_check_at) WHERE next_check_at IS NOT NULL;

-- The simulator gateway's own memory, as a remote gateway would keep it: written on its own connection, never in our transactions.
CREATE SCHEMA simulator;
CREATE TABLE simulator.charges (
    idempotency_key text PRIMARY KEY,
    token text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    outcome text NOT NULL CONSTRAINT outcome_is_known CHECK (outcome IN ('succeeded', 'declined', 'pending')),
    decline_code text,
    reference text NOT NULL,
    received_at timestamptz NOT NULL,
    -- A pending charge succeeds at this instant.
    settles_at timestamptz
);
