-- When a tenant's sales are next held against the thresholds of states.
ALTER TABLE tax_settings ADD COLUMN nexus_check_at timestamptz NOT NULL DEFAULT 'epoch';

-- Which shares of a state's threshold an entity reached in a period: each is announced once. The first entity has the tenant's own id.
CREATE TABLE tax_nexus_marks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    entity_id uuid NOT NULL,
    -- US-OH.
    state text NOT NULL,
    -- Over which days the state adds up, and the first day of the period.
    looks text NOT NULL,
    period_from date NOT NULL,
    percent smallint NOT NULL CONSTRAINT nexus_mark_is_known CHECK (percent IN (80, 100)),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, entity_id, state, looks, period_from, percent)
);
