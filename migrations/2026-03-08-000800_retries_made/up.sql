-- What an adaptive policy learns of: the newest retries of a tenant.
CREATE INDEX payments_retried ON payments (tenant_id, created_at DESC) WHERE reason LIKE 'retry_step%';
