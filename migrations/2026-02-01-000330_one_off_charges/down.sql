DELETE FROM item_versions WHERE price_id IS NULL;
ALTER TABLE item_versions DROP COLUMN own_description, ALTER COLUMN price_id SET NOT NULL;
