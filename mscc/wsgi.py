"""The web server's entry: the door of health checks, then Django. Each worker process imports it once."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from mscc.garbage import spare_what_stays

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mscc.settings")
django = get_wsgi_application()
_ = get_resolver().url_patterns  # loads every view now, not with the first request
spare_what_stays()

from mscc import door, tally  # noqa: E402  # its checks are of models, which Django has to load first

application = door.before(tally.counted(django))
