"""People and cases for tests, made by the real use cases."""

import copy
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import service as services
from accounts.act import Act
from accounts.models import ApiClient, User
from accounts.people import Duty
from accounts.service import Service
from demo.patients import NEUROLOGY, PRESENTATIONS, findings, patient
from demo.people import add_people, add_rota
from kernel.actors import Actor
from kernel.time import rfc3339
from oncall import clocks
from oncall.models import Clock
from referrals.case.models import Event, Referral
from referrals.evidence.events import parse_event
from referrals.intake.validation import parse
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.record_event import record_event
from referrals.usecases.submit_referral import submit_referral
from referrals.usecases.triage_referral import TriageChoice, suggested_advice, triage_referral
from tests.scenery import set_once
from triage.assess import latest

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE_PERSON = {
    "patient__nhs_number": None,
    "patient__nhs_number_unknown_reason": "Overseas visitor",
    "patient__family_name": "Marlowe",
    "patient__given_name": "Ruth",
    "patient__date_of_birth": "1950-05-06",
    "patient__sex": "female",
}
NAMED = {path: value for path, value in ONE_PERSON.items() if "nhs_number" not in path}
WHOLE_SPINE = ["cervical", "thoracic", "lumbar"]
_numbers = itertools.count(1)


def set_the_scene(*, at: datetime = NOON) -> None:
    """Everybody of the demo, and a rota around the instant: coordinators and deputies change every day."""

    def build() -> None:
        add_people(at=at)
        add_rota(at=at, by_the_week=frozenset(Duty) - {Duty.COORDINATOR, Duty.DEPUTY})

    set_once(build, at=at)


def actor(username: str) -> Actor:
    if username == "client":
        return ApiClient.objects.get().actor
    return User.objects.get(username=username).actor


def off_duty(username: str, *, name: str = "") -> User:
    """Another coordinator, who is on no rota."""
    coordinator = User.objects.get(username="coordinator")
    return User.objects.create(
        username=username,
        name=name or username,
        role="coordinator",
        organisation_id="RXX01",
        is_demo=True,
        password=coordinator.password,
        duties=["coordinator"],
    )


def act_by(person: str | Actor, at: datetime, service: Service | None = None) -> Act:
    """An act of somebody, or of a user by name, under the settings given, else the present ones."""
    by = actor(person) if isinstance(person, str) else person
    return Act(by=by, at=at, service=service or services.current())


def body(
    presentation: str | dict[str, Any] = "weakness", *, at: datetime = NOON, **changes: Any
) -> dict[str, Any]:
    """A complete referral as JSON; `changes` replace values by path with double underscores."""
    number = next(_numbers)
    made: dict[str, Any] = {
        "patient": patient(number),
        "referrer": {
            "name": "Dr Priya Anand",
            "role": "gp",
            "organisation_ods": "Y12345",
            "callback_number": "01632 960101",
        },
        "location": {"kind": "home"},
        "clinician_suspected_at": rfc3339(at - timedelta(minutes=30)),
        "presentation": copy.deepcopy(
            PRESENTATIONS[presentation] if isinstance(presentation, str) else presentation
        ),
    }
    for path, value in changes.items():
        place = made
        *groups, name = path.split("__")
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = value
    return made


def submitted(
    presentation: str | dict[str, Any] = "weakness", *, at: datetime = NOON, by: str = "gp", **changes: Any
) -> Referral:
    """A referral that has been sent."""
    sent = body(presentation, at=at, **changes)
    if by != "gp":
        sent["referrer"]["organisation_ods"] = actor(by).organisation
    case, _ = submit_referral(
        parse(sent, at=at), act=act_by(by, at), source="web", key=f"test:{next(_numbers)}"
    )
    return case


def acknowledged(presentation: str = "weakness", *, at: datetime = NOON, **changes: Any) -> Referral:
    case = submitted(presentation, at=at, **changes)
    return acknowledge_referral(case.reference, act=act_by("coordinator", at + timedelta(minutes=5)))


def decision(case: Referral, **changes: Any) -> TriageChoice:
    """The guideline's suggestion taken as it is, with changes."""
    result = latest(case.pk).result
    scans = case.suggested_stream in ("emergency", "one_week")
    return TriageChoice(
        **{
            "stream": case.suggested_stream,
            "investigations": ("mri_whole_spine",) if scans else (),
            "urgency": "within_24_hours" if scans else "",
            "advice": suggested_advice(result),
            **changes,
        }
    )


def triaged(presentation: str = "weakness", *, at: datetime = NOON, **changes: Any) -> Referral:
    case = submitted(presentation, at=at, **changes)
    return triage_referral(
        case.reference, decision(case), act=act_by("coordinator", at + timedelta(minutes=10))
    )


def report(
    case: Referral,
    kind: str,
    *,
    at: datetime,
    by: str = "coordinator",
    recorded_at: datetime | None = None,
    **data: Any,
) -> Event:
    """A fact of a case, by default recorded when it happens."""
    recorded = recorded_at or at
    fact = parse_event({"kind": kind, "occurred_at": rfc3339(at), "data": data}, at=recorded)
    event, _, _ = record_event(case.reference, fact, act=act_by(by, recorded))
    return event


def scan(
    case: Referral, *, at: datetime, regions: list[str] | None = None, modality: str = "mri", **more: Any
) -> Event:
    return report(case, "mri_performed", at=at, modality=modality, regions=regions or WHOLE_SPINE, **more)


def again(case: Referral) -> Referral:
    """The case as the database has it now."""
    return Referral.objects.get(pk=case.pk)


def clock(case: Referral, kind: str, *, limit: float | None = None) -> Clock:
    """The newest clock of a kind."""
    found = Clock.objects.filter(case=case.pk, kind=kind)
    if limit is not None:
        found = found.filter(limit_hours=limit)
    return found.latest("id")


def running(case: Referral) -> set[str]:
    """The kinds of the promises that run; what is only measured is none."""
    return {clock.kind for clock in clocks.of_case(case.pk) if clock.stopped_at is None}


ALL_NO = findings(NEUROLOGY)
