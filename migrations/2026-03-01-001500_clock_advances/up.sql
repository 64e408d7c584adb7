-- Where a test tenant's clock is on its way to while nobody waits for it, and what came of that.
CREATE TABLE clock_advances (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    to_at timestamptz NOT NULL,
    -- What happened on the way.
    report jsonb,
    -- Why it came to no end.
    trouble jsonb,
    CONSTRAINT a_clock_advance_ends_one_way CHECK (report IS NULL OR trouble IS NULL)
);
CREATE INDEX clock_advances_under_way ON clock_advances (tenant_id) WHERE report IS NULL AND trouble IS NULL;
