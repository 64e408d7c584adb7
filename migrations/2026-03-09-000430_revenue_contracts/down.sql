DELETE FROM revenue_schedules WHERE is_allocated;
ALTER TABLE revenue_schedules
    DROP CONSTRAINT schedules_are_of_one_kind,
    ADD CONSTRAINT schedules_are_of_one_kind CHECK ((entry < -1) = (num_nonnulls(given_up_entry, fulfilled_entry) = 1)),
    DROP COLUMN is_allocated;
DROP TABLE revenue_contract_lines;
DROP TABLE revenue_contracts;
DROP TABLE standalone_prices;
