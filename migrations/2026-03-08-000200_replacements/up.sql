-- Which invoice does an invoice take the place of? That whose credit note names it.
CREATE INDEX credit_notes_by_replacement ON credit_notes (tenant_id, replacement_invoice_id) WHERE replacement_invoice_id IS NOT NULL;
