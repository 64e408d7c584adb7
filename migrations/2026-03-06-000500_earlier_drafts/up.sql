-- A draft that gives back what an earlier draft charges waits until that one is issued: it gives back the tax that one has then.
ALTER TABLE invoices
    DROP CONSTRAINT invoice_waits_for_is_known,
    ADD CONSTRAINT invoice_waits_for_is_known CHECK (waits_for IN ('tax_id', 'earlier_draft'));
