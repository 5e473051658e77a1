"""The demo's cases: each a referral and the acts on it, played through the real use cases in order of time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts import service as services
from accounts.act import Act
from accounts.models import ApiClient, User
from accounts.service import Service
from demo import mdt
from demo.patients import NEUROLOGY, NO, PRESENTATIONS, patient
from demo.people import CLIENT_ID, HOSPITAL, PRACTICE
from kernel.actors import Actor
from kernel.time import rfc3339
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.evidence.events import parse_event
from referrals.intake.codes import ADVICE_TOPICS
from referrals.intake.validation import parse
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.answer_care import answer_care
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.decide_disposition import Destination, decide_disposition
from referrals.usecases.judge_course import judge_course
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.record_event import record_event
from referrals.usecases.record_score import record_score
from referrals.usecases.redirect_referral import redirect_referral
from referrals.usecases.share_case import share_case
from referrals.usecases.submit_referral import submit_referral
from referrals.usecases.triage_referral import TriageChoice, suggested_advice, triage_referral
from referrals.usecases.withdraw_referral import withdraw_referral
from triage.assess import latest
from triage.guideline.rule import Stream

WHOLE_SPINE = ["cervical", "thoracic", "lumbar", "sacral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One case of the demo. `acts` are (minutes after sending, act, its argument)."""

    presentation: str
    minutes_ago: float
    acts: tuple[tuple[float, str, Any], ...] = ()
    door: str = "gp"
    suspected_before: float = 20
    concern: str = "as_guideline"
    clinical: dict[str, Any] = field(default_factory=dict)


def _care(ack: float, *later: tuple[float, str, Any]) -> tuple[tuple[float, str, Any], ...]:
    """Acknowledge, speak to the referrer, triage, share with the hospital, then the later acts."""
    first = ((ack, "acknowledge", None), (ack + 4, "call", "spoke"), (ack + 9, "triage", None))
    return (*first, (ack + 10, "share", HOSPITAL), *later)


_GOING = (25.0, "go", "ambulance")
_SCAN = ((30.0, "mri_requested", None), (55.0, "mri_booked", 180))
_DONE = (260.0, "mri_performed", WHOLE_SPINE)

_SINS = {"location": "semirigid", "pain": "mechanical", "bone_lesion": "lytic", "alignment": "normal",
         "collapse": "under_half", "posterolateral": "unilateral"}  # fmt: skip

PLAYS: tuple[Play, ...] = (
    # Waiting for an acknowledgement
    Play(presentation="weakness", minutes_ago=3),
    Play(presentation="cauda_equina", minutes_ago=19, door="ward"),
    Play(presentation="pain_only", minutes_ago=8, concern="emergency"),
    Play(presentation="little_known", minutes_ago=14),
    Play(presentation="cancer_suspected", minutes_ago=50),
    Play(presentation="back_pain", minutes_ago=95),
    Play(presentation="no_cancer", minutes_ago=130),
    Play(presentation="neurology_done", minutes_ago=35),
    # Acknowledged, in progress
    Play(presentation="not_examined", minutes_ago=25, acts=((4, "acknowledge", None),)),
    Play(presentation="unstable", minutes_ago=48, door="ward", acts=_care(6, (30, "immobilised", None))),
    Play(presentation="first_cancer", minutes_ago=70, acts=((8, "acknowledge", None), (12, "call", "message_left"))),
    Play(presentation="impending", minutes_ago=40, door="api", acts=((5, "acknowledge", None), (9, "call", "spoke"))),
    # Scan under way
    Play(presentation="weakness", minutes_ago=150, acts=_care(5, _GOING, *_SCAN)),
    Play(presentation="radicular", minutes_ago=330, acts=_care(11, *_SCAN)),
    Play(presentation="pacemaker", minutes_ago=400, door="ward", acts=_care(7, _GOING, (40, "mri_requested", None))),
    Play(presentation="myeloma_suspected", minutes_ago=600, door="api", acts=_care(9, *_SCAN)),
    Play(presentation="cauda_equina", minutes_ago=1300, suspected_before=60, acts=_care(14, _GOING)),
    Play(presentation="weakness", minutes_ago=1700, suspected_before=200, acts=_care(12, *_SCAN)),
    Play(presentation="pain_only", minutes_ago=1500, acts=_care(50)),
    Play(presentation="pain_severe", minutes_ago=3000, acts=_care(70, (300, "mri_requested", None))),
    Play(presentation="pain_only", minutes_ago=8700, suspected_before=8700, acts=_care(130, (400, "mri_requested", None))),
    Play(presentation="metastases_seen", minutes_ago=2600, door="api", acts=_care(90)),
    Play(presentation="weakness", minutes_ago=380, suspected_before=90, door="ward",
         acts=_care(4, *_SCAN, (300, "mri_performed", ["lumbar", "sacral"]))),
    # Scanned
    Play(presentation="weakness", minutes_ago=500, door="ward", acts=_care(4, _GOING, *_SCAN, _DONE)),
    Play(presentation="unstable", minutes_ago=700, door="api",
         acts=_care(5, *_SCAN, _DONE, (300, "mri_reported", "mscc"),
                    (640, "list_for_mdt", ("surgery", ("spinal_surgery", "radiology", "oncology"))), (660, "opinion", "radiology"))),
    Play(presentation="radicular", minutes_ago=900,
         acts=_care(6, *_SCAN, _DONE, (310, "mri_reported", "mscc"),
                    (320, "list_for_mdt", ("surgery", ("spinal_surgery", "oncology", "radiology"))),
                    (335, "opinion", "radiology"), (340, "score", ("sins", "T8", _SINS)),
                    (342, "score", ("bilsky", "T8", {"grade": "2"})), (350, "opinion", "spinal_surgery"),
                    (360, "opinion", "oncology"), (380, "decide", "radiotherapy"),
                    (420, "treat", ("rt_single_8gy", {"levels": "T7 to T9", "side_effect_risk": "usual", "wants_radiotherapy": "yes"})))),
    Play(presentation="cauda_equina", minutes_ago=4200, door="ward",
         acts=_care(9, _GOING, *_SCAN, _DONE, (330, "mri_reported", "cauda_equina_compression"),
                    (400, "list_for_mdt", "surgery"), (470, "judge", {"surgery_suitable": "no"}),
                    (480, "decision_to_treat", "radiotherapy"),
                    (900, "radiotherapy_started", None), (1000, "admitted", None),
                    (1010, "care", ("start_discharge_planning", "planned")), (1020, "care", ("talk_about_diagnosis", "done")),
                    (1100, "plan", False), (2600, "plan", True), (2700, "outcome", ("end_of_treatment", "with_aid")))),
    Play(presentation="pain_only", minutes_ago=5200,
         acts=_care(60, (200, "mri_requested", None), (3000, "mri_performed", WHOLE_SPINE),
                    (3100, "mri_reported", "metastases_no_compression"), (3300, "list_for_mdt", "stability"))),
    Play(presentation="pain_severe", minutes_ago=4000,
         acts=_care(40, (1500, "mri_performed", WHOLE_SPINE), (1600, "mri_reported", "no_malignant_disease"))),
    # Worse since
    Play(presentation="pain_only", minutes_ago=2900,
         acts=_care(45, (300, "mri_requested", None), (2880, "worse", "limb_weakness"))),
    # Advice only
    Play(presentation="cancer_suspected", minutes_ago=2000, acts=((60, "triage", None),)),
    Play(presentation="back_pain", minutes_ago=2500, acts=((100, "triage", None),)),
    Play(presentation="no_cancer", minutes_ago=3500, acts=((200, "triage", None),)),
    # Ended
    Play(presentation="radicular", minutes_ago=6000, acts=_care(8, *_SCAN, _DONE,
         (310, "mri_reported", "nerve_root_only"), (500, "close", "metastases_without_compression"))),
    Play(presentation="weakness", minutes_ago=7000, door="ward", acts=_care(3, _GOING, *_SCAN, _DONE,
         (330, "mri_reported", "mscc"), (400, "list_for_mdt", "surgery"), (450, "decision_to_treat", "surgery"),
         (800, "surgery_started", None), (4000, "close", "treated"))),
    Play(presentation="pain_severe", minutes_ago=7500, acts=_care(30, (900, "died", None), (1000, "close", "died"))),
    Play(presentation="no_cancer", minutes_ago=5000, acts=((90, "redirect", "musculoskeletal"),)),
    Play(presentation="not_examined", minutes_ago=6400,
         acts=((5, "acknowledge", None), (12, "call", "spoke"), (18, "complete", None), (22, "triage", None))),
    Play(presentation="back_pain", minutes_ago=5600, door="api", acts=((30, "withdraw", None),)),
    Play(presentation="little_known", minutes_ago=6800, acts=((40, "error", None),)),
    Play(presentation="weakness", minutes_ago=9000, suspected_before=8640, acts=_care(5, *_SCAN, _DONE,
         (400, "mri_reported", "non_malignant_compression"), (600, "close", "mscc_ruled_out"))),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The actors of the demo, and its settings."""

    people: dict[str, Actor]
    service: Service

    def act(self, name: str, *, at: datetime) -> Act:
        """An act of one of them."""
        return Act(by=self.people[name], at=at, service=self.service)


def cast() -> Cast:
    """The people and the hospital system of the demo, by user name, with the current settings; needs the demo data."""
    people = {user.username: user.actor for user in User.objects.filter(is_demo=True)}
    people["api"] = ApiClient.objects.get(client_id=CLIENT_ID).actor
    return Cast(people=people, service=services.current())


def body_of(play: Play, number: int, *, at: datetime, cast: Cast) -> dict[str, Any]:
    """The referral as its door receives it."""
    door = cast.people["ward" if play.door == "api" else play.door]
    at_home = play.door == "gp"
    return {
        "patient": patient(number),
        "referrer": {
            "name": door.name,
            "role": "gp" if at_home else "ward_doctor",
            "organisation_ods": PRACTICE if at_home else HOSPITAL,
            "callback_number": "01632 960101" if at_home else "01632 960102",
        },
        "location": {
            "kind": "home" if at_home else "ward",
            "detail": "" if at_home else f"Ward {number % 12 + 1}",
            "organisation_ods": None if at_home else HOSPITAL,
        },
        "clinician_suspected_at": rfc3339(at - timedelta(minutes=play.suspected_before)),
        "referrer_concern": play.concern,
        "presentation": PRESENTATIONS[play.presentation],
        "clinical": {
            "walking_now": "with_aid",
            "walking_two_weeks_ago": "unaided",
            "performance_status": number % 4,
            **play.clinical,
        },
    }


def send(play: Play, number: int, *, at: datetime, cast: Cast) -> Referral:
    """Send the referral of a play at an instant."""
    intake = parse(body_of(play, number, at=at, cast=cast), at=at)
    source = "api" if play.door == "api" else "web"
    key = f"demo:{number}:{at}"
    case, _ = submit_referral(intake, act=cast.act(play.door, at=at), source=source, key=key)
    return case


def play_all(*, at: datetime) -> int:
    """Play every case up to now in order of time, and sweep the clocks on the way."""
    company = cast()
    mdt.plan_the_next_meeting(act=company.act("coordinator", at=at))
    steps: list[tuple[datetime, int, Callable[[dict[int, str]], None]]] = []
    for number, play in enumerate(PLAYS):
        sent_at = at - timedelta(minutes=play.minutes_ago)
        steps.append((sent_at, number, _send_step(play, number, sent_at, company)))
        for minutes, act, argument in play.acts:
            done_at = sent_at + timedelta(minutes=minutes)
            if done_at <= at:
                steps.append((done_at, number, _act_step(number, act, argument, done_at, company)))
    references: dict[int, str] = {}
    for instant, _, step in sorted(steps, key=lambda item: (item[0], item[1])):
        sweep(at=instant)
        step(references)
    sweep(at=at)
    return len(references)


def _send_step(play: Play, number: int, at: datetime, company: Cast) -> Callable[[dict[int, str]], None]:
    def step(references: dict[int, str]) -> None:
        references[number] = send(play, number, at=at, cast=company).reference

    return step


def _act_step(
    number: int, act: str, argument: Any, at: datetime, company: Cast
) -> Callable[[dict[int, str]], None]:
    def step(references: dict[int, str]) -> None:
        perform(references[number], act, argument, at=at, cast=company)

    return step


def perform(reference: str, act: str, argument: Any, *, at: datetime, cast: Cast) -> None:
    """One act of the coordinator, or a fact from the hospital."""
    by = cast.people["coordinator"]
    if act in ACTS:
        ACTS[act](reference, argument, by, at, cast)
        return
    data: dict[str, Any] = {"site": "Northmoor"} if act in ("mri_requested", "mri_booked") else {}
    if act == "mri_booked":
        data["booked_for"] = rfc3339(at + timedelta(minutes=argument))
    elif act == "mri_performed":
        data = {"modality": "mri", "regions": argument}
    elif act == "mri_reported":
        data = {"result": argument, "verified": True}
    elif act == "decision_to_treat":
        data = {"modality": argument}
    fact = parse_event({"kind": act, "occurred_at": rfc3339(at), "data": data}, at=at)
    record_event(reference, fact, act=cast.act("api" if act.startswith("mri") else "coordinator", at=at))


def _triage(reference: str, argument: Any, by: Actor, at: datetime, cast: Cast) -> None:
    case = Referral.objects.get(reference=reference)
    stream = Stream(case.suggested_stream)
    urgent = {Stream.EMERGENCY: "within_24_hours", Stream.ONE_WEEK: "within_1_week"}
    decision = TriageChoice(
        stream=stream.value,
        investigations=("mri_whole_spine",) if stream in urgent else (),
        urgency=urgent.get(stream, "not_needed"),
        advice=suggested_advice(latest(case.pk).result),
    )
    assert set(decision.advice) == set(ADVICE_TOPICS)
    triage_referral(reference, decision, act=Act(by=by, at=at, service=cast.service))


def _call(reference: str, argument: Any, by: Actor, at: datetime, cast: Cast) -> None:
    call = Call(occurred_at=at, direction="outgoing", channel="telephone", person="The referrer", number="01632 960101",
                with_referrer=True, outcome=argument, text="Went through the findings and the advice.")  # fmt: skip
    log_contact(reference, call, by=by, at=at)


def _complete(reference: str, argument: Any, by: Actor, at: datetime, cast: Cast) -> None:
    answers = {"neurology": dict.fromkeys(NEUROLOGY, NO)}
    complete_findings(reference, answers, source="telephone", act=Act(by=by, at=at, service=cast.service))


def _go(reference: str, argument: Any, by: Actor, at: datetime, cast: Cast) -> None:
    destination = Destination(kind=argument, site="Northmoor General Hospital", unit="Acute oncology",
                              ambulance_category="category_2", position="flat", told_by=by.name)  # fmt: skip
    decide_disposition(reference, destination, by=by, at=at)


def _worse(reference: str, argument: Any, by: Actor, at: datetime, cast: Cast) -> None:
    body = {"kind": "neurology_changed", "occurred_at": rfc3339(at), "data": {"neurology": {argument: "yes"}}}
    record_event(reference, parse_event(body, at=at), act=cast.act("gp", at=at))


ACTS: dict[str, Callable[[str, Any, Actor, datetime, Cast], object]] = {
    "acknowledge": lambda reference, argument, by, at, cast: acknowledge_referral(
        reference, act=Act(by=by, at=at, service=cast.service)
    ),
    "triage": _triage,
    "call": _call,
    "complete": _complete,
    "go": _go,
    "worse": _worse,
    **mdt.ACTS,
    "share": lambda reference, argument, by, at, cast: share_case(
        reference, organisation=argument, by=by, at=at
    ),
    "judge": lambda reference, argument, by, at, cast: judge_course(
        reference, argument, act=Act(by=by, at=at, service=cast.service)
    ),
    "care": lambda reference, argument, by, at, cast: answer_care(
        reference, code=argument[0], answer=argument[1], text="With the ward.", by=by, at=at
    ),
    "score": lambda reference, argument, by, at, cast: record_score(
        reference, kind=argument[0], about=argument[1], items=argument[2], by=by, at=at
    ),
    "redirect": lambda reference, argument, by, at, cast: redirect_referral(
        reference, route=argument, text="Long-standing mechanical pain, examined and normal.", by=by, at=at
    ),
    "close": lambda reference, argument, by, at, cast: close_referral(
        reference, outcome=argument, text="Nothing further for this service.", by=by, at=at
    ),
    "withdraw": lambda reference, argument, by, at, cast: withdraw_referral(
        reference, text="Sent for the wrong patient.", by=cast.people["api"], at=at
    ),
    "error": lambda reference, argument, by, at, cast: mark_entered_in_error(
        reference, text="A test of the form.", by=by, at=at
    ),
}
