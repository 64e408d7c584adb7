CREATE INDEX payment_methods_by_fingerprint ON payment_methods (tenant_id, gateway, fingerprint) WHERE fingerprint IS NOT NULL;
DROP INDEX payment_methods_by_card;
