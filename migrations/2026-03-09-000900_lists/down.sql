DROP INDEX invoices_by_due;
DROP INDEX subscriptions_by_metadata;
DROP INDEX customers_by_metadata;
DROP INDEX customers_by_email;
DROP INDEX customers_by_name;
DROP INDEX customers_by_words;
