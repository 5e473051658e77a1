"""What the rules of a meeting's list read, for many cases at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from mdt.agenda import AgendaStanding
from mdt.codes import is_plan
from mdt.models import Decision, Listing
from mdt.stored import StoredJudgements
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case.case_facts import events_of_cases
from referrals.case.models import Referral, Score
from referrals.case.states import OPEN
from referrals.evidence.course import TREATMENT
from triage.models import Assessment

KINDS = ("mri_reported", *TREATMENT)


def open_cases() -> QuerySet[Referral]:
    """Every open case of a living person, without the service's own tests."""
    return Referral.objects.filter(status__in=[str(status) for status in OPEN], died_at=None).order_by("id")


@dataclass(frozen=True, slots=True)
class _Facts:
    reports: dict[int, Any]
    treated: dict[int, Any]
    listings: dict[int, Listing]
    decisions: dict[int, Decision]
    owed: frozenset[int]
    sins: dict[int, int]
    courses: dict[int, StoredJudgements]  # of the course, which names them alike


def agenda_standings(cases: Iterable[Referral]) -> dict[int, AgendaStanding]:
    """What the rules of a list ask of each case: six queries, however many cases."""
    rows = list(cases)
    numbers = [case.pk for case in rows]
    events_in_order = events_of_cases(numbers, kinds=KINDS)
    facts = _Facts(
        reports={e.case: e for e in events_in_order if e.kind == "mri_reported"},
        treated={e.case: e for e in events_in_order if e.kind in TREATMENT},
        listings={
            row.referral_id: row for row in Listing.objects.filter(referral__in=numbers).order_by("id")
        },
        decisions={
            row.referral_id: row for row in Decision.objects.filter(referral__in=numbers).order_by("version")
        },
        owed=frozenset(
            Clock.objects.filter(
                case__in=numbers, kind=ClockKind.TREATMENT_PLAN.value, stopped_at=None
            ).values_list("case", flat=True)
        ),
        sins=_highest_sins(numbers),
        courses={
            row["case"]: row["course"] or StoredJudgements()
            for row in Assessment.objects.filter(case__in=numbers).order_by("id").values("case", "course")
        },
    )
    return {case.pk: _standing(case, facts) for case in rows}


def _highest_sins(numbers: list[int]) -> dict[int, int]:
    """The highest of the newest score of each lesion."""
    newest: dict[tuple[int, str], int] = {}
    for row in Score.objects.filter(referral__in=numbers, kind="sins").order_by("id"):
        newest[row.referral_id, row.about] = row.total or 0
    highest: dict[int, int] = {}
    for (case, _), total in newest.items():
        highest[case] = max(total, highest.get(case, 0))
    return highest


def _standing(case: Referral, facts: _Facts) -> AgendaStanding:
    report, decision = facts.reports.get(case.pk), facts.decisions.get(case.pk)
    treatment = facts.treated.get(case.pk)
    listing, course = facts.listings.get(case.pk), facts.courses.get(case.pk, {})
    surgery = course.get("surgery_suitable", "not_assessed")
    discussed = decision is not None and (report is None or decision.decided_at >= report.occurred_at)
    return AgendaStanding(
        asked=listing is not None and (decision is None or listing.ledger_line > decision.ledger_line),
        finding=case.presentation["imaging_finding"],
        discussed=discussed,
        decided=discussed and decision is not None and is_plan(decision.content["outcomes"]),
        treated=treatment is not None and (report is None or treatment.occurred_at >= report.occurred_at),
        plan_owed=case.pk in facts.owed,
        sins=facts.sins.get(case.pk),
        surgery_judged=surgery in ("yes", "no"),
        surgery_pending=decision is not None and surgery == "pending",
        primary_unknown=case.presentation.get("primary_site") == "unknown",
        without_quorum=decision is not None and not decision.quorum_met,
        dissent=decision is not None and decision.dissent,
    )
