"""The production form, built and run for real: the image, the compose file, the systemd units. An own command, not part of the suite."""
