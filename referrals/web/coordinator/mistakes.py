"""Mistakes: addenda, merging, and what has already gone out about a wrong entry."""

from collections.abc import Callable, Mapping, Sequence

from django.db.models import Q

from oncall.models import Page
from referrals import codes
from referrals.models import Referral
from referrals.states import Action, Status
from referrals.timeline import Happening
from referrals.usecases.add_addendum import add_addendum
from referrals.usecases.merge_cases import merge_cases
from referrals.web.coordinator.acts import Sent
from referrals.web.coordinator.forms import Typing, choice, flag, text
from referrals.web.inputs import Input
from referrals.web.talk import TOLD_WORDS

Made = tuple[str, Action, tuple[Input, ...]]


def mistake_forms(
    case: Referral, history: Sequence[Happening], same: Mapping[str, str], typing: Mapping[str, Typing]
) -> dict[str, Made]:
    def t(act: str) -> Typing:
        return typing.get(act, Typing())

    amended = {
        str(line.number): f"{line.what}, {line.actor}"
        for line in reversed(history)
        if not line.kind.startswith(("clock", "page"))
    }
    return {
        "addendum": ("Add", Action.ADD_ADDENDUM, (
            choice("about", "What it is about", {"": "Choose", **amended}, t("addendum"), kind="select"),
            text("text", "Addendum", t("addendum"), area=True, hint="What was written stays; this stands beside it"),
        )),
        "merge": ("Merge into this case", Action.MERGE, (
            choice("other", "The other case, which ends", {"": "Choose", **same}, t("merge"), kind="select") if same
            else text("other", "Reference of the other case, which ends", t("merge"), short=True),
            text("text", "Why they are one", t("merge"), hint="Such as: confirmed on the telephone with the ward"),
            flag("confirmed", "I have made sure that both are the same person", t("merge")),
        )),
    }  # fmt: skip


def entered_again_as(case: Referral) -> tuple[str, ...]:
    """The referrals that were entered instead of one that was entered in error."""
    if case.status != Status.ENTERED_IN_ERROR:
        return ()
    return tuple(case.corrected_by.order_by("id").values_list("reference", flat=True))


def gone_out(case: Referral) -> tuple[str, ...]:
    """What has been sent about a case that was entered in error, so that each can be put right."""
    if case.status != Status.ENTERED_IN_ERROR:
        return ()
    letters = [
        f"{codes.LETTER_WORDS[row.kind]}, version {row.version}, to {row.recipient}: ring and say that it is void"
        for row in case.letters.order_by("id")
    ]
    notices = [
        f"To the referrer, “{TOLD_WORDS[row.kind]}”, by {row.channel}"
        + ("; the correction followed" if row.kind != "correction" else "")
        for row in case.notices.exclude(kind="correction").filter(sent_at__isnull=False).order_by("id")
    ]
    messages = [
        f"Message of {row.by_name}: {row.note.text[:80]}" for row in case.messages.select_related("note")
    ]
    paged = Page.objects.filter(Q(clock__case=case.pk), sent_at__isnull=False).exclude(channel="screen")
    people = sorted(set(paged.values_list("recipient__name", flat=True)))
    pages = [f"Pages to {name}: they stopped when it was marked" for name in people]
    return (*letters, *notices, *messages, *pages)


def _addendum(sent: Sent) -> str:
    add_addendum(
        sent.reference, about=sent.number("about"), text=(sent.typed.get("text") or [""])[-1], **sent.act
    )
    return "Added. What was written before stays"


def _merge(sent: Sent) -> str:
    merge_cases(
        sent.reference,
        other=sent["other"],
        text=sent["text"],
        confirmed=bool(sent["confirmed"]),
        service=sent.service,
        **sent.act,
    )
    return "Merged. The earliest suspicion counts, and both referrals stay on record"


MISTAKE_ACTS: dict[str, Callable[[Sent], str]] = {"addendum": _addendum, "merge": _merge}
