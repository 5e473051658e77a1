"""The promises of a case: which clocks its facts start, stop and restart, and who owes what."""
