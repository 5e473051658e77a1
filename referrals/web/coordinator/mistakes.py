"""Mistakes: addenda, merging, and everything already sent about a wrong entry."""

from collections.abc import Sequence

from oncall.queries import names_of_paged
from referrals.case.episodes import MatchedCase
from referrals.case.models import Referral
from referrals.case.states import Action, Status
from referrals.intake import codes
from referrals.intake.fields import SEX
from referrals.usecases.add_addendum import add_addendum
from referrals.usecases.deny_death import deny_death
from referrals.usecases.identify_person import identify_person
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.undo_merge import undo_merge
from referrals.web.coordinator import forms
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.same_person import in_words, open_ones
from referrals.web.talk import NOTICE_WORDS
from webkit.fields import Area, Birth, Choice, Flag, Text
from webkit.forms import Fields
from webkit.typed import birth_of


def _addendum_inputs(file: CaseFile) -> Fields:
    entries = {
        str(line.number): f"{line.what}, {line.actor}"
        for line in reversed(file.history)
        if not line.kind.startswith(("clock", "page"))
    }
    return {
        "about": Choice("What it is about", {"": "Choose", **entries}, kind="select"),
        "text": Area("Addendum", hint="The original entry stays, with this beside it"),
    }


def _merge_inputs(file: CaseFile) -> Fields:
    same = {
        match.case.reference: f"{match.case.reference}: {in_words(match, file.case)}" for match in file.people
    }
    return {
        "other": Choice("The other case, which ends", {"": "Choose", **same}, kind="select")
        if same
        else Text("Reference of the other case, which ends", width="10"),
        "text": Text(
            "Why they are the same person", hint="Such as: confirmed on the telephone with the ward"
        ),
        "confirmed": Flag("I have made sure that both are the same person"),
    }


def reentries_of(case: Referral) -> tuple[str, ...]:
    """The referrals that were entered instead of one that was entered in error."""
    if case.status != Status.ENTERED_IN_ERROR:
        return ()
    return tuple(case.corrected_by.order_by("id").values_list("reference", flat=True))


def outgoing(case: Referral) -> tuple[str, ...]:
    """Everything sent about a case that was entered in error, so that each can be corrected."""
    if case.status != Status.ENTERED_IN_ERROR:
        return ()
    letters = [
        f"{codes.LETTER_WORDS[row.kind]}, version {row.version}, to {row.recipient}: ring and say that it is void"
        for row in case.letters.order_by("id")
    ]
    notices = [
        f"To the referrer, “{NOTICE_WORDS[row.kind]}”, by {row.channel}"
        + ("; the correction followed" if row.kind != "correction" else "")
        for row in case.notices.exclude(kind="correction").filter(sent_at__isnull=False).order_by("id")
    ]
    messages = [
        f"Message of {row.by_name}: {row.note.text[:80]}" for row in case.messages.select_related("note")
    ]
    pages = [f"Pages to {name}: stopped when the case was marked" for name in names_of_paged(case.pk)]
    return (*letters, *notices, *messages, *pages)


def _addendum(sent: SentAct) -> str:
    add_addendum(
        sent.reference,
        about=sent.number("about"),
        text=(sent.typed.get("text") or [""])[-1],
        by=sent.by,
        at=sent.at,
    )
    return "Added. The original entry stays"


def _merge(sent: SentAct) -> str:
    merge_cases(
        sent.reference,
        other=sent["other"],
        text=sent["text"],
        confirmed=bool(sent["confirmed"]),
        act=sent.act,
    )
    return "Merged. The earliest suspicion counts, and both referrals stay on record"


def _identify(sent: SentAct) -> str:
    names = ("family_name", "given_name", "nhs_number", "nhs_number_unknown_reason", "sex")
    identity = {name: sent[name] for name in names}
    identified = identify_person(
        sent.reference,
        {**identity, **birth_of(sent.typed, "date_of_birth")},
        text=sent["text"],
        under_18_route=sent.act.service["under_18_route"],
        by=sent.by,
        at=sent.at,
    )
    return "Identified. Everything else continues as before" + _others(
        open_ones(identified.others, by=sent.by)
    )


def _others(others: Sequence[MatchedCase]) -> str:
    if not others:
        return ""
    return f". {', '.join(match.case.reference for match in others)} may be of the same person: look, then merge if so"


def _unmerge(sent: SentAct) -> str:
    undo_merge(sent.reference, text=(sent.typed.get("text") or [""])[-1], act=sent.act)
    return "The merge is undone. Both cases run again, each with its own record"


def _identity_inputs(file: CaseFile) -> Fields:
    return {
        "family_name": Text("Family name"),
        "given_name": Text("Given name", hint="Leave empty for a person with one name"),
        "date_of_birth": Birth("Date of birth", hint="Enter only the year if that is all you know"),
        "nhs_number": Text("NHS number", width="10"),
        "nhs_number_unknown_reason": Text("Or why it is not known"),
        "sex": Choice("Sex", SEX, kind="select"),
        "text": Text("Where this comes from", hint="Such as: driving licence, brought by the police"),
    }


def _alive(sent: SentAct) -> str:
    deny_death(sent.reference, text=sent["text"], act=sent.act)
    return "The report of death is struck out. The clocks run on from when they started"


MISTAKE_ACTS = (
    CaseAct(
        name="identify",
        title="Identify this person",
        group=ActGroup.MEND,
        action=Action.IDENTIFY,
        button="Write who this is",
        do=_identify,
        fields=_identity_inputs,
        unless=lambda file: "" if file.case.patient.identity_unknown else "This person is identified",
    ),
    CaseAct(
        name="addendum",
        title="Add an addendum to an entry",
        group=ActGroup.MEND,
        action=Action.ADD_ADDENDUM,
        button="Add",
        do=_addendum,
        fields=_addendum_inputs,
    ),
    CaseAct(
        name="merge",
        title="Merge with another referral of the same person",
        group=ActGroup.MEND,
        action=Action.MERGE,
        button="Merge into this case",
        follows="The other referral ends and continues here, with its times. If they are two people you can undo it",
        do=_merge,
        fields=_merge_inputs,
    ),
    CaseAct(
        name="unmerge",
        title="They are two people: undo the merge",
        group=ActGroup.MEND,
        action=Action.UNDO_MERGE,
        button="Undo the merge",
        do=_unmerge,
        fields=lambda file: {"text": Area("Why they are two people")},
        unless=lambda file: "" if file.case.merged_into_id else "This case is not merged into another",
    ),
    CaseAct(
        name="alive",
        title="The report of death was wrong",
        group=ActGroup.MEND,
        action=Action.DENY_DEATH,
        button="Strike out the report of death",
        do=_alive,
        fields=lambda file: forms.reason("Why the report was wrong"),
        unless=lambda file: "" if file.case.died_at else "No death was reported",
    ),
)
