-- How long what is billed by schedule waits as a draft; 0: it is issued at once.
ALTER TABLE tenants ADD COLUMN draft_hours integer NOT NULL DEFAULT 0 CONSTRAINT draft_hours_in_range CHECK (draft_hours BETWEEN 0 AND 720);

-- When a draft becomes an invoice by itself: NULL when it waits for somebody, and once it is one.
ALTER TABLE invoices
    ADD COLUMN finalizes_at timestamptz,
    ADD CONSTRAINT only_a_draft_finalizes CHECK (finalizes_at IS NULL OR status = 'draft');
CREATE INDEX invoices_to_finalize ON invoices (tenant_id, finalizes_at, id) WHERE finalizes_at IS NOT NULL;
ALTER TABLE bill_runs ADD COLUMN finalizes_at timestamptz;

-- A line that somebody added to a draft; one that counters a line of the same invoice takes that line back, in whole or in part.
ALTER TABLE invoice_lines
    ADD COLUMN by_hand boolean NOT NULL DEFAULT false,
    ADD COLUMN counters_line smallint,
    ADD CONSTRAINT only_lines_by_hand_counter CHECK (counters_line IS NULL OR by_hand),
    ADD CONSTRAINT lines_by_hand_are_no_items CHECK (NOT by_hand OR item_version_id IS NULL);
