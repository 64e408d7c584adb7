-- An item without a price of a plan has its own: what its line says, and its model as price_override.
ALTER TABLE item_versions
    ALTER COLUMN price_id DROP NOT NULL,
    ADD COLUMN own_description text,
    ADD CONSTRAINT priced_by_a_plan_or_by_itself CHECK ((price_id IS NULL) = (own_description IS NOT NULL)
        AND (price_id IS NOT NULL OR price_override IS NOT NULL));
