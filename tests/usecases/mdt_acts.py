"""What the MDT does, for tests: each act with everything that it needs, by the real use cases."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.refusals import Invalid
from kernel.time import rfc3339
from mdt.models import Decision, Opinion, Outcome, Plan, Treatment
from mdt.usecases.decide_treatment import decide_treatment
from mdt.usecases.give_opinion import give_opinion
from mdt.usecases.keep_plan import keep_plan
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.record_decision import record_decision
from mdt.usecases.record_outcome import record_outcome
from referrals.case.models import Referral
from tests.builders import NOON, act_by, actor, again, report, scan, triaged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = NOON + 4 * HOUR
MEMBER = {"spinal_surgery": "mdt", "oncology": "mdt-oncology", "radiology": "mdt-radiology"}


def confirmed(presentation: str = "weakness", result: str = "mscc") -> Referral:
    case = triaged(presentation)
    scan(case, at=NOON + 2 * HOUR)
    report(case, "mri_reported", at=NOON + 3 * HOUR, result=result)
    return again(case)


def asked(
    case: Referral, *specialties: str, at: datetime = NOW, discussion: str = "virtual_urgent"
) -> Referral:
    return list_for_mdt(
        case.reference,
        question="surgery",
        text="Unstable?",
        discussion=discussion,
        asked=specialties,
        act=act_by("coordinator", at),
    )


def said(
    case: Referral,
    specialty: str,
    *,
    by: str = "",
    at: datetime = NOW + HOUR,
    seen: int | None = None,
    **content: Any,
) -> Opinion:
    by = by or MEMBER[specialty]
    sent = {"given_by": actor(by).name, "given_at": rfc3339(at), "words": "As written", **content}
    return give_opinion(
        case.reference,
        specialty,
        {f"opinion.{k}": v for k, v in sent.items()},
        seen=seen,
        by=actor(by),
        at=at,
    )


def decided(
    case: Referral,
    *outcomes: str,
    present: tuple[str, ...] = tuple(MEMBER),
    by: str = "coordinator",
    at: datetime = NOW + 2 * HOUR,
    meeting: int | None = None,
    seen: int | None = None,
    **content: Any,
) -> Decision:
    sent: dict[str, Any] = {
        "decided_at": rfc3339(at),
        "outcomes": list(outcomes),
        "recommendation": "As agreed",
        "owner": "Dr Helen Moss",
        "chaired_by": "Mr Alun Price",
        **content,
    }
    paths = {f"decision.{name}": value for name, value in sent.items()}
    for specialty in present:
        paths |= {f"spoken.{specialty}.position": "agrees", f"spoken.{specialty}.name": specialty.title()}
    paths |= {name: value for name, value in content.items() if name.startswith("spoken.")}
    return record_decision(
        case.reference,
        {k: v for k, v in paths.items() if not k.startswith("decision.spoken.")},
        discussion="scheduled" if meeting else "virtual_urgent",
        meeting=meeting,
        seen=seen,
        act=act_by(by, at),
    )


def treated(
    case: Referral,
    code: str,
    *,
    by: str = "coordinator",
    at: datetime = NOW + 3 * HOUR,
    seen: int | None = None,
    **content: Any,
) -> Treatment:
    sent: dict[str, Any] = {
        "decided_at": rfc3339(at),
        "decided_by": "Dr Helen Moss",
        "grade": "consultant",
        "consent": "consented",
        **content,
    }
    return decide_treatment(
        case.reference, code, {f"treatment.{k}": v for k, v in sent.items()}, seen=seen, act=act_by(by, at)
    )


RADIOTHERAPY = {"levels": "T7 to T9", "side_effect_risk": "usual", "wants_radiotherapy": "yes"}
WHOLE_PLAN = {
    "key_worker": "Nurse Kit Barlow",
    "who_to_call": "The coordinator",
    "destination": "home",
    "goals": "To garden",
    "ongoing_care_assessed_on": "2026-11-20",
    "rehabilitation_assessed_on": "2026-11-20",
}


def kept(
    case: Referral,
    *,
    sign: bool = False,
    seen: int | None = None,
    by: str = "coordinator",
    at: datetime = NOW + 5 * HOUR,
    **content: Any,
) -> Plan:
    sent = {f"plan.{name}": value for name, value in content.items()}
    return keep_plan(case.reference, sent, sign=sign, seen=seen, act=act_by(by, at))


def observed(case: Referral, point: str, *, at: datetime, seen: int | None = None, **content: Any) -> Outcome:
    sent = {
        "outcome.point": point,
        "outcome.observed_at": rfc3339(at),
        **{f"outcome.{k}": v for k, v in content.items()},
    }
    return record_outcome(case.reference, sent, seen=seen, by=actor("coordinator"), at=at)


def problems(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(refused.value.errors)
