-- What gateways have paid out to the bank, and of what each payout is made. An item is the source of its transfers.
CREATE TABLE payouts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    gateway_account_id uuid NOT NULL,
    -- The gateway's name for it.
    reference text NOT NULL,
    status text NOT NULL CONSTRAINT payout_status_is_known CHECK (status IN ('recording', 'paid', 'failed')),
    -- In whose books what belongs to no customer is.
    entity_id uuid NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    paid_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT payout_account_exists FOREIGN KEY (tenant_id, gateway_account_id) REFERENCES gateway_accounts (tenant_id, id),
    CONSTRAINT a_payout_is_recorded_once UNIQUE (tenant_id, gateway_account_id, reference),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE payouts ALTER COLUMN tenant_id SET STATISTICS 0;

CREATE TABLE payout_items (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    payout_id uuid NOT NULL,
    -- The gateway's name for what moved its balance.
    reference text NOT NULL,
    kind text NOT NULL,
    -- As it was charged, refunded or disputed.
    original_amount bigint NOT NULL,
    original_currency text NOT NULL,
    -- In the currency of the payout, the fee above zero where it is kept.
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    currency text NOT NULL,
    -- What it is matched to.
    customer_id uuid,
    payment_id uuid,
    refund_id uuid,
    dispute_id uuid,
    failed_payout_id uuid,
    -- Why it is not matched, or differs from what it is matched to; NULL where it does not.
    reason text,
    -- What was put to payout_differences, above zero where less came than there should.
    difference bigint NOT NULL,
    CONSTRAINT an_item_is_recorded_once UNIQUE (tenant_id, payout_id, reference),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE payout_items ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE INDEX payout_items_of_payment ON payout_items (tenant_id, payment_id) WHERE payment_id IS NOT NULL;
