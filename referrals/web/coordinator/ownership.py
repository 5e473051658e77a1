"""Who works on a case and who is responsible for the patient, as the coordinator reads and changes it."""

from dataclasses import dataclass

from accounts.queries import colleagues_of
from kernel.actors import Role
from kernel.time import near
from oncall.kinds import ClockKind
from referrals.case.claims import hand_on_request_of, may_release
from referrals.case.states import Action
from referrals.usecases.accept_patient import accept_patient
from referrals.usecases.answer_hand_on import accept_hand_on, decline_hand_on
from referrals.usecases.claim_case import claim_case, hand_on_case, release_case, take_over_case
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct, instant_sent
from referrals.web.coordinator.casefile import CaseFile
from webkit.fields import Area, Choice, Moment, Text
from webkit.forms import Fields


def _colleagues(file: CaseFile) -> dict[str, str]:
    """The other coordinators, by user name."""
    return colleagues_of(file.by.user_id or 0, role=Role.COORDINATOR)


def _acceptance(file: CaseFile) -> Fields:
    return {
        "accepted_by": Text("Who accepted the patient, with role and hospital"),
        "accepted_at": Moment("When", initial=file.at),
    }


def _mine(file: CaseFile) -> str:
    return "" if may_release(file.case, by=file.by, at=file.at) else "It is not yours"


def _somebody_elses(file: CaseFile) -> str:
    return "Somebody else has it: take it over" if file.standing.somebody_elses else ""


def _claim(sent: SentAct) -> str:
    claim_case(sent.reference, act=sent.act)
    return "It is yours. Others who open it see your name"


def _release(sent: SentAct) -> str:
    release_case(sent.reference, by=sent.by, at=sent.at)
    return "Released. Anybody on duty may claim it"


def _hand_on(sent: SentAct) -> str:
    hand_on_case(sent.reference, to=sent["to"], text=sent.text(), act=sent.act)
    return "Asked. Your colleague is paged; the case stays yours until they accept"


def _hand_on_inputs(file: CaseFile) -> Fields:
    return {
        "to": Choice("To whom", {"": "Choose", **_colleagues(file)}, kind="select"),
        "text": Area(
            "Why, and what they need to know",
            hint="They are paged and read it with the case. It stays yours until they accept",
        ),
    }


def _accept_hand_on(sent: SentAct) -> str:
    accept_hand_on(sent.reference, act=sent.act)
    return "It is yours. Its next pages come to you"


def _decline_hand_on(sent: SentAct) -> str:
    decline_hand_on(sent.reference, text=sent["text"], act=sent.act)
    return "Declined. The case stays where it was, and the person who asked is paged"


def _not_asked(file: CaseFile) -> str:
    line = hand_on_line(file)
    return "" if line is not None and line.mine else "Nobody has asked you to take it"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOnLine:
    """That a colleague is asked to take the case. `mine` says that the reader is the one who answers."""

    words: str
    why: str
    mine: bool


def hand_on_line(file: CaseFile) -> HandOnLine | None:
    """Who asks whom to take a case, and why; None when nobody is asked."""
    request = hand_on_request_of(file.case) if file.runs(ClockKind.TASK) else None
    if request is None:
        return None
    return HandOnLine(
        words=f"{request.by} asks {request.colleague} to take this case. It stays with {request.by} until then; "
        f"an answer is due {near(request.due_at, at=file.at)}",
        why=request.reason,
        mine=request.person == file.by.user_id,
    )


def _take_over(sent: SentAct) -> str:
    take_over_case(sent.reference, text=sent["text"], act=sent.act)
    return "Taken over. The reason is in the timeline"


def _accept(sent: SentAct) -> str:
    accept_patient(
        sent.reference,
        accepted_by=sent["accepted_by"],
        accepted_at=instant_sent(sent, "accepted_at"),
        version=sent.seen,
        by=sent.by,
        at=sent.at,
    )
    return "Recorded. The referrer sees who is responsible now"


OWNERSHIP_ACTS = (
    CaseAct(
        name="claim",
        title="Claim this case, or renew the claim",
        group=ActGroup.DECIDE,
        action=Action.CLAIM,
        button="Claim",
        do=_claim,
        unless=_somebody_elses,
    ),
    CaseAct(
        name="release",
        title="Release this case",
        group=ActGroup.DECIDE,
        action=Action.RELEASE,
        button="Release",
        do=_release,
        unless=_mine,
    ),
    CaseAct(
        name="hand-on",
        title="Hand it to a colleague",
        group=ActGroup.DECIDE,
        action=Action.HAND_ON,
        button="Ask them to take it",
        do=_hand_on,
        unless=_somebody_elses,
        fields=_hand_on_inputs,
    ),
    CaseAct(
        name="accept-hand-on",
        title="Take the case you have been asked to take",
        group=ActGroup.DECIDE,
        action=Action.ACCEPT_HAND_ON,
        button="Take the case",
        do=_accept_hand_on,
        unless=_not_asked,
    ),
    CaseAct(
        name="decline-hand-on",
        title="Decline the case you have been asked to take",
        group=ActGroup.DECIDE,
        action=Action.DECLINE_HAND_ON,
        button="Decline",
        do=_decline_hand_on,
        unless=_not_asked,
        fields=lambda file: {"text": Text("Why you cannot take it")},
    ),
    CaseAct(
        name="take-over",
        title="Take it over",
        group=ActGroup.DECIDE,
        action=Action.TAKE_OVER,
        button="Take over",
        do=_take_over,
        fields=lambda file: {"text": Text("Why you take it over")},
        unless=lambda file: "" if file.standing.somebody_elses else "Nobody else has it: claim it",
    ),
    CaseAct(
        name="accept-patient",
        title="Somebody accepts the patient",
        group=ActGroup.MOVE,
        action=Action.ACCEPT_PATIENT,
        button="Record the acceptance",
        do=_accept,
        fields=_acceptance,
    ),
)
