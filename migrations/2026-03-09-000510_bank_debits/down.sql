DROP INDEX refunds_by_reference;
ALTER TABLE disputes DROP COLUMN from_balance, DROP COLUMN kind;
DROP INDEX payment_methods_by_account_token;
ALTER TABLE payment_methods DROP COLUMN mandate;
ALTER TABLE gateway_accounts DROP CONSTRAINT gateway_is_known,
    ADD CONSTRAINT gateway_is_known CHECK (gateway IN ('stripe', 'simulator')) NOT VALID;
