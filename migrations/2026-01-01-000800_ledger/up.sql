-- Double entry by construction: a transfer moves an amount from one account to another. Its key is its source,
-- so the same source can never be posted twice. Balances are derived.
CREATE TABLE ledger_transfers (
    tenant_id uuid NOT NULL,
    source_id uuid NOT NULL,
    source_kind text NOT NULL,
    leg smallint NOT NULL,
    debit text NOT NULL,
    credit text NOT NULL,
    amount bigint NOT NULL CONSTRAINT transfer_is_positive CHECK (amount > 0),
    currency text NOT NULL,
    customer_id uuid NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, source_id, source_kind, leg),
    CONSTRAINT transfer_has_two_accounts CHECK (debit <> credit)
);
CREATE INDEX ledger_transfers_by_time ON ledger_transfers (tenant_id, recorded_at, source_id);
