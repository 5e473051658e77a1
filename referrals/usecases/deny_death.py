"""A reported death was wrong: the case and its clocks run on."""

from django.db.models import QuerySet

from accounts.act import Act
from kernel.refusals import OutOfTurn
from ledger.kinds import Kind
from ledger.read import Search, entries
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.start import start_again
from referrals.arrival.resumption import page_for_missed_facts, resume
from referrals.case.case_facts import of_case
from referrals.case.models import Event, Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def deny_death(reference: str, *, text: str, act: Act) -> Referral:
    """Reject a report of death; the clocks that it ended run again from their original start."""
    case = find_and_lock(reference, by=act.by)
    since_report = _since_report_of_death(case)
    if case.died_at is None:
        raise OutOfTurn("No death is reported on this case")
    note = words("death_denied", text, required=True, path="text")
    line = move(case, Action.DENY_DEATH, by=act.by, at=act.at, facts=note.bound, changes={"died_at": None})
    note.write(case, line=line, by=act.by, at=act.at)
    clocks.stop(
        case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.NOT_NEEDED, stopped_at=act.at, by=act.by, at=act.at
    )
    start_again(case.pk, by=act.by, at=act.at)
    missed = list(since_report)
    resume(case, missed, line=line, act=act)
    page_for_missed_facts(case, missed, act=act)
    return case


def _since_report_of_death(case: Referral) -> QuerySet[Event]:
    """Every fact since the death was first reported; a system may report the same death again and again."""
    denials = entries(Search(case=case.pk, kind=Kind.DEATH_DENIED), limit=1)
    events = Event.objects.filter(of_case(case)).order_by("id")
    reports = events.filter(kind="died", ledger_line__gt=denials[0].number if denials else 0)
    return events.filter(id__gt=reports.values_list("id", flat=True).first() or 0)
