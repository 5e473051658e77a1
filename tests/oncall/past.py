"""Heartbeats of the past, as a task that has fallen silent leaves them behind."""

from datetime import timedelta

from django.db.models import F

from kernel.time import now
from oncall.heartbeats import beat, forget
from oncall.models import Heartbeat


def beat_ago(name: str, age: timedelta) -> None:
    """A heartbeat so long ago by every clock; a negative age is the future. The watcher is new and has seen nothing."""
    forget()
    beat(name, at=now() - age)
    Heartbeat.objects.filter(name=name).update(witnessed_at=F("witnessed_at") - age)
