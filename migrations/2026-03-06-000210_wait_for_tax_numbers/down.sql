ALTER TABLE invoice_line_taxes DROP COLUMN unverified;
ALTER TABLE invoices DROP COLUMN waits_for;
UPDATE tax_settings SET unknown_numbers = 'charge' WHERE unknown_numbers = 'wait';
ALTER TABLE tax_settings
    DROP CONSTRAINT unknown_numbers_are_known,
    ADD CONSTRAINT unknown_numbers_are_known CHECK (unknown_numbers IN ('charge', 'reverse_charge'));
