"""How a case ends on the list of a meeting: by a decision in force, or because the case itself is over."""

from dataclasses import dataclass

from mdt.agenda import reasons_for
from mdt.agenda_facts import agenda_standings
from mdt.models import Decision, Item, Meeting
from referrals.case.models import Referral
from referrals.case.states import STATUS_WORDS, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a case has ended at a meeting: its decision, or the end of the case in words."""

    decision: Decision | None = None
    over: str = ""


def endings(meeting: Meeting) -> dict[int, Ending]:
    """The cases on the list that have ended, by number; a constant number of queries.

    A decision of this meeting ends the case on it. So does one that was signed elsewhere after the case came
    on the list, unless a rule of the list still asks for the case.
    """
    items = list(meeting.items.filter(off_at=None).select_related("referral__merged_into"))
    cases = [item.referral for item in items]
    rows = Decision.objects.filter(referral__in=cases).select_related("meeting").order_by("version")
    decisions: dict[int, list[Decision]] = {case.pk: [] for case in cases}
    for row in rows:
        decisions[row.referral_id].append(row)
    standings = agenda_standings(cases)
    result: dict[int, Ending] = {}
    for item in items:
        decisions_signed = decisions[item.referral_id]
        if item.referral.is_over:
            result[item.referral_id] = Ending(over=over_words(item.referral))
        elif _ends(item, decisions_signed, asked=bool(reasons_for(standings[item.referral_id]))):
            result[item.referral_id] = Ending(decision=decisions_signed[-1])
    return result


def _ends(item: Item, signed: list[Decision], *, asked: bool) -> bool:
    if any(row.meeting_id == item.meeting_id for row in signed):
        return True
    return bool(signed) and signed[-1].ledger_line > item.ledger_line and not asked


def over_words(case: Referral) -> str:
    """How a case ended, in words."""
    if case.merged_into is not None:
        return f"Merged into {case.merged_into.reference}: it is discussed there"
    return STATUS_WORDS[Status(case.status)]
