-- A period's usage is worth at least zero unless its price says that what flowed back is given back.
ALTER TABLE prices ADD COLUMN allow_negative boolean NOT NULL DEFAULT false
    CONSTRAINT only_usage_flows_back CHECK (NOT allow_negative OR meter_id IS NOT NULL);
-- A usage price that begins within a period is had whole, or for the days that are left of the period.
ALTER TABLE item_versions ADD COLUMN usage_by_days boolean NOT NULL DEFAULT false;
