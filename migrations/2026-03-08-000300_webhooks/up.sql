-- Where tenants hear of their events.
CREATE TABLE webhook_endpoints (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    url text NOT NULL CONSTRAINT webhook_endpoint_has_a_url CHECK (url <> ''),
    description text,
    -- Names, or beginnings such as "invoice.*"; NULL: every type.
    event_types jsonb,
    payload text NOT NULL CONSTRAINT webhook_payload_is_known CHECK (payload IN ('full', 'thin')),
    signature text NOT NULL CONSTRAINT webhook_signature_is_known CHECK (signature IN ('hmac', 'ed25519')),
    -- Sealed with a key of the server's configuration.
    secret text NOT NULL,
    -- What an Ed25519 signature is verified with.
    public_key text,
    -- The secret before, which signs beside the new one until then.
    old_secret text,
    old_secret_until timestamptz,
    -- Everything of the feed up to here was looked at.
    seen_sequence bigint NOT NULL,
    -- Since when nothing was taken; NULL: the last was.
    failing_since timestamptz,
    -- It wants nothing before.
    resumes_at timestamptz,
    disabled_at timestamptz,
    disabled_reason text CONSTRAINT webhook_disabled_reason_is_known CHECK (disabled_reason IN ('request', 'gone', 'failing')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_endpoint_is_disabled_for_a_reason CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    CONSTRAINT webhook_old_secret_has_its_end CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);

-- What endpoints are to hear, and what became of it. No foreign keys: the post office writes rows by the thousand, under its endpoint's lock.
CREATE TABLE webhook_deliveries (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    -- The event's place in the feed.
    sequence bigint NOT NULL,
    event_type text NOT NULL,
    status text NOT NULL CONSTRAINT webhook_delivery_status_is_known CHECK (status IN ('pending', 'delivered', 'failed')),
    -- Since it was begun, or begun anew.
    attempts integer NOT NULL,
    next_attempt_at timestamptz,
    -- In real time: until then nobody else is at it.
    claimed_until timestamptz,
    -- Goes up with each claim: who was at it longer than allowed records nothing.
    fence integer NOT NULL,
    attempt_log jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, endpoint_id, event_id),
    CONSTRAINT webhook_delivery_is_due_while_pending CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant_id, endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

ALTER TABLE webhook_endpoints ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE webhook_deliveries ALTER COLUMN tenant_id SET STATISTICS 0;
