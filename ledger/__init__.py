"""Append-only record of who decided or saw what, when and why. PostgreSQL itself refuses changes."""
