DROP TABLE simulator.charges;
DROP SCHEMA simulator;
DROP TABLE payments;
ALTER TABLE customers DROP CONSTRAINT default_payment_method_exists;
DROP TABLE payment_methods;
