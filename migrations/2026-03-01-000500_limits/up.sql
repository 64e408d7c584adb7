-- An invoice has as many lines as its customer has charges: 50,000 seats are 50,000 lines.
ALTER TABLE invoice_lines
    ALTER COLUMN line_no TYPE integer,
    ALTER COLUMN counters_line TYPE integer;
ALTER TABLE invoice_line_discounts ALTER COLUMN line_no TYPE integer;
ALTER TABLE invoice_line_grounds ALTER COLUMN line_no TYPE integer;
ALTER TABLE credit_note_lines
    ALTER COLUMN line_no TYPE integer,
    ALTER COLUMN invoice_line_no TYPE integer;
-- What a run comes to has no end, though each invoice has one.
ALTER TABLE bill_run_totals ALTER COLUMN total TYPE numeric;
