-- A card is the same at every account: what its network allows is counted over all of them.
CREATE INDEX payment_methods_by_card ON payment_methods (tenant_id, fingerprint) WHERE fingerprint IS NOT NULL;
DROP INDEX payment_methods_by_fingerprint;
