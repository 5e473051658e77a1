"""The web server's entry: the door of health checks, then Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mscc.settings")
application = get_wsgi_application()

from mscc import door  # noqa: E402  # its checks are of models, which Django has to load first

application = door.before(application)
