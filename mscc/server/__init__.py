"""The web server: `manage.py serve`. See docs/adr/0033-a-web-server-that-cannot-be-held.md."""
