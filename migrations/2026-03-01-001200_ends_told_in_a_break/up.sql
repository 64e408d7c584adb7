-- Whether a subscription's end moves by the days of its break; not one that was told as a date since the break was.
ALTER TABLE subscriptions ADD COLUMN pause_moves_end boolean NOT NULL DEFAULT true;
