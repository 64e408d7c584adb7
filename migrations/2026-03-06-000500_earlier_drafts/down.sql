ALTER TABLE invoices
    DROP CONSTRAINT invoice_waits_for_is_known,
    ADD CONSTRAINT invoice_waits_for_is_known CHECK (waits_for IN ('tax_id'));
