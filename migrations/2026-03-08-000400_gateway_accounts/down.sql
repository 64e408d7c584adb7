ALTER TABLE payments DROP COLUMN action_url, DROP COLUMN gateway_account_id;
ALTER TABLE payment_methods
    DROP CONSTRAINT payment_method_gateway_account_exists,
    DROP COLUMN gateway_account_id;
DROP TABLE gateway_accounts;
