"""Invented people and patients, in demo mode only."""
