"""The API for hospital systems: it maps requests to use cases, and their results to JSON."""
