ALTER TABLE bill_run_totals ALTER COLUMN total TYPE bigint;
ALTER TABLE credit_note_lines
    ALTER COLUMN line_no TYPE smallint,
    ALTER COLUMN invoice_line_no TYPE smallint;
ALTER TABLE invoice_line_grounds ALTER COLUMN line_no TYPE smallint;
ALTER TABLE invoice_line_discounts ALTER COLUMN line_no TYPE smallint;
ALTER TABLE invoice_lines
    ALTER COLUMN line_no TYPE smallint,
    ALTER COLUMN counters_line TYPE smallint;
