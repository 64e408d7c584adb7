-- The legal entities through which a tenant sells. The one it begins with has the tenant's own id, and whatever names no entity is of that one:
-- so nothing that is there already needs to be written again.
CREATE TABLE entities (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    external_id text,
    name text NOT NULL CONSTRAINT entity_has_a_name CHECK (name <> ''),
    legal_name text,
    -- Where it is established, ISO 3166-1 alpha-2; NULL: nothing it sells is taxed.
    country text,
    state text,
    postal_code text,
    -- As invoices print it.
    address jsonb,
    functional_currency text NOT NULL,
    -- Whose customers it serves that name no entity.
    countries jsonb NOT NULL DEFAULT '[]',
    bank_accounts jsonb NOT NULL DEFAULT '[]',
    mentions jsonb NOT NULL DEFAULT '[]',
    metadata jsonb NOT NULL DEFAULT '{}',
    is_default boolean NOT NULL,
    -- How its documents are numbered from now on.
    invoice_pattern text NOT NULL,
    credit_note_pattern text NOT NULL,
    -- The version of what its invoices print of it.
    seller_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT entity_external_id_is_unique UNIQUE (tenant_id, external_id)
);
CREATE UNIQUE INDEX a_tenant_has_one_default_entity ON entities (tenant_id) WHERE is_default;

-- Every pattern by which documents were ever numbered, and whose it is: no other entity, nor the other kind of document, takes it again.
CREATE TABLE number_series (
    tenant_id uuid NOT NULL,
    pattern text NOT NULL,
    entity_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT number_series_kind_is_known CHECK (kind IN ('invoice', 'credit_note')),
    begun_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, pattern),
    FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id)
);

INSERT INTO entities (tenant_id, id, name, country, state, postal_code, functional_currency, is_default, invoice_pattern,
                      credit_note_pattern, seller_version, created_at)
    SELECT t.id, t.id, t.name, s.country, s.state, s.postal_code, t.currency, true, t.invoice_series || '-{seq:6}', 'CN-{seq:6}',
           t.seller_version, t.created_at
    FROM tenants t LEFT JOIN tax_settings s ON s.tenant_id = t.id;
INSERT INTO number_series (tenant_id, pattern, entity_id, kind, begun_at)
    SELECT tenant_id, invoice_pattern, id, 'invoice', created_at FROM entities
    UNION ALL SELECT tenant_id, credit_note_pattern, id, 'credit_note', created_at FROM entities;

ALTER TABLE tax_settings DROP COLUMN country, DROP COLUMN state, DROP COLUMN postal_code;
-- From here on seller_version counts the versions of all of a tenant's entities.
ALTER TABLE tenants DROP COLUMN invoice_series;
