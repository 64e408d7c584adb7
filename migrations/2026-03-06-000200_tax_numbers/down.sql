DROP TABLE tax_number_checks;
DROP TABLE tax_numbers;
