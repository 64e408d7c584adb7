-- How each end of a version is prorated, and when what a change makes falls due. NULL costs nothing and means: by the day,
-- and due as the price says.
ALTER TABLE item_versions
    -- The phase of the subscription whose cycle cuts the version into periods; 0 is the cycle of the subscription itself.
    ADD COLUMN phase_no smallint NOT NULL DEFAULT 0,
    ADD COLUMN starts_by text CONSTRAINT start_basis_is_known CHECK (starts_by IN ('by_second', '30_360', 'none', 'full_period')),
    ADD COLUMN ends_by text CONSTRAINT end_basis_is_known CHECK (ends_by IN ('by_second', '30_360', 'none', 'full_period')),
    -- Nothing of it falls due before.
    ADD COLUMN due_from timestamptz,
    -- Its last part, when that is cut off by its end, does not fall due before.
    ADD COLUMN end_due_from timestamptz,
    -- The changes that made and that ended it; NULL: the start of the subscription, and nothing so far.
    ADD COLUMN made_by uuid,
    ADD COLUMN ended_by uuid;

-- What a line is about, where that is a part of the period it corrects: the unused days of a month already billed.
ALTER TABLE invoice_lines
    ADD COLUMN concerns_from timestamptz,
    ADD COLUMN concerns_to timestamptz,
    ADD CONSTRAINT line_concerns_an_ordered_part CHECK (concerns_to >= concerns_from),
    ADD CONSTRAINT line_concerns_a_whole_part CHECK ((concerns_from IS NULL) = (concerns_to IS NULL));

-- The end agreed before a cancellation, and when the cancellation was asked for.
ALTER TABLE subscriptions
    ADD COLUMN agreed_end_at timestamptz,
    ADD COLUMN canceled_at timestamptz;

-- Every command that changed a subscription: who asked, when, for what, from when on.
CREATE TABLE subscription_changes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    kind text NOT NULL,
    effective_at timestamptz NOT NULL,
    requested_at timestamptz NOT NULL,
    -- The key of the call; NULL: the system.
    api_key_id uuid,
    -- As it was asked for.
    request jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT change_subscription_exists FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id)
);
CREATE INDEX subscription_changes_by_subscription ON subscription_changes (tenant_id, subscription_id, id);

-- Later plans and cycles of a subscription. A phase that a change took back before it began is kept, and marked.
CREATE TABLE subscription_phases (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    phase_no smallint NOT NULL CONSTRAINT first_phase_is_the_subscription CHECK (phase_no > 0),
    valid_from timestamptz NOT NULL,
    replaced boolean NOT NULL DEFAULT false,
    plan_id uuid NOT NULL,
    plan_version integer NOT NULL,
    cycle_base date NOT NULL,
    cycle_anchor_day smallint NOT NULL CONSTRAINT phase_anchor_day_is_a_day_of_the_month CHECK (cycle_anchor_day BETWEEN 1 AND 31),
    interval_unit text NOT NULL,
    interval_count integer NOT NULL,
    change_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, subscription_id, phase_no),
    CONSTRAINT phase_subscription_exists FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id),
    CONSTRAINT phase_plan_version_exists FOREIGN KEY (tenant_id, plan_id, plan_version) REFERENCES plan_versions (tenant_id, plan_id, version)
);
