-- What is billed to a business whose number nobody could verify may wait for an answer.
ALTER TABLE tax_settings
    DROP CONSTRAINT unknown_numbers_are_known,
    ADD CONSTRAINT unknown_numbers_are_known CHECK (unknown_numbers IN ('charge', 'reverse_charge', 'wait'));

-- What a draft waits for; it is looked at again when it would be finalized.
ALTER TABLE invoices
    ADD COLUMN waits_for text,
    ADD CONSTRAINT invoice_waits_for_is_known CHECK (waits_for IN ('tax_id')),
    ADD CONSTRAINT only_a_draft_with_a_time_waits CHECK (waits_for IS NULL OR status = 'draft' AND finalizes_at IS NOT NULL);
CREATE INDEX invoices_that_wait ON invoices (tenant_id, customer_id) WHERE waits_for IS NOT NULL;

-- Whether the buyer's number was taken for valid though nobody could verify it.
ALTER TABLE invoice_line_taxes ADD COLUMN unverified boolean NOT NULL DEFAULT false;
