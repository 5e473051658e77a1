"""The link in a page: signed, for one page, for some hours. It opens a button; only pressing the button answers."""

from datetime import timedelta

from django.core import signing

from kernel.refusals import NotFound
from oncall.alarms import TEST, kind_of
from oncall.models import Page

LIFE = timedelta(hours=12)
SALT = "oncall.page"


def token_of(page: Page) -> str:
    """The token of a page's own link."""
    return signing.dumps(str(page.client_reference), salt=SALT)


def page_of(token: str) -> Page:
    """The page that a link belongs to; NotFound for a forged, altered or expired one."""
    try:
        reference = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.SignatureExpired:
        raise NotFound("This link has expired. Sign in and acknowledge on the worklist") from None
    except signing.BadSignature:
        raise NotFound("This link is not one of ours. Sign in and acknowledge on the worklist") from None
    page = Page.objects.select_related("clock", "recipient").filter(client_reference=reference).first()
    if page is None or not page.recipient.is_active:
        raise NotFound("There is no such page. Sign in and acknowledge on the worklist")
    if page.clock is None and kind_of(page.alarm) != TEST:
        raise NotFound("An alarm is not answered by a link. Sign in and follow its runbook")
    return page
