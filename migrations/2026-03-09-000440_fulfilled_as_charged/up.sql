-- Which lines give back of one that is earned as it is fulfilled: of them as much is earned as of that one.
CREATE TABLE fulfilled_as_charged (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    -- The line that is fulfilled.
    charge_invoice_id uuid NOT NULL,
    charge_line_no integer NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, line_no)
);
ALTER TABLE fulfilled_as_charged ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE INDEX fulfilled_as_charged_by_charge ON fulfilled_as_charged (tenant_id, charge_invoice_id);
