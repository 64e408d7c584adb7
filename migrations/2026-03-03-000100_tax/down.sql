DROP TABLE tax_rates;
DROP TABLE tax_registrations;
DROP TABLE tax_settings;
