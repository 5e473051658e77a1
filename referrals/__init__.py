"""The case: from the referral to its end."""
