-- Prices of what a meter measured, and how the measured becomes their quantity.
ALTER TABLE prices DROP CONSTRAINT price_kind_is_known;
ALTER TABLE prices ADD CONSTRAINT price_kind_is_known CHECK (kind IN ('recurring', 'one_time', 'usage'));
ALTER TABLE prices
    ADD COLUMN meter_id uuid,
    ADD COLUMN divide_by numeric CONSTRAINT divisor_is_positive CHECK (divide_by > 0),
    ADD COLUMN quantity_rounding text CONSTRAINT quantity_rounding_is_known CHECK (quantity_rounding IN ('up', 'down', 'nearest')),
    ADD COLUMN included_units numeric NOT NULL DEFAULT 0 CONSTRAINT included_units_are_not_negative CHECK (included_units >= 0),
    ADD CONSTRAINT only_usage_prices_have_a_meter CHECK ((kind = 'usage') = (meter_id IS NOT NULL));
-- What a period costs at most.
ALTER TABLE price_amounts ADD COLUMN maximum numeric;

-- What a usage line rests on: what had been measured of its period when it was written.
ALTER TABLE invoice_lines
    ADD COLUMN measured_quantity numeric,
    ADD COLUMN measured_events bigint,
    ADD COLUMN measured_to timestamptz;
