-- Payments that a payer's bank disputes, each as its gateway showed it last.
CREATE TABLE disputes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    gateway text NOT NULL,
    gateway_account_id uuid,
    -- As the gateway calls it.
    reference text NOT NULL,
    reason text NOT NULL,
    amount bigint NOT NULL CONSTRAINT dispute_is_positive CHECK (amount > 0),
    -- What the gateway keeps for it, less what it gave back of that.
    fee bigint NOT NULL DEFAULT 0,
    -- The part that its invoice owes again.
    reopened bigint NOT NULL DEFAULT 0 CONSTRAINT reopened_within_disputed CHECK (reopened BETWEEN 0 AND amount),
    currency text NOT NULL,
    status text NOT NULL CONSTRAINT dispute_status_is_known
        CHECK (status IN ('inquiry', 'inquiry_closed', 'needs_response', 'under_review', 'won', 'lost')),
    -- Where the money is: with us, with the gateway until it is decided, or gone.
    place text NOT NULL CONSTRAINT dispute_place_is_known CHECK (place IN ('ours', 'held', 'gone')),
    evidence_due_by timestamptz,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT dispute_is_kept_once UNIQUE (tenant_id, payment_id, reference),
    CONSTRAINT dispute_payment_exists FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT what_is_over_is_closed CHECK ((status IN ('inquiry_closed', 'won', 'lost')) = (closed_at IS NOT NULL)),
    CONSTRAINT only_what_is_gone_is_owed_again CHECK (reopened = 0 OR place = 'gone' OR status = 'won')
);
CREATE INDEX disputes_by_customer ON disputes (tenant_id, customer_id, id);
CREATE INDEX disputes_by_account ON disputes (tenant_id, gateway_account_id, opened_at);
ALTER TABLE disputes ALTER COLUMN tenant_id SET STATISTICS 0;

-- What issuers have told of as fraud before anybody disputes it.
CREATE TABLE fraud_warnings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    gateway_account_id uuid,
    reference text NOT NULL,
    kind text NOT NULL,
    -- What was done, by the policy of then.
    action text NOT NULL CONSTRAINT fraud_warning_action_is_known CHECK (action IN ('none', 'task', 'refunded')),
    warned_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT fraud_warning_is_kept_once UNIQUE (tenant_id, payment_id, reference),
    CONSTRAINT fraud_warning_payment_exists FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
);
CREATE INDEX fraud_warnings_by_account ON fraud_warnings (tenant_id, gateway_account_id, warned_at);
ALTER TABLE fraud_warnings ALTER COLUMN tenant_id SET STATISTICS 0;

-- Payments of which the gateway is asked again whether they are disputed, and from when on.
CREATE TABLE dispute_watches (
    tenant_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, payment_id),
    CONSTRAINT watched_payment_exists FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
);
CREATE INDEX dispute_watches_due ON dispute_watches (tenant_id, next_attempt_at, payment_id);
ALTER TABLE dispute_watches ALTER COLUMN tenant_id SET STATISTICS 0;

-- What becomes of what is disputed; without a row nothing does.
CREATE TABLE dispute_settings (
    tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenants (id),
    invoice text NOT NULL CONSTRAINT disputed_invoice_is_known CHECK (invoice IN ('leave_paid', 'reopen')),
    subscription text NOT NULL CONSTRAINT disputed_subscription_is_known
        CHECK (subscription IN ('none', 'pause', 'cancel_at_period_end', 'cancel_now')),
    fraud_warning text NOT NULL CONSTRAINT fraud_warning_policy_is_known CHECK (fraud_warning IN ('ignore', 'task', 'refund'))
);
ALTER TABLE dispute_settings ALTER COLUMN tenant_id SET STATISTICS 0;

-- While a payment by it is disputed it is not charged by itself.
ALTER TABLE payment_methods ADD COLUMN disputed boolean NOT NULL DEFAULT false;

-- What gateways hold is carried on as cash is.
DROP INDEX ledger_transfers_in_pools;
CREATE INDEX ledger_transfers_in_pools ON ledger_transfers (tenant_id, customer_id, currency)
    WHERE functional_amount IS NOT NULL
    AND (debit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits', 'disputed_cash')
         OR credit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits', 'disputed_cash'));
