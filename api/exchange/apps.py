"""What hospital systems call things: their identifiers, and their answers to our cards."""

from django.apps import AppConfig


class Exchange(AppConfig):
    name = "api.exchange"
    label = "exchange"
