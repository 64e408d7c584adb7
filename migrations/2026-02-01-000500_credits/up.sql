-- Usage paid for ahead, or given: drawn down when invoices with usage are issued.
CREATE TABLE credit_grants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    source text NOT NULL CONSTRAINT credit_source_is_known CHECK (source IN ('purchased', 'promotional')),
    name text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT grant_is_positive CHECK (amount > 0),
    -- What it was sold for; nothing when it was given.
    price bigint NOT NULL CONSTRAINT grant_price_is_not_negative CHECK (price >= 0),
    remaining bigint NOT NULL,
    -- What expired or was voided of it, and the part of the price that went with it.
    closed_amount bigint NOT NULL DEFAULT 0,
    closed_price bigint NOT NULL DEFAULT 0,
    priority smallint NOT NULL CONSTRAINT priority_is_0_to_100 CHECK (priority BETWEEN 0 AND 100),
    expires_at timestamptz,
    status text NOT NULL CONSTRAINT grant_status_is_known CHECK (status IN ('pending', 'active', 'expired', 'void')),
    -- The invoice it was sold by.
    invoice_id uuid,
    top_up boolean NOT NULL DEFAULT false,
    applies_to jsonb NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT grant_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT grant_is_not_overdrawn CHECK (remaining >= 0 AND remaining + closed_amount <= amount),
    CONSTRAINT only_a_purchased_grant_has_an_invoice CHECK ((source = 'purchased') = (invoice_id IS NOT NULL))
);
CREATE INDEX credit_grants_by_customer ON credit_grants (tenant_id, customer_id, id);
CREATE INDEX credit_grants_to_draw ON credit_grants (tenant_id, customer_id) WHERE status = 'active' AND remaining > 0;
CREATE INDEX credit_grants_to_expire ON credit_grants (tenant_id, expires_at) WHERE status = 'active' AND expires_at IS NOT NULL;
CREATE UNIQUE INDEX credit_grants_by_invoice ON credit_grants (tenant_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- What an invoice took from a grant. Written by COPY beside the invoice.
CREATE TABLE credit_drawdowns (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    amount bigint NOT NULL CONSTRAINT drawdown_is_positive CHECK (amount > 0),
    -- What went back to the grant, because the invoice was voided or credited.
    returned bigint NOT NULL DEFAULT 0,
    drawn_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, grant_id),
    CONSTRAINT returned_within_drawn CHECK (returned BETWEEN 0 AND amount)
);
CREATE INDEX credit_drawdowns_by_grant ON credit_drawdowns (tenant_id, grant_id);

-- Below the threshold the customer is told of, and tops up by amount when it has one.
CREATE TABLE credit_top_ups (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    currency text NOT NULL,
    threshold bigint NOT NULL CONSTRAINT threshold_is_positive CHECK (threshold > 0),
    amount bigint CONSTRAINT top_up_is_positive CHECK (amount > 0),
    price bigint CONSTRAINT top_up_price_is_not_negative CHECK (price >= 0),
    expires_after_days integer CONSTRAINT top_up_expiry_is_positive CHECK (expires_after_days > 0),
    PRIMARY KEY (tenant_id, customer_id, currency),
    CONSTRAINT top_up_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT only_a_top_up_has_a_price CHECK ((amount IS NULL) = (price IS NULL))
);

-- Money of a customer that no invoice needed yet: the running sum of the account customer_credit, kept by who posts to it.
CREATE TABLE credit_balances (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    currency text NOT NULL,
    balance bigint NOT NULL CONSTRAINT credit_balance_is_not_negative CHECK (balance >= 0),
    PRIMARY KEY (tenant_id, customer_id, currency)
);
INSERT INTO credit_balances
SELECT tenant_id, customer_id, currency, sum(CASE WHEN credit = 'customer_credit' THEN amount ELSE -amount END)
FROM ledger_transfers WHERE debit = 'customer_credit' OR credit = 'customer_credit' GROUP BY 1, 2, 3;

ALTER TABLE invoices
    -- What prepaid credits and the credit balance paid of it when it was issued, and what credit notes took off it while it was due.
    ADD COLUMN credits_applied bigint NOT NULL DEFAULT 0,
    ADD COLUMN balance_applied bigint NOT NULL DEFAULT 0,
    ADD COLUMN amount_credited bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT invoice_is_not_overpaid,
    DROP CONSTRAINT paid_means_paid,
    ADD CONSTRAINT invoice_is_not_overpaid CHECK (least(amount_paid, credits_applied, balance_applied, amount_credited) >= 0
        AND amount_paid + credits_applied + balance_applied + amount_credited <= greatest(total, 0)),
    ADD CONSTRAINT paid_means_paid CHECK (status <> 'paid' OR amount_paid + credits_applied + balance_applied + amount_credited = greatest(total, 0));
