-- What a product is for tax.
ALTER TABLE products ADD COLUMN tax_code text NOT NULL DEFAULT 'saas';

-- The taxes of an invoice's lines, as they were decided: which law, which rate, and why.
CREATE TABLE invoice_line_taxes (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    -- From 1: the taxes of a line in their order.
    tax_no smallint NOT NULL,
    -- ISO 3166-1 or 3166-2.
    jurisdiction text NOT NULL,
    name text NOT NULL,
    -- EN 16931.
    category text NOT NULL,
    -- In percent, of the taxed portion.
    rate numeric NOT NULL,
    portion numeric NOT NULL,
    reason text NOT NULL,
    exemption_code text,
    mention text,
    -- Minor units of the invoice's currency.
    taxable bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, line_no, tax_no)
);

-- What credit notes took back of those taxes.
CREATE TABLE credit_note_line_taxes (
    tenant_id uuid NOT NULL,
    credit_note_id uuid NOT NULL,
    -- Of the invoice that is credited.
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    tax_no smallint NOT NULL,
    taxable bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (tenant_id, credit_note_id, line_no, tax_no)
);
CREATE INDEX credit_note_line_taxes_by_line ON credit_note_line_taxes (tenant_id, invoice_id, line_no);
