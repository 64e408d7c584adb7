ALTER TABLE subscriptions
    -- Items begin when the trial ends.
    ADD COLUMN trial_end timestamptz CONSTRAINT trial_ends_after_the_start CHECK (trial_end >= start_at),
    ADD COLUMN trial_without_method text CONSTRAINT trial_policy_is_known CHECK (trial_without_method IN ('bill', 'cancel', 'pause')),
    -- When the trial has its next step: the notice ahead of its end, then its end. NULL: there is none to come.
    ADD COLUMN trial_step_at timestamptz,
    -- The last pause: nothing is in force from then until then. The timeline has the gap; this says that it is one.
    ADD COLUMN pause_from timestamptz,
    ADD COLUMN pause_until timestamptz CONSTRAINT pause_ends_after_it_begins CHECK (pause_until >= pause_from),
    ADD COLUMN pause_mode text CONSTRAINT pause_mode_is_known CHECK (pause_mode IN ('credit', 'extend'));
CREATE INDEX subscriptions_trial_steps ON subscriptions (tenant_id, trial_step_at, id) WHERE trial_step_at IS NOT NULL;
