DROP TABLE invoice_retries;
DROP TABLE retry_policy_versions;
DROP TABLE retry_policies;
