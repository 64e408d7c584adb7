UPDATE invoices SET waits_for = NULL WHERE waits_for = 'tax_provider';
ALTER TABLE invoices
    DROP CONSTRAINT invoice_waits_for_is_known,
    ADD CONSTRAINT invoice_waits_for_is_known CHECK (waits_for IN ('tax_id', 'earlier_draft'));
DROP INDEX invoice_line_taxes_by_provider;
ALTER TABLE invoice_line_taxes DROP COLUMN provider_id;
DROP TABLE tax_documents;
DROP TABLE tax_questions;
DROP TABLE tax_providers;
