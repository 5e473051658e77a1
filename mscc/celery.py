"""The worker and the scheduler."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mscc.settings")
app = Celery("mscc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
