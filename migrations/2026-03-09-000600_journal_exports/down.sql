DROP TABLE journal_export_items;
DROP TABLE journal_exports;
DROP TABLE account_mappings;
