-- What a gateway said of a failure besides its code, what kind of no it was by the table of then, and why the attempt was made when it was.
ALTER TABLE payments
    ADD COLUMN decline_class text CONSTRAINT decline_class_is_known
        CHECK (decline_class IN ('outage', 'later', 'insufficient', 'fix_data', 'authenticate', 'fraud', 'never')),
    ADD COLUMN network_code text,
    ADD COLUMN advice_code text,
    ADD COLUMN reason text;

-- The card itself: the same however often it was added. NULL: nothing but its id tells it from others.
ALTER TABLE payment_methods ADD COLUMN fingerprint text;
UPDATE payment_methods SET fingerprint = token || '/' || customer_id WHERE gateway = 'simulator';
CREATE INDEX payment_methods_by_fingerprint ON payment_methods (tenant_id, gateway, fingerprint) WHERE fingerprint IS NOT NULL;
