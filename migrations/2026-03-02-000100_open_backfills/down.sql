DROP INDEX usage_backfills_open;
