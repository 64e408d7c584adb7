-- What the register said of a number counts for every customer that has it.
CREATE INDEX tax_numbers_of_value ON tax_numbers (tenant_id, value);
