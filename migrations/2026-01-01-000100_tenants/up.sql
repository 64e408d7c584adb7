-- Who owns the rows. Every other table's primary key starts with tenant_id, so no row can point at another tenant's.
CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT tenant_has_a_name CHECK (name <> ''),
    time_zone text NOT NULL,
    currency text NOT NULL,
    mode text NOT NULL CONSTRAINT tenant_mode_is_known CHECK (mode IN ('test', 'live')),
    -- Only a test tenant has a clock of its own; it stands still until it is advanced.
    test_clock timestamptz CONSTRAINT only_a_test_tenant_has_a_clock CHECK ((mode = 'test') = (test_clock IS NOT NULL)),
    payment_terms_days integer NOT NULL DEFAULT 30 CONSTRAINT payment_terms_in_range CHECK (payment_terms_days BETWEEN 0 AND 365),
    invoice_series text NOT NULL DEFAULT 'INV',
    seller_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);

-- What invoices print as the seller: a finalized invoice names the version it was issued with.
CREATE TABLE seller_versions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version integer NOT NULL,
    details jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

-- Keys are kept as SHA-256 hashes; the text is shown once, at creation.
CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL CONSTRAINT api_key_hash_is_unique UNIQUE,
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

-- The answer of a POST, written in the same transaction as its effect.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    -- NULL while a command that spans several transactions is still at work.
    response_status smallint,
    -- The text as it was sent, so that a replay is the same byte for byte.
    response_body text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
