DROP TABLE revenue_schedules;
