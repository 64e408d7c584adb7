ALTER TABLE item_versions DROP COLUMN usage_by_days;
ALTER TABLE prices DROP COLUMN allow_negative;
