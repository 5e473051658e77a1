"""What is overseen: the measures of QS56, the audit trail, the check of ledger and records, incidents, and erasure."""
