-- Where a tenant's money is charged: its accounts at payment gateways.
CREATE TABLE gateway_accounts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    gateway text NOT NULL CONSTRAINT gateway_is_known CHECK (gateway IN ('stripe')),
    name text NOT NULL CONSTRAINT gateway_account_has_a_name CHECK (name <> ''),
    base_url text NOT NULL,
    -- Sealed with a key of the server's configuration.
    credentials text NOT NULL,
    -- Whose invoices it is charged for; NULL: those of every entity.
    entity_id uuid,
    -- Nothing new is charged there any more; what was charged is still asked about and given back there.
    deleted_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT gateway_account_entity_exists FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id)
);
-- An address that a gateway calls names the account alone.
CREATE INDEX gateway_accounts_by_id ON gateway_accounts (id);
ALTER TABLE gateway_accounts ALTER COLUMN tenant_id SET STATISTICS 0;

-- Which account knows the token; NULL: the built-in simulator.
ALTER TABLE payment_methods
    ADD COLUMN gateway_account_id uuid,
    ADD CONSTRAINT payment_method_gateway_account_exists
        FOREIGN KEY (tenant_id, gateway_account_id) REFERENCES gateway_accounts (tenant_id, id);
ALTER TABLE payments
    ADD COLUMN gateway_account_id uuid,
    -- Where the payer agrees to it.
    ADD COLUMN action_url text;
