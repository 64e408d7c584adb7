ALTER TABLE subscription_changes
    DROP CONSTRAINT change_is_taken_back_by_one;
ALTER TABLE subscription_changes
    DROP COLUMN undo,
    DROP COLUMN taken_back_by,
    DROP COLUMN taken_back_at;
