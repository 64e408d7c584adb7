-- What is charged for a subscription or an invoice, before what its customer is charged by; and by which policy what failed is tried again, before
-- the tenant's default. A row only where something was said.
CREATE TABLE payment_preferences (
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    owner text NOT NULL CONSTRAINT payment_preference_owner_is_known CHECK (owner IN ('customer', 'subscription', 'invoice')),
    payment_method_id uuid,
    retry_policy_id uuid,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, owner_id),
    CONSTRAINT preferred_payment_method_exists
        FOREIGN KEY (tenant_id, payment_method_id) REFERENCES payment_methods (tenant_id, id),
    CONSTRAINT preferred_retry_policy_exists
        FOREIGN KEY (tenant_id, retry_policy_id) REFERENCES retry_policies (tenant_id, id),
    -- A customer's method is its default; the policy of an invoice is frozen when it is finalized.
    CONSTRAINT preference_is_of_its_owner CHECK (
        (owner <> 'customer' OR payment_method_id IS NULL) AND (owner <> 'invoice' OR retry_policy_id IS NULL))
);
ALTER TABLE payment_preferences ALTER COLUMN tenant_id SET STATISTICS 0;

-- Through which accounts cards are charged that a customer has at several: a row a version, never changed. The newest one holds.
CREATE TABLE routing_rules (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version integer NOT NULL CONSTRAINT routing_version_is_positive CHECK (version > 0),
    rules jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, version)
);
ALTER TABLE routing_rules ALTER COLUMN tenant_id SET STATISTICS 0;
