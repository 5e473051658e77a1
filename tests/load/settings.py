"""The product's settings, with a bare view beside its addresses to compare with, and no throttle."""

from mscc.settings import *  # noqa: F403
from mscc.settings import REST_FRAMEWORK

ROOT_URLCONF = "tests.load.urls"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
