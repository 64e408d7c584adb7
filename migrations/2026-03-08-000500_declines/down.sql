DROP INDEX payment_methods_by_fingerprint;
ALTER TABLE payment_methods DROP COLUMN fingerprint;
ALTER TABLE payments DROP COLUMN reason, DROP COLUMN advice_code, DROP COLUMN network_code, DROP COLUMN decline_class;
