"""Webhooks: they tell a hospital system of events on its organisation's referrals, by kind and reference alone."""
