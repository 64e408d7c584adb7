DELETE FROM payout_items WHERE payout_id IN (SELECT p.id FROM payouts p JOIN gateway_accounts a ON a.tenant_id = p.tenant_id AND a.id = p.gateway_account_id WHERE a.gateway = 'simulator');
DELETE FROM payouts WHERE gateway_account_id IN (SELECT id FROM gateway_accounts WHERE gateway = 'simulator');
ALTER TABLE gateway_accounts
    DROP CONSTRAINT gateway_is_known,
    ADD CONSTRAINT gateway_is_known CHECK (gateway IN ('stripe')) NOT VALID;
