DROP INDEX payments_retried;
