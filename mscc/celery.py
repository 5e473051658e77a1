"""The worker and the scheduler."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init
from django.conf import settings

from mscc.garbage import spare_what_stays
from mscc.postgresql.fitness import refuse_unfit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mscc.settings")
app = Celery("mscc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _process_begins(**_: Any) -> None:
    """Each process of the worker spares what it got from its parent."""
    spare_what_stays()


@worker_init.connect
def _worker_begins(**_: Any) -> None:
    """SystemExit, which ends the worker, when its limits would not hold."""
    refuse_unfit(pooled=settings.ENVIRONMENT.database_pooler)
