DROP TABLE exchange_rates;
DROP TABLE published_rates;
