-- Written in the transaction of the change it tells of. The relay moves committed rows to the feed.
CREATE TABLE outbox (
    tenant_id uuid NOT NULL,
    -- Order within a batch only: commit order is decided by the relay.
    written bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    type text NOT NULL,
    object_id uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, written)
);

-- The feed: a gapless sequence per tenant, in an order in which every reader sees the same.
CREATE TABLE events (
    tenant_id uuid NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    object_id uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
);
CREATE TABLE event_counters (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    last_sequence bigint NOT NULL
);
