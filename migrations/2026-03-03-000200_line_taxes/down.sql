DROP TABLE credit_note_line_taxes;
DROP TABLE invoice_line_taxes;
ALTER TABLE products DROP COLUMN tax_code;
