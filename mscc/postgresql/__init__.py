"""Django's PostgreSQL backend with a limit on every wait: in the server, in the network and in this process."""
