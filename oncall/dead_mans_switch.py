"""The dead man's switch: an outside address that is fetched while all is well. Silence is the alarm."""

from collections.abc import Mapping

import requests
import structlog
from django.conf import settings

from oncall.watch import Audit

PATIENCE = 5  # seconds
log = structlog.get_logger(__name__)


def signal_outside(audit: Audit, dangers: Mapping[str, str]) -> bool:
    """Fetch the address if the audit was clean and nothing is in danger; whether the address answered."""
    address = settings.ENVIRONMENT.dead_mans_switch_url
    if not address or not audit.clean or dangers:
        return False
    try:
        answer = requests.get(address, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as fault:
        log.warning("outside_not_told", fault=type(fault).__name__)
        return False
    return 200 <= answer.status_code < 300
