DROP INDEX parked_work_to_retry;
DELETE FROM parked_work WHERE work <> 'billing';
ALTER TABLE parked_work DROP CONSTRAINT work_is_parked_once;
ALTER TABLE parked_work DROP CONSTRAINT parked_work_pkey;
ALTER TABLE parked_work DROP COLUMN work;
ALTER TABLE parked_work DROP COLUMN id;
ALTER TABLE parked_work RENAME COLUMN item_id TO customer_id;
ALTER TABLE parked_work RENAME TO parked_customers;
ALTER TABLE parked_customers ADD CONSTRAINT parked_customers_pkey PRIMARY KEY (tenant_id, customer_id);
