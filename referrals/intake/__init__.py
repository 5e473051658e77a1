"""The content of a referral: its fields, their codes and words, and their one validation. Pure."""
