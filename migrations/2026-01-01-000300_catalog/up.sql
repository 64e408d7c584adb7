CREATE TABLE products (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    external_id text,
    name text NOT NULL,
    description text,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT product_external_id_is_unique UNIQUE (tenant_id, external_id)
);

CREATE TABLE plans (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    external_id text,
    code text NOT NULL,
    name text NOT NULL,
    product_id uuid NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    latest_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT plan_code_is_unique UNIQUE (tenant_id, code),
    CONSTRAINT plan_external_id_is_unique UNIQUE (tenant_id, external_id),
    CONSTRAINT plan_product_exists FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id)
);

-- A published version is never changed: what a customer agreed to stays what it was.
CREATE TABLE plan_versions (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    version integer NOT NULL,
    currency text NOT NULL,
    interval_unit text NOT NULL CONSTRAINT interval_unit_is_known CHECK (interval_unit IN ('day', 'week', 'month', 'quarter', 'year')),
    interval_count integer NOT NULL CONSTRAINT interval_count_is_positive CHECK (interval_count > 0),
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, plan_id, version),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plans (tenant_id, id)
);

CREATE TABLE prices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    plan_version integer NOT NULL,
    position smallint NOT NULL,
    code text NOT NULL,
    description text NOT NULL,
    kind text NOT NULL CONSTRAINT price_kind_is_known CHECK (kind IN ('recurring', 'one_time')),
    billing text NOT NULL CONSTRAINT price_billing_is_known CHECK (billing IN ('in_advance', 'in_arrears')),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT price_code_is_unique_in_its_plan_version UNIQUE (tenant_id, plan_id, plan_version, code),
    FOREIGN KEY (tenant_id, plan_id, plan_version) REFERENCES plan_versions (tenant_id, plan_id, version)
);

-- What a price costs in each currency it is sold in.
CREATE TABLE price_amounts (
    tenant_id uuid NOT NULL,
    price_id uuid NOT NULL,
    currency text NOT NULL,
    model jsonb NOT NULL,
    PRIMARY KEY (tenant_id, price_id, currency),
    FOREIGN KEY (tenant_id, price_id) REFERENCES prices (tenant_id, id)
);
