-- What stands by hand for a charge, or against it, is found on its invoice without reading the other lines.
CREATE INDEX invoice_lines_by_hand ON invoice_lines (tenant_id, invoice_id) WHERE by_hand;
