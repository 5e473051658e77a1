"""The promises of a case: the clocks that its facts start, stop and restart, and its obligations."""
