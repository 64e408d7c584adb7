DROP TABLE fulfilled_as_charged;
