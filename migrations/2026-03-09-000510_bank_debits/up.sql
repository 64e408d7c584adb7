-- Bank accounts are debited at GoCardless.
ALTER TABLE gateway_accounts DROP CONSTRAINT gateway_is_known,
    ADD CONSTRAINT gateway_is_known CHECK (gateway IN ('stripe', 'simulator', 'gocardless'));

-- How the mandate of a bank account stands, as its gateway told last; NULL: it has not.
ALTER TABLE payment_methods ADD COLUMN mandate text
    CONSTRAINT mandate_state_is_known CHECK (mandate IN ('pending', 'active', 'cancelled', 'expired', 'failed'));
CREATE INDEX payment_methods_by_account_token ON payment_methods (tenant_id, gateway_account_id, token) WHERE gateway_account_id IS NOT NULL;

-- How money that had come is taken back: a card's issuer decides, a payer had its bank give a debit back, or the bank was late with its no.
ALTER TABLE disputes ADD COLUMN kind text NOT NULL DEFAULT 'dispute'
    CONSTRAINT dispute_kind_is_known CHECK (kind IN ('dispute', 'chargeback', 'failure'));
-- The part of what is gone that was the customer's credit, and was still there.
ALTER TABLE disputes ADD COLUMN from_balance bigint NOT NULL DEFAULT 0
    CONSTRAINT taken_off_the_balance_within_disputed CHECK (from_balance >= 0 AND from_balance + reopened <= amount);

-- A gateway may tell of a refund by its own name alone.
CREATE INDEX refunds_by_reference ON refunds (tenant_id, reference) WHERE reference IS NOT NULL;
