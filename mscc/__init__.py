"""Wiring only: settings, addresses, the worker, the demo, and what starts it all."""
