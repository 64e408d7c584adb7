DELETE FROM revenue_schedules WHERE entry < -1;
ALTER TABLE revenue_schedules DROP COLUMN given_up_entry, DROP COLUMN given_up_whole, DROP COLUMN given_up_since;
