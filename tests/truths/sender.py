"""What the tests of inputs that once failed send, and what they look at."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.urls import reverse

from demo.patients import NEUROLOGY, PAIN, findings
from kernel.time import now, rfc3339
from oncall.models import Page
from oncall.sweep import climb
from referrals.case.models import Event, Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.triage_referral import triage_referral
from tests.builders import WHOLE_SPINE, act_by, actor, again, body, decision, running
from tests.doors.forms import every_view, signed_in
from tests.doors.machines import Machine

COORDINATOR = "01632 960999"
ALARMED = {"acknowledge", "voice_contact"}
TO_EXAMINE = [
    "saddle_or_sphincter_signs",
    "neurology.bladder_or_bowel_dysfunction",
    "neurology.gait_disturbance",
    "neurology.limb_weakness",
    "neurology.cord_or_cauda_equina_signs",
]
STEROID = {
    "offer_dexamethasone_16mg",
    "continue_dexamethasone_16mg_daily",
    "consider_corticosteroid",
}
EMERGENCY: dict[str, Any] = {
    "cancer_context": "current",
    "haematological_malignancy": "no",
    "primary_site": "breast",
    "pain": {"progressive": "yes"},
    "neurology": findings(NEUROLOGY, "limb_weakness", "gait_disturbance"),
}
ON_STEROID = {**EMERGENCY, "dexamethasone_given": "yes"}
WEAK = {**ON_STEROID, "neurology": findings(NEUROLOGY, "limb_weakness")}
PAIN_ONLY: dict[str, Any] = {
    "cancer_context": "current",
    "haematological_malignancy": "no",
    "primary_site": "prostate",
    "pain": findings(PAIN, "nocturnal"),
    "neurology": findings(NEUROLOGY),
}


def ago(minutes: float) -> str:
    return rfc3339(now() - timedelta(minutes=minutes))


class Sender:
    """A hospital system and one referral that it has sent."""

    def __init__(
        self, hospital: Machine, presentation: dict[str, Any], *, suspected: float = 180, **changes: Any
    ) -> None:
        sent = body(presentation, at=now(), **{"clinician_suspected_at": ago(suspected), **changes})
        sent["referrer"]["organisation_ods"] = "RXX01"
        self.hospital, self.sent = hospital, sent
        answer = hospital.post("referrals/", sent)
        assert answer.status_code == 201, answer.content
        self.answer = answer.json()
        self.reference = self.answer["reference"]

    @property
    def case(self) -> Referral:
        return Referral.objects.get(reference=self.reference)

    def tell(
        self, kind: str, minutes: float | str, *, answered: int = 201, key: str = "", **data: Any
    ) -> dict[str, Any]:
        """Report a fact that happened so many minutes ago, or at this instant."""
        at = minutes if isinstance(minutes, str) else ago(minutes)
        number = Event.objects.count()
        answer = self.hospital.post(
            f"referrals/{self.reference}/events/",
            {"kind": kind, "occurred_at": at, "data": data},
            key=key or f"{self.reference}-{kind}-{number}-{at}",
        )
        assert answer.status_code == answered, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def scanned(self, minutes: float, *regions: str, **more: Any) -> dict[str, Any]:
        return self.tell(
            "mri_performed", minutes, modality="mri", regions=list(regions or WHOLE_SPINE), **more
        )

    def reported(self, result: str, minutes: float | str, **more: Any) -> dict[str, Any]:
        return self.tell("mri_reported", minutes, result=result, **more)

    def read(self) -> dict[str, Any]:
        answer = self.hospital.get(f"referrals/{self.reference}/")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    def advice(self) -> set[str]:
        return codes(self.read()["triage"]["advice"])

    def quiet(self) -> None:
        """Acknowledged, spoken to and triaged as suggested: nothing waits for a human."""
        self.acknowledge()
        triage_referral(self.reference, decision(again(self.case)), act=act_by("coordinator", now()))
        call = Call(
            occurred_at=now(),
            direction="outgoing",
            channel="telephone",
            person="Referrer",
            with_referrer=True,
            outcome="spoke",
        )
        log_contact(self.reference, call, by=actor("coordinator"), at=now())
        climb(at=now())
        assert not ALARMED & running(self.case)

    def acknowledge(self) -> None:
        acknowledge_referral(self.reference, act=act_by("coordinator", now()))


def codes(lines: Iterable[dict[str, Any]]) -> set[str]:
    return {line["code"] for line in lines}


def notices(answer: dict[str, Any]) -> set[str]:
    return codes(answer["notices"])


def pages_about(case: Referral, kind: str = "acknowledge") -> int:
    """How many pages beside the screen have been written about a kind of clock, after a sweep now."""
    climb(at=now())
    return Page.objects.filter(clock__case=case.pk, clock__kind=kind).exclude(channel="screen").count()


def page_of(case: Referral, *, by: str = "coordinator", name: str = "case") -> str:
    if name == "case":
        return every_view(signed_in(by), case)
    answer = signed_in(by).get(reverse(name, args=[case.reference]))
    assert answer.status_code == 200
    found: str = answer.content.decode()
    return found


def evaluated(hospital: Machine, presentation: dict[str, Any]) -> dict[str, Any]:
    answer = hospital.post(
        "triage/evaluate/", {"presentation": presentation, "clinician_suspected_at": ago(10)}, key=None
    )
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def the_finding_stands(of: Sender, *, whole_spine: bool = True) -> None:
    """Compression stands: steroid goes on, treatment is asked for, and nobody may end that as not needed."""
    shown = of.read()
    assert shown["presentation"]["imaging_finding"] == "mscc"
    assert shown["imaging"]["ruled_out"] is False
    said = codes(shown["triage"]["advice"])
    assert "stop_dexamethasone" not in said
    assert "continue_dexamethasone_16mg_daily" in said
    assert shown["stream"] == shown["triage"]["stream"] == "emergency"
    page = page_of(of.case)
    assert "MSCC is ruled out" not in page
    assert "Stop dexamethasone" not in page
    assert "You can end these clocks as not needed" not in page
    answer = signed_in("coordinator").post(reverse("act", args=[of.reference, "end-clocks"]), {}, follow=True)
    assert "A finding on imaging stands, or a result is open" in answer.content.decode()
