CREATE TABLE bill_runs (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    as_of timestamptz NOT NULL,
    -- The tenant's time at which the run's invoices are issued.
    issued_at timestamptz NOT NULL,
    trigger text NOT NULL CONSTRAINT bill_run_trigger_is_known CHECK (trigger IN ('schedule', 'api', 'command', 'clock')),
    finalize boolean NOT NULL DEFAULT true,
    status text NOT NULL CONSTRAINT bill_run_status_is_known CHECK (status IN ('running', 'completed', 'completed_with_errors')),
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX bill_runs_unfinished ON bill_runs (tenant_id, id) WHERE finished_at IS NULL;

-- A range of customers. Its row is locked while the range is billed and marked in the same transaction:
-- a process that dies leaves it pending for the next.
CREATE TABLE bill_run_chunks (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    chunk_no integer NOT NULL,
    first_customer_id uuid NOT NULL,
    last_customer_id uuid NOT NULL,
    status text NOT NULL CONSTRAINT chunk_status_is_known CHECK (status IN ('pending', 'done')),
    customers integer NOT NULL DEFAULT 0,
    invoices integer NOT NULL DEFAULT 0,
    lines integer NOT NULL DEFAULT 0,
    parked integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, run_id, chunk_no)
);

-- Totals per currency, one row a chunk and currency.
CREATE TABLE bill_run_totals (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    chunk_no integer NOT NULL,
    currency text NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (tenant_id, run_id, chunk_no, currency)
);

-- A customer that could not be billed, set aside with its reason and tried again alone.
CREATE TABLE parked_customers (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    run_id uuid,
    code text NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    parked_at timestamptz NOT NULL,
    retry_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id)
);
