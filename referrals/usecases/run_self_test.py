"""The service tests itself: an invented referral goes through intake, clocks and outbox, and is answered.

The referral is marked by its source, pages only a loopback channel, and is in no list, search or measure.
Its ledger lines stay, like those of every act.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from accounts import service as services
from accounts.act import Act
from kernel.actors import SERVICE, ActingRole, Role
from kernel.time import rfc3339
from oncall.alarms import raise_alarm
from oncall.heartbeats import beat
from oncall.kinds import ClockKind
from oncall.models import Clock, Page
from referrals.case.models import Referral
from referrals.case.models.case import SELF_TEST
from referrals.case.states import OVER
from referrals.intake.validation import parse
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.submit_referral import submit_referral

EVERY = timedelta(minutes=10)
PATIENCE = timedelta(minutes=2)
SERVICE_CODE = "SELFTEST"
TESTER = replace(SERVICE, role=Role.COORDINATOR, acting_role=ActingRole.OTHER_DESIGNATED, name="Self-test")


def run_self_test(*, at: datetime) -> None:
    """Answer the self-tests whose page came back, raise an alarm for late ones, and start one every ten minutes. Safe to repeat."""
    under_way = Referral.every.filter(source=SELF_TEST).exclude(status__in=[str(status) for status in OVER])
    for case in under_way.order_by("id"):
        _answer(case, at=at)
    newest = Referral.every.filter(source=SELF_TEST).order_by("-id").first()
    # One of the future was begun before the time was put back, and would hold back the next.
    if newest is None or not at - EVERY < newest.submitted_at <= at + PATIENCE:
        _begin(at=at)


def _begin(*, at: datetime) -> None:
    intake = parse(_invented(at), at=at)
    key = f"self-test:{at:%Y-%m-%dT%H:%M}"
    submit_referral(intake, act=Act(by=TESTER, at=at, service=services.current()), source=SELF_TEST, key=key)


def _answer(case: Referral, *, at: datetime) -> None:
    """A gap in the rota has an alarm of its own, and the way of a page cannot be tested in it."""
    clock = Clock.objects.filter(case=case.pk, kind=ClockKind.ACKNOWLEDGE).order_by("id").first()
    page = Page.objects.filter(clock=clock).order_by("id").first()
    found_nobody = page is None and clock is not None and clock.climbed > 0  # swept, and nobody to page
    arrived_at = page.sent_at if page else None
    late = case.submitted_at + PATIENCE <= at
    if arrived_at is None and not late:
        return
    if case.acknowledged_at is None:
        acknowledge_referral(case.reference, act=Act(by=TESTER, at=at, service=services.current()))
    close_referral(case.reference, outcome="advice_only", text="Self-test", by=TESTER, at=at)
    if arrived_at is None and found_nobody:
        beat("self_test", note="not tested: nobody is on duty, see the rota", at=at)
    elif arrived_at is None:
        beat(
            "self_test", note=f"failed: the referral of {rfc3339(case.submitted_at)} did not come back", at=at
        )
        raise_alarm("self_test", f"{case.submitted_at:%Y-%m-%d %H:%M} UTC", at=at)
    else:
        seconds = (arrived_at - case.submitted_at).total_seconds()
        beat("self_test", note=f"came back after {seconds:.1f} seconds", at=at)


def _invented(at: datetime) -> dict[str, object]:
    """An invented emergency."""
    return {
        "patient": {"identity_unknown": True},
        "referrer": {
            "name": "Self-test",
            "role": "other",
            "organisation_ods": SERVICE_CODE,
            "callback_number": "none: this is a test of the service itself",
        },
        "location": {"kind": "other"},
        "clinician_suspected_at": rfc3339(at),
        "presentation": {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}},
    }
