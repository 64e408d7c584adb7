ALTER TABLE subscriptions DROP COLUMN started_by;
DROP TABLE invoice_line_grounds;
