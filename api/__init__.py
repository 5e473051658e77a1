"""Doors for machines: mapping only."""
