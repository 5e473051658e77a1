"""Read-only views of the domain: the measures of QS56, the audit trail, the check of ledger and records."""
