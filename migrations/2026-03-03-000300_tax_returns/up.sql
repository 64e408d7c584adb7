-- What returns are made of beside the tax itself, as it was when the line was taxed: whether it is declared in the one-stop shop of the
-- European Union, whether it counts towards the yearly threshold above which sales to consumers in other member states are taxed there,
-- and the VAT number of the buyer that accounts for the tax. Later lines that take the charge back keep them.
ALTER TABLE invoice_line_taxes
    ADD COLUMN one_stop_shop boolean NOT NULL DEFAULT false,
    ADD COLUMN across_borders boolean NOT NULL DEFAULT false,
    ADD COLUMN buyer_number text;
CREATE INDEX invoice_line_taxes_across_borders ON invoice_line_taxes (tenant_id, invoice_id, line_no) WHERE across_borders;

-- Documents by the day on which their tax counts.
CREATE INDEX invoices_by_issue ON invoices (tenant_id, issued_at, id) WHERE issued_at IS NOT NULL;
CREATE INDEX invoices_by_void ON invoices (tenant_id, closed_at, id) WHERE status = 'void';
CREATE INDEX credit_notes_by_issue ON credit_notes (tenant_id, issued_at, id);
