"""Bad FHIR: thirteen deliberate faults, and mutations of good content. Never a 5xx, never half a referral."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from api.fhir import systems
from kernel.time import now
from referrals.case.models import Event, Patient, Referral
from tests.builders import set_the_scene
from tests.machines.fhir import FhirMachine, alone, referral, report, study, transaction

pytestmark = pytest.mark.django_db
SEED, IN_THE_SUITE = 19, 150
ODD = (
    None,
    "",
    [],
    {},
    0,
    -1,
    1.5,
    True,
    "x",
    "\x00",
    "\ud800",
    "9" * 300,
    ["x"],
    {"x": None},
    {"reference": "#p"},
    10**30,
    "2026-13-45",
    "MSCC-7K3QF-X",
)


@pytest.fixture
def epr() -> FhirMachine:
    set_the_scene(at=now())
    return FhirMachine()


def _patient(made: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in made["contained"] if row["resourceType"] == "Patient")


def _two_numbers(made: dict[str, Any]) -> None:
    _patient(made)["identifier"].append({"system": systems.NHS_NUMBER, "value": "9990000026"})


FAULTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "two NHS numbers": _two_numbers,
    "NHS identifier without value": lambda made: _patient(made)["identifier"][0].pop("value"),
    "gender M": lambda made: _patient(made).update(gender="M"),
    "birthDate in English": lambda made: _patient(made).update(birthDate="03/02/1950"),
    "status submitted": lambda made: made.update(status="submitted"),
    "no intent": lambda made: made.pop("intent"),
    "subject is a Practitioner": lambda made: made.update(subject={"reference": "Practitioner/1"}),
    "unknown property": lambda made: made.update(colour="red"),
    "bad dateTime": lambda made: made.update(authoredOn="2026-11-20 10:00"),
    "empty string": lambda made: made.update(patientInstruction=""),
    "empty array": lambda made: made.update(note=[]),
    "null": lambda made: made.update(note=None),
    "Task open": lambda made: made["contained"].append(
        {"resourceType": "Task", "status": "open", "intent": "order"}
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refused_with_its_place(epr: FhirMachine, fault: str) -> None:
    made = alone(referral())
    FAULTS[fault](made)
    answer = epr.post("ServiceRequest", made)
    assert answer.status_code == 400, answer.content
    assert answer.json()["issue"][0]["expression"]
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        " ",
        "[]",
        "null",
        "1",
        '"x"',
        "{",
        '{"a":1,"a":2}',
        "[" * 5000,
        '{"resourceType":"Bundle"}',
        '{"resourceType":"Bundle","type":"transaction"}',
        '{"resourceType":["Patient"]}',
        "{}",
    ],
)
def test_a_body_that_is_no_resource(epr: FhirMachine, body: str) -> None:
    assert epr.post("", body).status_code == 400
    assert epr.post("ServiceRequest", body).status_code == 400


def test_a_body_above_the_limit(epr: FhirMachine) -> None:
    assert epr.post("", "x" * 300_000).status_code == 413


def mutated(body: Any, dice: random.Random) -> Any:
    """The same content with one to three places made odd."""
    made = copy.deepcopy(body)
    for _ in range(dice.randint(1, 3)):
        place, key = dice.choice(_places(made))
        how = dice.random()
        if how < 0.25 and isinstance(place, dict):
            place.pop(key, None)
        elif how < 0.35 and isinstance(place, list):
            place.append(copy.deepcopy(place[key]))
        else:
            place[key] = copy.deepcopy(dice.choice(ODD))
    return made


def _places(body: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [body]
    while waiting:
        part = waiting.pop()
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        for key in keys:
            found.append((part, key))
            if isinstance(part[key], dict | list) and part[key]:
                waiting.append(part[key])
    return found or [({"x": 1}, "x")]


def fuzz(epr: FhirMachine, *, count: int, seed: int) -> dict[int, int]:
    """Send mutations of everything this door takes, and count the answers by status."""
    dice = random.Random(seed)
    at = now()
    good = (
        ("", transaction(referral(), more=(study(at=at), report(at=at)))),
        ("ServiceRequest", alone(referral("pain_only"))),
        (
            "DiagnosticReport",
            report(at=at, subject={"identifier": {"system": systems.NHS_NUMBER, "value": "9990000018"}}),
        ),
        (
            "ImagingStudy",
            study(at=at, subject={"identifier": {"system": systems.NHS_NUMBER, "value": "9990000018"}}),
        ),
    )
    answers: dict[int, int] = {}
    for _ in range(count):
        path, body = dice.choice(good)
        answer = epr.post(path, json.dumps(mutated(body, dice)))
        answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
    return answers


def test_mutations_are_taken_or_refused_and_leave_nothing_half_stored(epr: FhirMachine) -> None:
    answers = fuzz(epr, count=IN_THE_SUITE, seed=SEED)
    assert set(answers) <= {200, 201, 400, 403, 404, 409, 422, 428}
    assert len(answers) > 2
    assert Referral.objects.count() == Patient.objects.count()
    assert not Event.objects.filter(referral=None).exists()
