-- Written by the engine beside their customers in one transaction, by COPY: no foreign keys here, verify-books checks them.
CREATE TABLE invoices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    -- Set when the subscription asked to be invoiced alone.
    subscription_id uuid,
    bill_run_id uuid,
    series text,
    number bigint,
    status text NOT NULL CONSTRAINT invoice_status_is_known CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
    collection text NOT NULL,
    currency text NOT NULL,
    billing_date date NOT NULL,
    buyer_version integer,
    seller_version integer,
    subtotal bigint NOT NULL,
    discount_total bigint NOT NULL,
    tax_total bigint NOT NULL,
    total bigint NOT NULL,
    amount_paid bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    issued_at timestamptz,
    due_at timestamptz,
    closed_at timestamptz,
    -- When collection should try next: NULL when there is nothing to try.
    next_attempt_at timestamptz,
    attempt_count smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invoice_number_is_unique UNIQUE (tenant_id, series, number),
    CONSTRAINT invoice_total_is_its_parts CHECK (total = subtotal - discount_total + tax_total),
    CONSTRAINT invoice_is_not_overpaid CHECK (amount_paid BETWEEN 0 AND greatest(total, 0)),
    CONSTRAINT only_a_draft_has_no_number CHECK ((status = 'draft') = (number IS NULL)),
    CONSTRAINT paid_means_paid CHECK (status <> 'paid' OR amount_paid = greatest(total, 0))
);
CREATE INDEX invoices_by_customer ON invoices (tenant_id, customer_id, id);
CREATE INDEX invoices_to_collect ON invoices (tenant_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE invoice_lines (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no smallint NOT NULL,
    subscription_id uuid,
    item_version_id uuid,
    -- Half-open service period; equal ends for a one-time charge.
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL CONSTRAINT line_period_is_ordered CHECK (period_end >= period_start),
    -- 0 for the first charge of a period; each later difference counts on.
    revision smallint NOT NULL,
    deferred boolean NOT NULL,
    quantity numeric NOT NULL,
    unit_amount numeric NOT NULL,
    amount bigint NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    description text NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, line_no),
    CONSTRAINT a_period_is_billed_once UNIQUE (tenant_id, item_version_id, period_start, revision)
);

-- The last number given in a series: locked last in the transaction that issues, so the numbers have no gaps.
CREATE TABLE number_counters (
    tenant_id uuid NOT NULL,
    series text NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (tenant_id, series)
);
