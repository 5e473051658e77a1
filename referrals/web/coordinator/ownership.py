"""Who works on a case and who is responsible for the patient, as the coordinator reads and changes it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from accounts.models import User
from kernel.actors import Actor, Role
from referrals.models import Referral
from referrals.states import Action
from referrals.usecases.accept_patient import accept_patient
from referrals.usecases.claim_case import claim_case, hand_on_case, release_case, take_over_case
from referrals.usecases.read_news import read_news
from referrals.web.coordinator.acts import Sent, instant_sent
from referrals.web.coordinator.forms import Typing, choice, instant, text
from referrals.web.inputs import Input

Made = tuple[str, Action, tuple[Input, ...]]


def ownership_forms(
    case: Referral, typing: Mapping[str, Typing], *, by: Actor, at: datetime
) -> dict[str, Made]:
    def t(act: str) -> Typing:
        return typing.get(act, Typing())

    colleagues = User.objects.filter(role=Role.COORDINATOR.value, is_active=True).exclude(pk=by.user_id)
    names = dict(colleagues.order_by("name").values_list("username", "name"))
    return {
        "claim": ("Claim", Action.CLAIM, ()),
        "release": ("Release", Action.RELEASE, ()),
        "hand-on": ("Hand on", Action.HAND_ON,
                    (choice("to", "To whom", {"": "Choose", **names}, t("hand-on"), kind="select"),)),
        "take-over": ("Take over", Action.TAKE_OVER, (text("text", "Why you take it over", t("take-over")),)),
        "accept-patient": ("Record the acceptance", Action.ACCEPT_PATIENT, (
            text("accepted_by", "Who accepted the patient, with role and hospital", t("accept-patient")),
            instant("accepted_at", "When", t("accept-patient"), at=at),
        )),
    }  # fmt: skip


def _claim(sent: Sent) -> str:
    claim_case(sent.reference, service=sent.service, **sent.act)
    return "It is yours. Others who open it see your name"


def _release(sent: Sent) -> str:
    release_case(sent.reference, **sent.act)
    return "Released. Anybody on duty may claim it"


def _hand_on(sent: Sent) -> str:
    case = hand_on_case(sent.reference, to=sent["to"], service=sent.service, **sent.act)
    return f"Handed to {case.claimed_by_name}"


def _take_over(sent: Sent) -> str:
    take_over_case(sent.reference, text=sent["text"], service=sent.service, **sent.act)
    return "Taken over. The reason stands in the timeline"


def _accept(sent: Sent) -> str:
    accept_patient(
        sent.reference,
        accepted_by=sent["accepted_by"],
        accepted_at=instant_sent(sent, "accepted_at"),
        seen=sent.seen,
        **sent.act,
    )
    return "Recorded. The referrer sees who is responsible now"


def _news(sent: Sent) -> str:
    read_news(sent.reference, seen=sent.seen, **sent.act)
    return "Marked as read"


OWNERSHIP_ACTS: dict[str, Callable[[Sent], str]] = {
    "claim": _claim,
    "release": _release,
    "hand-on": _hand_on,
    "take-over": _take_over,
    "accept-patient": _accept,
    "news": _news,
}
