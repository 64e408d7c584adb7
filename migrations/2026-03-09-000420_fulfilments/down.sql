DELETE FROM revenue_schedules WHERE fulfilled_entry IS NOT NULL;
UPDATE revenue_schedules SET rule = 'point_in_time' WHERE rule IN ('on_fulfilment', 'milestone');
DELETE FROM revenue_rules WHERE rule IN ('on_fulfilment', 'milestone');
ALTER TABLE revenue_rules
    DROP CONSTRAINT revenue_rule_can_be_chosen,
    ADD CONSTRAINT revenue_rule_can_be_chosen CHECK (rule IN ('ratable_daily', 'ratable_monthly', 'point_in_time', 'as_used'));
ALTER TABLE revenue_schedules
    DROP CONSTRAINT revenue_rule_is_known,
    ADD CONSTRAINT revenue_rule_is_known
        CHECK (rule IN ('ratable_daily', 'ratable_monthly', 'point_in_time', 'as_used', 'as_drawn')),
    DROP CONSTRAINT schedules_are_of_one_kind,
    DROP CONSTRAINT schedules_of_fulfilments_name_theirs,
    DROP CONSTRAINT schedules_of_write_offs_name_theirs,
    ADD CONSTRAINT schedules_of_write_offs_name_theirs CHECK (
        (entry < -1) = (given_up_entry IS NOT NULL) AND (entry < -1) = (given_up_whole IS NOT NULL) AND (entry < -1) = (given_up_since IS NOT NULL)
    ),
    DROP COLUMN fulfilled,
    DROP COLUMN fulfilled_entry;
DROP TABLE fulfilments;
