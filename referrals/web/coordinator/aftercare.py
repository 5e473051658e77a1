"""Discharge, ongoing coordination and recurrence, as the coordinator reads and records them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.names import names_of
from accounts.people import role_in_words
from kernel.time import london_date, long_date, near
from ledger.read import of_case
from referrals.case.case_facts import fact_of
from referrals.case.coordination import Coordination, coordination_of
from referrals.case.models import Episode, Event, Referral
from referrals.case.states import Action, Status
from referrals.intake import codes
from referrals.promises.periods import plan_is_signed, shows_compression
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct, event
from referrals.web.coordinator.casefile import CaseFile
from webkit.fields import Choice, Moment, Text
from webkit.forms import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftercare:
    """The care that follows: who coordinates it, and the person's other episodes."""

    coordinated: str
    plan_signed: bool
    may_come_back: bool
    episodes: tuple[tuple[str, str], ...]  # words and reference


def aftercare(case: Referral, events: Sequence[Event], *, at: datetime) -> Aftercare:
    """From the events of the case in their true order."""
    return Aftercare(
        coordinated=coordinated_words(case, events, at=at),
        plan_signed=plan_is_signed(fact_of(e) for e in events),
        may_come_back=case.status == Status.CLOSED,
        episodes=tuple(_episodes(case)),
    )


def _episodes(case: Referral) -> list[tuple[str, str]]:
    """The episode that this one follows and those that follow it, by the reference of their first referral."""
    lines = []
    before = case.episode.follows
    if before is not None:
        lines.append((f"It has come back: earlier episode{_closed(before)}", _reference(before)))
    if case.episode.closed_at is None:  # nothing follows what has not ended
        return lines
    for later in case.episode.followed_by.order_by("opened_at"):
        lines.append(
            (f"It came back: episode of {long_date(london_date(later.opened_at))}", _reference(later))
        )
    return lines


def _closed(episode: Episode) -> str:
    return f", ended {long_date(london_date(episode.closed_at))}" if episode.closed_at else ""


def _reference(episode: Episode) -> str:
    return episode.referrals.order_by("id").values_list("reference", flat=True).first() or ""


def coordinated_words(case: Referral, events: Sequence[Event], *, at: datetime) -> str:
    """Whether ongoing care is coordinated (QS56 statement 5), by whom, and the last entry that shows it."""
    confirmed_at = next((e.occurred_at for e in events if shows_compression(fact_of(e))), None)
    if confirmed_at is None:
        return "MSCC is not confirmed: QS56 statement 5 does not count this case yet"
    return _coordinated(coordination_of(of_case(case.pk), confirmed_at=confirmed_at), at=at)


def _coordinated(coordination: Coordination, *, at: datetime) -> str:
    if coordination.last_at is None:
        return (
            "Not coordinated yet by the rule for QS56 statement 5: since MSCC was confirmed no coordinator has "
            "recorded anything about treatment, the MDT or discharge"
        )
    who = names_of({coordination.by})[coordination.by]
    role = role_in_words(coordination.role)
    return f"Coordinated by {who} ({role}); last entry {near(coordination.last_at, at=at)}: {coordination.last[0].lower()}{coordination.last[1:]}"


def _discharge_inputs(file: CaseFile) -> Fields:
    exceptions = {"": "A plan is signed", **codes.DISCHARGED_WITHOUT_PLAN}
    return {
        "occurred_at": Moment("When the person left hospital", initial=file.at),
        "without_plan": Choice(
            "If no plan is signed: why not",
            exceptions,
            kind="select",
            hint="QS56 statement 7 asks for a plan at discharge; each exception is counted and named",
        ),
        "text": Text("Senior clinician who decided it, and why", hint="Only if there is no plan"),
    }


def _discharge(sent: SentAct) -> str:
    return event(sent, "discharged", {}, text=sent["text"], without_plan=sent["without_plan"])


DISCHARGE = CaseAct(
    name="discharge",
    title="Discharged from hospital",
    group=ActGroup.TREAT,
    action=Action.RECORD_EVENT,
    button="Record the discharge",
    do=_discharge,
    fields=_discharge_inputs,
)
