"""Read-only on top of the domain: the audit trail, and later the measures."""
