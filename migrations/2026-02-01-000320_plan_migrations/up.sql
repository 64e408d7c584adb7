-- Subscriptions of a plan led to another version of it. Unfinished while completed_at is NULL: it goes on where it stopped.
CREATE TABLE plan_migrations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    -- NULL: from every other version.
    from_version integer,
    to_version integer NOT NULL,
    -- period_end, now or an instant, as it was asked for.
    effective_at text NOT NULL,
    proration text NOT NULL,
    -- NULL: every subscription of the plan.
    subscription_ids jsonb,
    api_key_id uuid,
    created_at timestamptz NOT NULL,
    completed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT migration_plan_version_exists FOREIGN KEY (tenant_id, plan_id, to_version) REFERENCES plan_versions (tenant_id, plan_id, version)
);
CREATE INDEX plan_migrations_unfinished ON plan_migrations (tenant_id, id) WHERE completed_at IS NULL;

-- What became of each: moved by a change, or refused with a reason. What has a row is done.
CREATE TABLE plan_migration_subscriptions (
    tenant_id uuid NOT NULL,
    migration_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    effective_at timestamptz,
    currency text NOT NULL,
    -- A whole period's price at the quantities there are, before and after.
    old_amount bigint NOT NULL,
    new_amount bigint NOT NULL,
    change_id uuid,
    refused_code text,
    refused_detail text,
    PRIMARY KEY (tenant_id, migration_id, subscription_id),
    CONSTRAINT moved_or_refused CHECK ((change_id IS NULL) = (refused_code IS NOT NULL))
);
