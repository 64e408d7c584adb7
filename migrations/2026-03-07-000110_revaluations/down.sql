DROP TABLE ledger_revaluation_postings;
DROP TABLE ledger_revaluation_lines;
DROP TABLE ledger_revaluations;
