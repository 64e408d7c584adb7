DROP TABLE number_counters;
DROP TABLE invoice_lines;
DROP TABLE invoices;
