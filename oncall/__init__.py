"""Keeping promises in time. Knows a case by its number only, so nothing it sends can leak a patient."""
