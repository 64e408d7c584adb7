DROP INDEX credit_notes_by_issue;
DROP INDEX invoices_by_void;
DROP INDEX invoices_by_issue;
ALTER TABLE invoice_line_taxes DROP COLUMN buyer_number, DROP COLUMN one_stop_shop;
