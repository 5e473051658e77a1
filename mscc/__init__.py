"""Wiring only: settings, addresses, the worker, and the start of the service."""
