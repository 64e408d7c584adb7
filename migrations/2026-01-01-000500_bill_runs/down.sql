DROP TABLE parked_customers;
DROP TABLE bill_run_totals;
DROP TABLE bill_run_chunks;
DROP TABLE bill_runs;
