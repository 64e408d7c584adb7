DROP TABLE usage_backfill_events, usage_backfills, usage_voided, usage_kept, usage_uniques, usage_rollups, usage_events, usage_event_keys, usage_settings, meters;
DROP SCHEMA usage_months;
