DROP TABLE refunds;
DROP TABLE credit_note_lines;
DROP TABLE credit_notes;
