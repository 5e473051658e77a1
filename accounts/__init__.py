"""Users, organisations, roles, service settings, sign-in."""
