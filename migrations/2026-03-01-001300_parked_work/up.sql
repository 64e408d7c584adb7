-- Whatever due work cannot be done is parked in one table, whichever job found it: put off with its reason, tried again alone.
ALTER TABLE parked_customers RENAME TO parked_work;
ALTER TABLE parked_work RENAME COLUMN customer_id TO item_id;
ALTER TABLE parked_work ADD COLUMN id uuid;
ALTER TABLE parked_work ADD COLUMN work text;
UPDATE parked_work SET id = item_id, work = 'billing';
ALTER TABLE parked_work ALTER COLUMN id SET NOT NULL;
ALTER TABLE parked_work ALTER COLUMN work SET NOT NULL;
ALTER TABLE parked_work DROP CONSTRAINT parked_customers_pkey;
ALTER TABLE parked_work ADD CONSTRAINT parked_work_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE parked_work ADD CONSTRAINT work_is_parked_once UNIQUE (tenant_id, work, item_id);
CREATE INDEX parked_work_to_retry ON parked_work (tenant_id, work, retry_at);
