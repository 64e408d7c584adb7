-- Whether a version ended for a break, after which it goes on. What is paused now, or will be, goes on as before.
ALTER TABLE item_versions ADD COLUMN held boolean NOT NULL DEFAULT false;
UPDATE item_versions v SET held = true
FROM subscriptions s
WHERE s.tenant_id = v.tenant_id AND s.id = v.subscription_id AND v.valid_to = s.pause_from;
