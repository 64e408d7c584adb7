DROP TABLE buyer_versions;
DROP TABLE customers;
