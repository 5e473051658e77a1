"""What a referral may hold: its fields, their codes and words, and the one validation. Pure."""
