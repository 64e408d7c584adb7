DROP TABLE charges_taken_back;
