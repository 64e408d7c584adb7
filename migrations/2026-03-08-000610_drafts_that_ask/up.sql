-- Which drafts asked a question about tax: those of one customer that come to the same ask the same one.
CREATE TABLE tax_questions_of_drafts (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    question_id uuid NOT NULL,
    -- When it was asked last for this draft: of several, the last one is about what was issued.
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, question_id)
);
ALTER TABLE tax_questions_of_drafts ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE INDEX tax_questions_of_drafts_by_question ON tax_questions_of_drafts (tenant_id, question_id);
INSERT INTO tax_questions_of_drafts (tenant_id, invoice_id, question_id, asked_at)
    SELECT tenant_id, invoice_id, id, created_at FROM tax_questions WHERE invoice_id IS NOT NULL;
ALTER TABLE tax_questions DROP COLUMN invoice_id;
