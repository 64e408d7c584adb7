ALTER TABLE item_versions DROP COLUMN held;
