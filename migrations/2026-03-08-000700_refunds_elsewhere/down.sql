ALTER TABLE refunds DROP COLUMN elsewhere;
