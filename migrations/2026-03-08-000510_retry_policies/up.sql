-- How payments that failed are tried again: the newest version; all of them in retry_policy_versions.
CREATE TABLE retry_policies (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX one_default_retry_policy ON retry_policies (tenant_id) WHERE is_default;

CREATE TABLE retry_policy_versions (
    tenant_id uuid NOT NULL,
    policy_id uuid NOT NULL,
    version integer NOT NULL,
    terms jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, policy_id, version),
    CONSTRAINT retry_policy_exists FOREIGN KEY (tenant_id, policy_id) REFERENCES retry_policies (tenant_id, id)
);

-- What follows for an invoice of which an attempt has failed, by the version that held when the first did. No step is counted here: it is
-- derived of the attempts.
CREATE TABLE invoice_retries (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    -- NULL: what holds where a tenant has said nothing.
    policy_id uuid,
    policy_version integer,
    -- Why the next attempt is made when it is; NULL: none is.
    reason text,
    -- What it charges; NULL: what its customer is charged by then.
    payment_method_id uuid,
    -- Why there is no other attempt.
    stopped text CONSTRAINT retries_stopped_is_known CHECK (stopped IN ('exhausted', 'no_method', 'not_reached', 'not_asked')),
    -- When the policy's last action is due; NULL: it is not, or it was taken.
    final_action_at timestamptz,
    final_action_taken_at timestamptz,
    PRIMARY KEY (tenant_id, invoice_id),
    CONSTRAINT retry_version_exists FOREIGN KEY (tenant_id, policy_id, policy_version)
        REFERENCES retry_policy_versions (tenant_id, policy_id, version),
    CONSTRAINT a_version_is_of_a_policy CHECK ((policy_id IS NULL) = (policy_version IS NULL))
);
CREATE INDEX invoice_retries_to_end ON invoice_retries (tenant_id, final_action_at, invoice_id) WHERE final_action_at IS NOT NULL;

ALTER TABLE retry_policies ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE retry_policy_versions ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE invoice_retries ALTER COLUMN tenant_id SET STATISTICS 0;
