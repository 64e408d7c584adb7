DROP INDEX credit_notes_by_issue;
DROP INDEX invoices_by_void;
DROP INDEX invoices_by_issue;
DROP INDEX invoice_line_taxes_across_borders;
ALTER TABLE invoice_line_taxes DROP COLUMN buyer_number, DROP COLUMN across_borders, DROP COLUMN one_stop_shop;
