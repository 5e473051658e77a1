"""A hospital and the service over a month of simulated time, with outages on both sides; at its end they are compared."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse

from api.webhooks.courier import deliver
from api.webhooks.outbox import write_deliveries
from demo.patients import patient
from governance.identity_verification import verify_by_line
from kernel.time import now, rfc3339
from ledger.check import verify as verify_ledger
from referrals.case.models import Referral, UnmatchedFact
from tests.builders import set_the_scene
from tests.doors.forms import send_act, signed_in
from tests.doors.test_webhooks import Receiver
from tests.hospital.line import Line, Outages, Outbox, is_in
from tests.hospital.systems import ORDERS, Epr, Pas, Person, Ris, state_of
from tests.machines.fhir import FhirMachine, referral

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESULTS = (
    "mscc",
    "impending_compression",
    "metastases_no_compression",
    "no_malignant_disease",
    "non_diagnostic",
)


@dataclass(kw_only=True)
class Month:
    """A world of so many patients. `run` plays it, `disagreements` compares both sides."""

    patients: int
    seed: int
    inbox: Receiver
    days: float = 30.0
    step: int = 3  # hours between two looks of the coordinator and the couriers
    began: datetime = field(default_factory=lambda: now().replace(second=0, microsecond=0))
    plan: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice, self._order = random.Random(self.seed), itertools.count()
        self.line = Line(dice=self.dice, outages=self._outages(0.02, 3))
        boxes = [Outbox(line=self.line, outages=self._outages(0.04, 2)) for _ in range(3)]
        self.pas, self.ris = Pas(outbox=boxes[0]), Ris(outbox=boxes[1])
        self.epr = Epr(outbox=boxes[2], inbox=self.inbox)
        self.outboxes = boxes

    def _outages(self, part: float, count: int) -> Outages:
        """Outages that take this part of the month each."""
        starts = [self.began + self.dice.random() * self.days * DAY for _ in range(count)]
        return [(at, at + part * self.days * DAY) for at in starts]

    def run(self) -> None:
        """Everything that happens, in its order. Every hour the lines are tried again and the coordinator works."""
        set_the_scene(at=now())
        write_deliveries(at=now())
        with time_machine.travel(self.began, tick=False) as clock:
            self.epr.subscribe()
            for number in range(self.patients):
                self._admit(number)
            hours = int((self.days + 6) * 24)
            for hour in range(0, hours, self.step):
                self._at(self.began + hour * HOUR, self._look)
            while self.plan:
                at, _, act = heapq.heappop(self.plan)
                clock.move_to(at)
                act()
                for outbox in self.outboxes:
                    outbox.flush()
            self.line.outages, self.line.lost, self.epr.outbox.outages = (), 0.0, ()
            for _ in range(4):
                clock.shift(18 * HOUR)
                self._look()

    def _at(self, at: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self.plan, (max(at, self.began), next(self._order), act))

    def _look(self) -> None:
        """The coordinator works, the outboxes and the webhooks go, and the EPR follows what came."""
        for outbox in self.outboxes:
            outbox.flush()
        if is_in(self.line.outages):
            return
        work(self.ris)
        self.inbox.status = 503 if is_in(self.epr.outbox.outages) else 200
        write_deliveries(at=now())
        deliver(at=now())
        if self.inbox.status == 200:
            self.epr.follow()

    def _admit(self, number: int) -> None:
        """Plan the course of one person."""
        dice, at = self.dice, self.began + (0.05 + 0.7 * self.dice.random()) * self.days * DAY
        minutes = at.replace(second=0, microsecond=0)
        made = referral(
            dice.choice(("weakness", "pain_only", "back_pain")),
            clinician_suspected_at=rfc3339(minutes - HOUR),
        )
        made["patient"] = {**patient(number + 1), "local_id": f"H{number:05}"}
        person = Person(number=f"O-{number}", made=made)
        self.people.append(person)
        early = dice.random() < 0.3
        self._fact(
            minutes - 2 * HOUR if early else minutes + 5 * HOUR, lambda at: self.pas.tell(person, "A01", at)
        )
        self._at(minutes, lambda: self.epr.refer(person))
        if dice.random() < 0.08:
            self._at(minutes + HOUR, lambda: self.epr.cancel(person))
        self._scan(person, minutes + timedelta(minutes=dice.randint(60, 900)))
        if dice.random() < 0.06:
            self._fact(minutes + 3 * DAY, lambda at: self.pas.tell(person, "A08", at))
        elif dice.random() < 0.6:
            self._fact(minutes + 4 * DAY, lambda at: self.pas.tell(person, "A03", at))
        if dice.random() < 0.05:
            self._at(minutes + DAY, lambda: self.pas.join(person, f"H{number:05}"))

    def _scan(self, person: Person, at: datetime) -> None:
        """A scan with its reports; one in ten reports overtakes its scan, or is amended, or comes in words."""
        dice, name = self.dice, f"{person.number}-1"
        late = timedelta(hours=3) if dice.random() < 0.1 else timedelta()
        self._fact(at, lambda when: self.ris.scan(person, f"ACC-{name}", when), late=late)
        for number, (status, hours) in enumerate((("provisional", 1), ("final", 4), ("amended", 9))):
            if status == "amended" and dice.random() > 0.1:
                continue
            how = "words" if dice.random() < 0.1 else dice.choice(("v2", "fhir"))
            self._report(person, f"REP-{name}-{number}", at + hours * HOUR, status, dice.choice(RESULTS), how)

    def _report(self, person: Person, number: str, at: datetime, status: str, result: str, how: str) -> None:
        def tell(when: datetime) -> None:
            self.ris.report(person, number, when, status=status, result=result, how=how)

        self._fact(at, tell)

    def _fact(self, at: datetime, tell: Callable[[datetime], None], *, late: timedelta = timedelta()) -> None:
        """Something that happens at an instant, and is known to the hospital's system then, or `late`."""
        self._at(at + late, lambda: tell(at))

    def disagreements(self) -> list[str]:
        """Everything on which the two sides do not agree; empty at the end of a good month."""
        fhir, found = FhirMachine(), list[str]()
        for person in self.people:
            rows = fhir.get(f"ServiceRequest?identifier={ORDERS}%7C{person.number}").json().get("entry", ())
            if len(rows) != 1:
                found.append(f"{person.number}: {len(rows)} referrals")
                continue
            reference = rows[0]["resource"]["id"]
            held, known = held_of(fhir, reference), known_of(person)
            for name in known:
                if held[name] != known[name]:
                    found.append(f"{person.number} {name}: service {held[name]}, hospital {known[name]}")
            if self.epr.seen.get(reference) != state_of(fhir, reference):
                found.append(f"{reference}: the record believes {self.epr.seen.get(reference)}")
        if waiting := UnmatchedFact.objects.filter(settled_at=None).count():
            found.append(f"{waiting} facts wait for a coordinator")
        found += [f"{fault}" for fault in (verify_ledger()[1], verify_by_line()[1]) if fault]
        return found


def known_of(person: Person) -> dict[str, Any]:
    """What the hospital knows, in the form of `held_of`."""
    return {
        "scans": sorted(person.scans),
        "reports": sorted(person.reports),
        "stays": sorted(person.stays),
        "died": person.died,
    }


def held_of(fhir: FhirMachine, reference: str) -> dict[str, Any]:
    """What the service holds of a referral, as FHIR tells it."""

    def rows(kind: str, by: str) -> list[dict[str, Any]]:
        found = fhir.get(f"{kind}?{by}=ServiceRequest/{reference}").json().get("entry", ())
        return [entry["resource"] for entry in found]

    statuses = {"preliminary": "provisional"}
    return {
        "scans": sorted(
            (row["identifier"][0]["value"], row["started"]) for row in rows("ImagingStudy", "basedon")
        ),
        "reports": sorted(
            (
                row["identifier"][0]["value"],
                statuses.get(row["status"], row["status"]),
                row["conclusionCode"][0]["coding"][0]["code"],
                row["issued"],
            )
            for row in rows("DiagnosticReport", "based-on")
        ),
        "stays": sorted(
            (row["status"], row["period"].get("end") or row["period"]["start"])
            for row in rows("Encounter", "based-on")
        ),
        "died": fhir.get(f"Patient/{reference}").json().get("deceasedDateTime", ""),
    }


def work(ris: Ris) -> None:
    """The coordinator takes what is new, links what waits, and reads in the RIS what no machine could read."""
    new = list(Referral.objects.filter(status="submitted"))
    waiting = list(UnmatchedFact.objects.filter(settled_at=None).order_by("occurred_at"))
    if not new and not waiting:
        return
    coordinator = signed_in("coordinator")
    for case in new:
        assert send_act(coordinator, case, "acknowledge", follow=False).status_code == 302
    for row in waiting:
        settle(coordinator, row, ris)


def settle(coordinator: Client, row: UnmatchedFact, ris: Ris) -> None:
    """Link a kept fact to the referral of its person, if there is one yet."""
    case = Referral.objects.filter(patient__nhs_number=row.patient["nhs_number"]).first()
    if case is None:
        return
    sent = {"fact": str(row.pk), "reference": case.reference}
    if row.kind == "report_unread":
        sent["result"] = ris.results[row.data["report"]]
    elif row.kind == "numbers_merged":
        sent |= {"dismiss": "yes", "text": "One referral: the new number is written on it"}
    answer = coordinator.post(reverse("unmatched"), sent)
    assert answer.status_code == 302, answer.content
