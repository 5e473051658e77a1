"""Webhooks: a hospital system is told that something happened to a referral of its organisation. No body says what."""
