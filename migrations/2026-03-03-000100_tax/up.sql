-- From where a tenant sells and how its tax is rounded; no row: nothing is taxed.
CREATE TABLE tax_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    -- ISO 3166-1 alpha-2; NULL: nothing is taxed.
    country text,
    state text,
    postal_code text,
    rounding text NOT NULL CONSTRAINT tax_rounding_is_known CHECK (rounding IN ('document', 'line', 'total')),
    unknown_numbers text NOT NULL CONSTRAINT unknown_numbers_are_known CHECK (unknown_numbers IN ('charge', 'reverse_charge'))
);

-- Where the tenant is registered for tax.
CREATE TABLE tax_registrations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    country text NOT NULL,
    -- ISO 3166-2, such as US-NY; NULL: the country as a whole.
    region text,
    number text,
    scheme text NOT NULL CONSTRAINT tax_scheme_is_known CHECK (scheme IN ('standard', 'oss', 'simplified')),
    valid_from date,
    -- The first day on which it no longer holds.
    valid_to date,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_registration_lasts CHECK (valid_to > valid_from)
);

-- Rates that go before those of the program.
CREATE TABLE tax_rates (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    jurisdiction text NOT NULL,
    kind text NOT NULL,
    -- In percent.
    rate numeric NOT NULL CONSTRAINT tax_rate_is_a_percentage CHECK (rate BETWEEN 0 AND 100),
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_rate_begins_once UNIQUE (tenant_id, jurisdiction, kind, valid_from),
    CONSTRAINT tax_rate_lasts CHECK (valid_to > valid_from)
);
