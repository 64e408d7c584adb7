ALTER TABLE credit_notes DROP COLUMN entity_id;
ALTER TABLE invoices DROP COLUMN entity_id;
ALTER TABLE tax_registrations DROP COLUMN entity_id;
ALTER TABLE customers DROP COLUMN entity_id;
