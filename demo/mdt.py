"""The MDT's acts in the demo: opinions, a decision, treatments, a plan, an outcome, and a meeting."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from accounts.act import Act
from kernel.actors import Actor
from kernel.time import from_london, london_date, rfc3339
from mdt.usecases.decide_treatment import decide_treatment
from mdt.usecases.give_opinion import give_opinion
from mdt.usecases.keep_plan import keep_plan
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.plan_meeting import plan_meeting
from mdt.usecases.record_decision import record_decision
from mdt.usecases.record_outcome import record_outcome

MEMBER = {
    "spinal_surgery": "mdt",
    "oncology": "mdt-oncology",
    "radiology": "mdt-radiology",
    "palliative_care": "mdt-palliative",
    "physiotherapy": "mdt-physiotherapy",
}
OPINIONS: dict[str, dict[str, Any]] = {
    "radiology": {
        "recommends": ["radiotherapy"],
        "imaging_reviewed": True,
        "stability": "likely_stable",
        "words": "Epidural disease at T8 with cord compression, some CSF seen. No collapse; posterior elements intact.",
    },
    "spinal_surgery": {
        "recommends": ["radiotherapy"],
        "imaging_reviewed": True,
        "surgery_suitable": "no",
        "surgery_reasons": ["radiosensitive", "performance_or_frailty"],
        "words": "Stable on imaging. I would not operate: radiosensitive disease, frail before this.",
    },
    "oncology": {
        "recommends": ["radiotherapy"],
        "grade": "consultant",
        "words": "8 Gy in a single fraction today. Further systemic options remain; prognosis intermediate.",
    },
}


def _form_fields(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{name}": value for name, value in values.items()}


def ask(reference: str, argument: Any, by: Actor, at: datetime, cast: Any) -> None:
    """`argument` is a question, or a question with the specialties to ask now."""
    question, specialties = (argument, ()) if isinstance(argument, str) else argument
    list_for_mdt(
        reference,
        question=question,
        text="Please advise.",
        asked=specialties,
        act=Act(by=by, at=at, service=cast.service),
        discussion="virtual_urgent" if specialties else "scheduled",
    )


def say(reference: str, specialty: Any, _: Actor, at: datetime, cast: Any) -> None:
    """Give the scripted opinion of this specialty, as its demo member."""
    member = cast.people[MEMBER[specialty]]
    content = {**OPINIONS[specialty], "given_by": member.name, "given_at": rfc3339(at)}
    give_opinion(reference, specialty, _form_fields("opinion", content), by=member, at=at)


def decide(reference: str, outcome: Any, by: Actor, at: datetime, cast: Any) -> None:
    """Record and sign an MDT decision from an urgent virtual discussion, with every specialty in agreement."""
    content = _form_fields(
        "decision",
        {
            "decided_at": rfc3339(at),
            "outcomes": [outcome],
            "considered": ["surgery", "radiotherapy", "supportive_care"],
            "stability": "likely_stable",
            "surgery_suitable": "no",
            "surgery_reasons": ["radiosensitive"],
            "prognosis": "intermediate",
            "imaging_reviewed": True,
            "wishes": "Wants to walk to the garden; wants treatment.",
            "recommendation": "8 Gy in a single fraction today. Mobilise with physiotherapy as pain allows.",
            "owner": "Dr Helen Moss, oncologist, 01632 960140",
            "chaired_by": by.name,
        },
    )
    for specialty in OPINIONS:
        name = cast.people[MEMBER[specialty]].name
        content |= {f"spoken.{specialty}.position": "agrees", f"spoken.{specialty}.name": name}
    record_decision(
        reference, content, discussion="virtual_urgent", act=Act(by=by, at=at, service=cast.service)
    )


def treat(reference: str, argument: Any, by: Actor, at: datetime, cast: Any) -> None:
    """`argument` is a modality with its answers; instants in them are minutes after now."""
    code, answers = argument
    values = {
        "decided_at": at,
        "decided_by": "Dr Helen Moss",
        "grade": "consultant",
        "consent": "consented",
        **{
            name: at + timedelta(minutes=value) if name.endswith("_at") else value
            for name, value in answers.items()
        },
    }
    plain = {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in values.items()}
    decide_treatment(
        reference,
        code,
        _form_fields("treatment", plain),
        act=cast.act("mdt-oncology", at=at),
    )


def plan(reference: str, sign: Any, by: Actor, at: datetime, cast: Any) -> None:
    """Save the scripted management plan, assessed today; signed when `sign` is true."""
    today = london_date(at).isoformat()
    content = _form_fields(
        "plan",
        {
            "key_worker": "Nurse Kit Barlow, acute oncology",
            "key_worker_telephone": "01632 960150",
            "who_to_call": f"The MSCC coordinator, {cast.service.telephone}",
            "ongoing_care_assessed_on": today,
            "ongoing_care": "District nurse twice a week; catheter care.",
            "rehabilitation_assessed_on": today,
            "rehabilitation": "Transfers with one; community physiotherapy.",
            "goals": "To sit in the garden with the dog.",
            "mobility": "with_aid",
            "destination": "home",
            "referrals": ["community_nursing", "palliative_care"],
        },
    )
    keep_plan(reference, content, sign=bool(sign), act=Act(by=by, at=at, service=cast.service))


def observe(reference: str, argument: Any, by: Actor, at: datetime, cast: Any) -> None:
    """`argument` is a point of follow-up with how the person walks."""
    point, walking = argument
    content = {"point": point, "observed_at": rfc3339(at), "walking": walking, "pain": 3, "bladder": "normal"}
    record_outcome(reference, _form_fields("outcome", content), by=by, at=at)


def plan_the_next_meeting(*, act: Act) -> None:
    """Plan tomorrow's meeting; its list closes an hour before."""
    starts_at = from_london(london_date(act.at) + timedelta(days=1), time(8, 30))
    plan_meeting(
        starts_at=starts_at,
        cut_off_at=starts_at - timedelta(hours=1),
        place="Seminar room, oncology",
        by=act.by,
        at=act.at,
    )


ACTS = {
    "list_for_mdt": ask,
    "opinion": say,
    "decide": decide,
    "treat": treat,
    "plan": plan,
    "outcome": observe,
}
