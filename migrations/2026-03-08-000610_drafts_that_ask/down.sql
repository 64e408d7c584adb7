ALTER TABLE tax_questions ADD COLUMN invoice_id uuid;
UPDATE tax_questions q SET invoice_id = d.invoice_id FROM tax_questions_of_drafts d WHERE d.tenant_id = q.tenant_id AND d.question_id = q.id;
DROP TABLE tax_questions_of_drafts;
