ALTER TABLE invoice_lines
    DROP COLUMN by_hand,
    DROP COLUMN counters_line;
ALTER TABLE bill_runs DROP COLUMN finalizes_at;
ALTER TABLE invoices
    DROP CONSTRAINT only_a_draft_finalizes,
    DROP COLUMN finalizes_at;
ALTER TABLE tenants DROP COLUMN draft_hours;
