-- What accounts are called in a general ledger: for one entity, or, with the number of none, for all that have no other name for it.
CREATE TABLE account_mappings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    entity_id uuid NOT NULL,
    account text NOT NULL,
    code text NOT NULL,
    name text,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, entity_id, account)
);
ALTER TABLE account_mappings ALTER COLUMN tenant_id SET STATISTICS 0;

-- What was handed to a general ledger: whole, and what accounts were called then.
CREATE TABLE journal_exports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    entity_id uuid NOT NULL,
    period_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    level text NOT NULL CONSTRAINT journal_level_is_known CHECK (level IN ('summary', 'detail')),
    currency text NOT NULL,
    codes jsonb NOT NULL,
    entries bigint NOT NULL,
    totals jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    reverses_id uuid,
    reversed_at timestamptz,
    reversed_because text,
    CONSTRAINT journal_period_exists FOREIGN KEY (tenant_id, period_id) REFERENCES accounting_periods (tenant_id, id),
    CONSTRAINT an_export_is_reversed_once UNIQUE (tenant_id, reverses_id),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE journal_exports ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE INDEX journal_exports_by_period ON journal_exports (tenant_id, period_id);

-- Which postings are in it, by their source, as they are numbered there.
CREATE TABLE journal_export_items (
    tenant_id uuid NOT NULL,
    export_id uuid NOT NULL,
    place bigint NOT NULL,
    entry_no bigint NOT NULL,
    source_id uuid NOT NULL,
    source_kind text NOT NULL,
    leg smallint NOT NULL,
    standing boolean NOT NULL,
    PRIMARY KEY (tenant_id, export_id, place)
);
ALTER TABLE journal_export_items ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE UNIQUE INDEX a_posting_is_exported_once ON journal_export_items (tenant_id, source_id, source_kind, leg) WHERE standing;
