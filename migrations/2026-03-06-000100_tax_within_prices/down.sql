ALTER TABLE credit_notes DROP COLUMN tax_included_total;
ALTER TABLE credit_note_lines DROP COLUMN tax_included;
ALTER TABLE invoice_line_taxes DROP COLUMN inclusive;
ALTER TABLE invoices DROP COLUMN tax_included_total;
ALTER TABLE invoice_lines DROP COLUMN tax_included, DROP COLUMN tax_code, DROP COLUMN tax_behavior;
DROP INDEX item_versions_taxed_by_themselves;
ALTER TABLE item_versions DROP CONSTRAINT taxed_by_a_plan_or_by_itself, DROP COLUMN own_tax_code, DROP COLUMN own_tax_behavior;
ALTER TABLE prices DROP COLUMN tax_behavior;
