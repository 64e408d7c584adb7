DROP INDEX tax_numbers_of_value;
