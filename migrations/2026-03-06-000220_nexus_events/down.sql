DROP TABLE tax_nexus_marks;
ALTER TABLE tax_settings DROP COLUMN nexus_check_at;
