"""The same facts by web form, REST, FHIR and HL7 v2 give the same case, evidence and clocks, and the same refusals."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts import service as services
from accounts.act import Act
from api.rest.representations import clock_json, imaging_json
from kernel.time import now, rfc3339
from ledger.read import Search, entries
from oncall.clocks import of_case
from referrals.case.case_facts import evidence_of
from referrals.case.models import Event, Referral, UnmatchedFact
from referrals.usecases.keep_unmatched_fact import link_unmatched_fact
from tests.builders import actor, again, set_the_scene
from tests.doors.test_parity import stored
from tests.machines.fhir import referral
from tests.machines.four_doors import DOORS, Told, facts_on
from tests.scenery import undone

pytestmark = pytest.mark.django_db
WHOLE = ["cervical", "thoracic", "lumbar"]
# Minutes after the referral, kind, data.
Course = tuple[tuple[int, str, dict[str, Any]], ...]
SCAN = (1, "mri_performed", {"modality": "mri", "regions": WHOLE, "scan": "ACC-1"})
FOUND: dict[str, Any] = {"status": "provisional", "result": "mscc", "regions": WHOLE, "report": "REP-1"}
COURSES: dict[str, Course] = {
    "reported, amended and admitted": (
        SCAN,
        (2, "mri_reported", FOUND),
        (4, "admitted", {}),
        (
            3,
            "mri_reported",
            {
                **FOUND,
                "status": "amended",
                "report": "REP-2",
                "result": "impending_compression",
                "replaces": "REP-1",
            },
        ),
    ),
    "the report before its scan": (
        (4, "admitted", {}),
        (2, "mri_reported", {**FOUND, "scan": "ACC-1"}),
        SCAN,
    ),
    "withdrawn": (
        SCAN,
        (2, "mri_reported", FOUND),
        (3, "mri_reported", {"status": "withdrawn", "report": "REP-1"}),
    ),
    "clean, then died": (
        SCAN,
        (2, "mri_reported", {**FOUND, "status": "final", "result": "no_malignant_disease"}),
        (3, "died", {}),
    ),
}
REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "a number of a report that is too long": (1, "mri_reported", {**FOUND, "report": "9" * 300}),
    "in the future": (60 * 24 * 40, "mri_reported", FOUND),
    "before birth": (-60 * 24 * 365 * 110, "mri_reported", FOUND),
    "more than a year before the symptoms": (-60 * 24 * 1200, "admitted", {}),
}


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


def by_each_door(course: Course, doors: tuple[str, ...] = tuple(DOORS)) -> dict[str, Any]:
    """What each door makes of a referral and its facts, from the same start at the same instants."""
    began, found = now().replace(second=0, microsecond=0), dict[str, Any]()
    made = referral(clinician_suspected_at=rfc3339(began - timedelta(minutes=30)))
    for name in doors:
        with undone():
            door = DOORS[name]()
            with time_machine.travel(began - timedelta(minutes=10), tick=False):
                case = door.refer(made)
            for minutes, kind, data in course:
                fact = Told(kind=kind, at=began - timedelta(minutes=10 - minutes), data=data)
                with time_machine.travel(began, tick=False):
                    answer = door.tell(case, fact)
                assert answer.is_taken, (name, fact, answer.words)
            found[name] = state(case)
    return found


def state(case: Referral) -> dict[str, Any]:
    """Everything of a case that no door may change."""
    case = again(case)
    spine = imaging_json(evidence_of(case, service=services.current()).picture)
    clocks = [clock_json(clock, at=case.updated_at) for clock in of_case(case.pk)]
    return {
        "case": {**stored(case), "died_at": case.died_at},
        "spine": spine,
        "clocks": sorted(clocks, key=lambda row: (row["kind"], row["due_at"])),
        "facts": facts_on(case),
    }


@pytest.mark.parametrize("course", COURSES)
def test_the_same_facts_make_the_same_case(course: str) -> None:
    found = by_each_door(COURSES[course])
    for part in found["rest"]:
        for name in found:
            assert found[name][part] == found["rest"][part], (name, part)


def test_a_machine_that_sends_a_report_again_adds_nothing() -> None:
    once, again_sent = (SCAN, (2, "mri_reported", FOUND)), (2, "mri_reported", FOUND)
    machines = ("rest", "fhir", "v2")
    made = by_each_door((*once, again_sent), machines)
    assert [kind for kind, _, _ in made["v2"]["facts"]] == ["mri_performed", "mri_reported"]
    assert made["v2"] == made["fhir"] == made["rest"]


def test_a_fact_before_its_referral_is_kept_alike_and_counts_alike_once_it_is_linked() -> None:
    made, began = referral(), now().replace(second=0, microsecond=0)
    fact = Told(kind="mri_reported", at=began - timedelta(minutes=20), data=FOUND)
    found: dict[str, Any] = {}
    for name in ("rest", "fhir", "v2"):
        with undone(), time_machine.travel(began, tick=False):
            door = DOORS[name]()
            door.person = made["patient"]
            assert [door.tell(None, fact).is_taken for _ in range(2)] == [True, True]
            [row] = UnmatchedFact.objects.all()
            kept = (row.kind, row.occurred_at, row.received_at, row.data, row.patient)
            assert (row.occurred_at, row.received_at) == (fact.at, began)
            case = door.refer(made)
            act = Act(by=actor("coordinator"), at=began, service=services.current())
            link_unmatched_fact(row.pk, reference=case.reference, act=act)
            found[name] = kept, state(case), [entry.at for entry in entries(Search(case=case.pk))]
    assert found["rest"] == found["fhir"]
    assert found["rest"] == found["v2"]


@pytest.mark.parametrize("fault", REFUSED)
def test_what_one_door_refuses_every_door_refuses_in_the_same_words(fault: str) -> None:
    minutes, kind, data = REFUSED[fault]
    made, fact = referral(), Told(kind=kind, at=now() + timedelta(minutes=minutes), data=data)
    words = ""
    for name in ("rest", "web", "fhir", "v2"):
        with undone():
            door = DOORS[name]()
            answer = door.tell(door.refer(made), fact)
            assert not answer.is_taken, name
            words = words or answer.words
            assert words
            assert words in answer.words, name
            assert not Event.objects.exists()
