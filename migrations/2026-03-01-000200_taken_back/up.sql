-- What a later change made void, by which; and, of a change that set an end, what that end took away, to be given back as it was.
ALTER TABLE subscription_changes
    ADD COLUMN taken_back_at timestamptz,
    ADD COLUMN taken_back_by uuid,
    ADD COLUMN undo jsonb;
ALTER TABLE subscription_changes
    ADD CONSTRAINT change_is_taken_back_by_one CHECK ((taken_back_at IS NULL) = (taken_back_by IS NULL));
