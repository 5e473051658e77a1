"""The service tests itself: every ten minutes a promise is paged and answered, every six hours on a new referral.

An invented referral goes through intake, clocks and outbox, and is answered and closed. In between, a clock of the same
referral goes to its page and back: this way can fail unseen, and it writes four ledger lines, not 22. The referral is marked by its source, pages only a loopback channel, and is in no list, search or measure. Its ledger
lines stay, like those of every act.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts import service as services
from accounts.act import Act
from kernel.actors import SERVICE, ActingRole, Role
from kernel.time import rfc3339
from ledger.transaction import one_transaction
from oncall.alarms import raise_alarm
from oncall.clocks import stop
from oncall.heartbeats import beat
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock, Page
from oncall.start import EMERGENCY, Promise, start
from referrals.case.models import Referral
from referrals.case.models.case import SELF_TEST
from referrals.case.queries import lock
from referrals.case.states import OVER
from referrals.intake.validation import parse
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.submit_referral import submit_referral

EVERY, WHOLE_EVERY = timedelta(minutes=10), timedelta(hours=6)
PATIENCE = timedelta(minutes=2)
LIMIT_HOURS = 0.25
SERVICE_CODE = "SELFTEST"
TESTER = replace(SERVICE, role=Role.COORDINATOR, acting_role=ActingRole.OTHER_DESIGNATED, name="Self-test")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How far a promise of the test has come. It is over when its page arrived, or when it is late."""

    began_at: datetime
    arrived_at: datetime | None
    found_nobody: bool  # swept, and nobody to page: a gap in the rota has its own alarm
    is_over: bool


def run_self_test(*, at: datetime) -> None:
    """Answer the tests whose page came back, raise an alarm for late ones, and start one every ten minutes. Safe to repeat."""
    under_way = Referral.every.filter(source=SELF_TEST).exclude(status__in=[str(status) for status in OVER])
    for case in under_way.order_by("id"):
        _answer(case, at=at)
    newest = Referral.every.filter(source=SELF_TEST).order_by("-id").first()
    if newest is None or not _is_recent(newest.submitted_at, WHOLE_EVERY, at=at):
        _begin(at=at)
    elif newest.status in OVER:
        _go_on(newest, at=at)


def _is_recent(began_at: datetime, length: timedelta, *, at: datetime) -> bool:
    """A test of the future was begun before the time was put back, and would hold back the next."""
    return at - length < began_at <= at + PATIENCE


def _begin(*, at: datetime) -> None:
    intake = parse(_invented(at), at=at)
    key = f"self-test:{at:%Y-%m-%dT%H:%M}"
    submit_referral(intake, act=Act(by=TESTER, at=at, service=services.current()), source=SELF_TEST, key=key)


def _answer(case: Referral, *, at: datetime) -> None:
    clock = Clock.objects.filter(case=case.pk, kind=ClockKind.ACKNOWLEDGE).order_by("id").first()
    way = _way(clock, case.submitted_at, at=at)
    if not way.is_over:
        return
    if case.acknowledged_at is None:
        acknowledge_referral(case.reference, act=Act(by=TESTER, at=at, service=services.current()))
    close_referral(case.reference, outcome="advice_only", text="Self-test", by=TESTER, at=at)
    _tell(way, at=at)


def _go_on(case: Referral, *, at: datetime) -> None:
    """Answer or begin a promise of the last referral, which is closed. A running one of the future is moved to now."""
    clock = Clock.objects.filter(case=case.pk, kind=ClockKind.ACKNOWLEDGE).order_by("-id").first()
    if clock is not None and clock.stopped_at is None and clock.started_at <= at + PATIENCE:
        way = _way(clock, clock.started_at, at=at)
        if way.is_over:
            _stop_promise(case, at=at)
            _tell(way, at=at)
    elif clock is None or not _is_recent(clock.started_at, EVERY, at=at):
        _start_promise(case, at=at)


@one_transaction()
def _start_promise(case: Referral, *, at: datetime) -> None:
    """Start a clock that pages loopback at once. A second one in a race finds the first."""
    lock(case)
    promise = Promise(
        kind=ClockKind.ACKNOWLEDGE,
        case=case.pk,
        stream=EMERGENCY,
        limit_hours=LIMIT_HOURS,
        started_at=at,
        tests_itself=True,
    )
    start(promise, act=Act(by=TESTER, at=at, service=services.current()))


@one_transaction()
def _stop_promise(case: Referral, *, at: datetime) -> None:
    lock(case)
    stop(case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=at, by=TESTER, at=at)


def _way(clock: Clock | None, began_at: datetime, *, at: datetime) -> _Way:
    page = Page.objects.filter(clock=clock).order_by("id").first() if clock else None
    arrived_at = page.sent_at if page else None
    return _Way(
        began_at=began_at,
        arrived_at=arrived_at,
        found_nobody=page is None and clock is not None and clock.climbed > 0,
        is_over=arrived_at is not None or began_at + PATIENCE <= at,
    )


def _tell(way: _Way, *, at: datetime) -> None:
    if way.arrived_at is not None:
        seconds = (way.arrived_at - way.began_at).total_seconds()
        beat("self_test", note=f"came back after {seconds:.1f} seconds", at=at)
    elif way.found_nobody:
        beat("self_test", note="not tested: nobody is on duty, see the rota", at=at)
    else:
        beat("self_test", note=f"failed: the referral of {rfc3339(way.began_at)} did not come back", at=at)
        raise_alarm("self_test", f"{way.began_at:%Y-%m-%d %H:%M} UTC", at=at)


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
