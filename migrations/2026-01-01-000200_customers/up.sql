CREATE TABLE customers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    external_id text,
    name text NOT NULL,
    email text,
    currency text NOT NULL,
    time_zone text,
    payment_terms_days integer CONSTRAINT customer_payment_terms_in_range CHECK (payment_terms_days BETWEEN 0 AND 365),
    default_payment_method_id uuid,
    metadata jsonb NOT NULL DEFAULT '{}',
    -- The version of the buyer's details in force; an invoice names the version it was issued to.
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_external_id_is_unique UNIQUE (tenant_id, external_id)
);

-- What invoices print as the buyer, never overwritten.
CREATE TABLE buyer_versions (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    version integer NOT NULL,
    details jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, version),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
