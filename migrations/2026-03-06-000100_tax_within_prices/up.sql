-- Whether a price contains its tax.
ALTER TABLE prices ADD COLUMN tax_behavior text NOT NULL DEFAULT 'exclusive'
    CONSTRAINT tax_behavior_is_known CHECK (tax_behavior IN ('exclusive', 'inclusive'));

-- How a charge that is in no plan is taxed; NULL: as software as a service, on top.
ALTER TABLE item_versions
    ADD COLUMN own_tax_code text,
    ADD COLUMN own_tax_behavior text,
    ADD CONSTRAINT taxed_by_a_plan_or_by_itself CHECK ((own_tax_code IS NULL) = (own_tax_behavior IS NULL)
        AND (own_tax_code IS NULL OR price_id IS NULL));
CREATE INDEX item_versions_taxed_by_themselves ON item_versions (tenant_id, id) WHERE own_tax_code IS NOT NULL;

-- The tax that is within the amount of a line, and how a line by hand is taxed.
ALTER TABLE invoice_lines
    ADD COLUMN tax_included bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax_code text,
    ADD COLUMN tax_behavior text;
ALTER TABLE invoices ADD COLUMN tax_included_total bigint NOT NULL DEFAULT 0;
ALTER TABLE invoice_line_taxes ADD COLUMN inclusive boolean NOT NULL DEFAULT false;
ALTER TABLE credit_note_lines ADD COLUMN tax_included bigint NOT NULL DEFAULT 0;
ALTER TABLE credit_notes ADD COLUMN tax_included_total bigint NOT NULL DEFAULT 0;
