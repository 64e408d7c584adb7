-- What is measured. Never changed once made: what a bill was made from stays what it was.
CREATE TABLE meters (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    event_type text NOT NULL,
    aggregation text NOT NULL CONSTRAINT meter_aggregation_is_known
        CHECK (aggregation IN ('sum', 'count', 'max', 'latest', 'unique_count', 'weighted_sum', 'average')),
    value_property text CONSTRAINT meter_has_a_value_unless_it_counts CHECK ((value_property IS NULL) = (aggregation = 'count')),
    price_property text,
    filters jsonb NOT NULL DEFAULT '[]',
    dimensions jsonb NOT NULL DEFAULT '[]' CONSTRAINT meter_has_at_most_three_dimensions CHECK (jsonb_array_length(dimensions) <= 3),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT meter_code_is_unique UNIQUE (tenant_id, code)
);
CREATE INDEX meters_by_event_type ON meters (tenant_id, event_type);

-- How a tenant takes events. No row: the defaults.
CREATE TABLE usage_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    maximum_lateness_days integer CONSTRAINT maximum_lateness_in_range CHECK (maximum_lateness_days BETWEEN 0 AND 3660),
    unknown_usage text NOT NULL DEFAULT 'refuse' CONSTRAINT unknown_usage_is_refused_or_kept CHECK (unknown_usage IN ('refuse', 'keep')),
    retention_days integer CONSTRAINT retention_in_range CHECK (retention_days BETWEEN 31 AND 36600),
    -- Events before it are no longer there, only what they added up to.
    dropped_before timestamptz
);

-- An event counts once for ever: its key is made of source and id alone, and is kept when the event itself has long been dropped.
-- Where the id is a UUIDv7 the key begins with its time, so that new keys are put at the index's end.
CREATE TABLE usage_event_keys (
    tenant_id uuid NOT NULL,
    key uuid NOT NULL,
    -- Of what the event says: the same key with another fingerprint is a conflict.
    fingerprint bigint NOT NULL,
    -- Where the event is; NULL while it waits for its customer.
    customer_id uuid,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

-- The events that count, as they came. Its partitions, a month of occurred_at each, are in the schema usage_months.
CREATE TABLE usage_events (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    key uuid NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, occurred_at, key)
) PARTITION BY RANGE (occurred_at);
CREATE SCHEMA usage_months;

-- What a meter measured of a customer in an hour (grain 1) or a day (grain 24) of UTC: always equal to the events.
CREATE TABLE usage_rollups (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    meter_id uuid NOT NULL,
    grain smallint NOT NULL CONSTRAINT grain_is_an_hour_or_a_day CHECK (grain IN (1, 24)),
    bucket timestamptz NOT NULL,
    -- The values of the meter's dimensions, as a JSON array of texts.
    dimensions text NOT NULL,
    events bigint NOT NULL,
    total numeric NOT NULL,
    largest numeric NOT NULL,
    -- The latest event: of two at one instant the one with the larger key.
    latest numeric NOT NULL,
    latest_at timestamptz NOT NULL,
    latest_key uuid NOT NULL,
    priced numeric NOT NULL,
    -- For weighted sums: value times microseconds from the first event to the bucket's end.
    first_at timestamptz NOT NULL,
    held numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, customer_id, meter_id, grain, bucket, dimensions)
) WITH (fillfactor = 70);

-- The different values of a unique_count meter.
CREATE TABLE usage_uniques (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    meter_id uuid NOT NULL,
    grain smallint NOT NULL CONSTRAINT grain_is_an_hour_or_a_day CHECK (grain IN (1, 24)),
    bucket timestamptz NOT NULL,
    dimensions text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, meter_id, grain, bucket, dimensions, value)
);

-- Events of a customer or a type that nothing is known of, where the tenant wants them kept. A replay counts them once there is.
CREATE TABLE usage_kept (
    tenant_id uuid NOT NULL,
    key uuid NOT NULL,
    reason text NOT NULL CONSTRAINT kept_reason_is_known CHECK (reason IN ('unknown_customer', 'unknown_meter')),
    subject text NOT NULL,
    occurred_at timestamptz NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

-- Events that no longer count: voided by hand, or replaced by a backfill. Their keys stay used.
CREATE TABLE usage_voided (
    tenant_id uuid NOT NULL,
    key uuid NOT NULL,
    customer_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    voided_at timestamptz NOT NULL,
    backfill_id uuid,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX usage_voided_by_backfill ON usage_voided (tenant_id, backfill_id) WHERE backfill_id IS NOT NULL;

-- A range of events to be replaced by others, which stay apart until it is closed.
CREATE TABLE usage_backfills (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    event_type text NOT NULL,
    customer_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CONSTRAINT backfill_ends_after_it_starts CHECK (ends_at > starts_at),
    status text NOT NULL CONSTRAINT backfill_status_is_known CHECK (status IN ('open', 'closed', 'reverted')),
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    reverted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT backfill_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE TABLE usage_backfill_events (
    tenant_id uuid NOT NULL,
    backfill_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    key uuid NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, backfill_id, customer_id, occurred_at, key)
);
