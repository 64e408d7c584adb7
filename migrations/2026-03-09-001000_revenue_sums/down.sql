DROP INDEX revenue_schedules_by_time;
DROP TABLE ledger_sums;
DROP TABLE revenue_sums;
