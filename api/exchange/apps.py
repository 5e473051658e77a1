"""Identifiers of hospital systems, and their answers to our cards."""

from django.apps import AppConfig


class Exchange(AppConfig):
    name = "api.exchange"
    label = "exchange"
