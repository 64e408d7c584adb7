DROP TABLE customer_payers;
ALTER TABLE customers
    DROP CONSTRAINT a_payer_is_another,
    DROP CONSTRAINT only_a_child_is_paid_for,
    DROP COLUMN invoice_grouping,
    DROP COLUMN payer_id,
    DROP COLUMN pays,
    DROP COLUMN parent_id;
