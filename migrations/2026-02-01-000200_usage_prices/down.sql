ALTER TABLE invoice_lines DROP COLUMN measured_quantity, DROP COLUMN measured_events, DROP COLUMN measured_to;
ALTER TABLE price_amounts DROP COLUMN maximum;
ALTER TABLE prices DROP CONSTRAINT only_usage_prices_have_a_meter,
    DROP COLUMN meter_id, DROP COLUMN divide_by, DROP COLUMN quantity_rounding, DROP COLUMN included_units;
ALTER TABLE prices DROP CONSTRAINT price_kind_is_known;
ALTER TABLE prices ADD CONSTRAINT price_kind_is_known CHECK (kind IN ('recurring', 'one_time'));
