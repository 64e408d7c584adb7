-- Who belongs to whom, and who pays: a customer with a parent is paid for by it unless it pays itself.
ALTER TABLE customers
    ADD COLUMN parent_id uuid,
    ADD COLUMN pays text NOT NULL DEFAULT 'self' CONSTRAINT customer_pays_is_known CHECK (pays IN ('self', 'parent')),
    -- The nearest customer upwards that pays itself; NULL: this one.
    ADD COLUMN payer_id uuid,
    ADD COLUMN invoice_grouping text NOT NULL DEFAULT 'consolidated'
        CONSTRAINT invoice_grouping_is_known CHECK (invoice_grouping IN ('consolidated', 'separate')),
    ADD CONSTRAINT customer_parent_exists FOREIGN KEY (tenant_id, parent_id) REFERENCES customers (tenant_id, id),
    ADD CONSTRAINT only_a_child_is_paid_for CHECK (pays = 'self' OR parent_id IS NOT NULL),
    ADD CONSTRAINT a_payer_is_another CHECK ((payer_id IS NULL) = (pays = 'self') AND payer_id <> id);
CREATE INDEX customers_by_parent ON customers (tenant_id, parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX customers_by_payer ON customers (tenant_id, payer_id, id) WHERE payer_id IS NOT NULL;

-- Everyone who ever paid for another: an invoice stays with whoever paid when it was made.
CREATE TABLE customer_payers (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    payer_id uuid NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, payer_id)
);
