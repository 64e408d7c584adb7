-- What gateways have told, each once. Only what it is about is kept: how that stands is read at the gateway.
CREATE TABLE inbound_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    gateway_account_id uuid NOT NULL,
    -- As the gateway calls it.
    event_id text NOT NULL,
    type text NOT NULL,
    -- The payment or the refund it is about, when it says so.
    payment_id uuid,
    refund_id uuid,
    -- The gateway's name for the charge it is about.
    reference text,
    received_at timestamptz NOT NULL,
    processed_at timestamptz,
    -- From when on it is to be processed; NULL: it is.
    next_attempt_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT inbound_event_is_stored_once UNIQUE (tenant_id, gateway_account_id, event_id),
    CONSTRAINT inbound_event_is_processed_or_due CHECK ((processed_at IS NULL) = (next_attempt_at IS NOT NULL)),
    CONSTRAINT inbound_event_account_exists
        FOREIGN KEY (tenant_id, gateway_account_id) REFERENCES gateway_accounts (tenant_id, id)
);
CREATE INDEX inbound_events_to_process ON inbound_events (tenant_id, next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX inbound_events_of_account ON inbound_events (tenant_id, gateway_account_id, id);
ALTER TABLE inbound_events ALTER COLUMN tenant_id SET STATISTICS 0;
-- What a gateway calls a charge, to find its payment by.
CREATE INDEX payments_by_account_reference ON payments (tenant_id, gateway_account_id, reference) WHERE gateway_account_id IS NOT NULL;
