-- Which corrections of usage are not through? Asked for often, by whoever looks after the server.
CREATE INDEX usage_backfills_open ON usage_backfills (tenant_id, id) WHERE status = 'open';
