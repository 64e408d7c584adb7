DROP TABLE event_counters;
DROP TABLE events;
DROP TABLE outbox;
