"""The rows of the episodes that the measures count, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from ledger.kinds import Kind
from ledger.read import Entry, of_cases
from mdt.models import Decision, Plan
from oncall.models import Clock
from referrals.case.case_facts import examinations_in, fact_of
from referrals.case.coordination import ARRANGES
from referrals.case.models import Contact, Detail, Event, Merge, Referral, TriageDecision
from referrals.evidence.examination import READ_AS_EVIDENCE
from referrals.evidence.facts import Fact
from triage.guideline.stored import StoredPresentation
from triage.models import Assessment

EXCEPTIONS, DECIDED_BY = "record.exceptions", "record.exception_decided_by"
# What the measures read of a clock, and what they read of no referral: long JSON, most of it.
OF_CLOCK = ("kind", "limit_hours", "started_at", "stopped_at", "stopped_because")
OF_EVENT = ("referral", "kind", "occurred_at", "data", "by_role", "by_name")
UNREAD = ("location", "answered_as_group", "kept", "incomplete", "not_the_same", "responsible")
LEDGER = (*ARRANGES, Kind.REFERRAL_TRIAGED, Kind.EVENT_RECORDED)


@dataclass(slots=True, kw_only=True)
class EpisodeRecord:
    """Every stored row of one episode that the measures read."""

    referrals: list[Referral] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    decisions: list[TriageDecision] = field(default_factory=list)
    mdt_decisions: list[Decision] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    first_presentations: dict[int, StoredPresentation] = field(default_factory=dict)  # by case, as first sent
    # By main case, its own instants:
    before_merges: dict[int, Mapping[str, Any]] = field(default_factory=dict)


def episode_records(
    *, since: datetime, until: datetime, referred_by: Collection[str] | None = None
) -> list[EpisodeRecord]:
    """The records of episodes that may fall into a period, in a fixed number of queries, however many there are.

    Cases entered in error and the service's own tests are left out. `referred_by` keeps the episodes with a referral
    by one of these organisations.
    """
    referrals = (
        Referral.objects.filter(clinician_suspected_at__lt=until, updated_at__gte=since)
        .exclude(status="entered_in_error")
        .order_by("id")
    )
    if referred_by is not None:
        referrals = referrals.filter(referrer_organisation__in=referred_by)
    numbers = set(referrals.values_list("episode_id", flat=True))
    whole = (
        Referral.objects.filter(episode__in=numbers)
        .exclude(status="entered_in_error")
        .select_related("episode", "patient")
        .defer(*UNREAD)
        .order_by("id")
    )
    return _gather(list(whole))


def _gather(referrals: Sequence[Referral]) -> list[EpisodeRecord]:
    records: dict[int, EpisodeRecord] = defaultdict(lambda: EpisodeRecord())
    by_case: dict[int, EpisodeRecord] = {}
    for referral in referrals:
        records[referral.episode_id].referrals.append(referral)
        by_case[referral.pk] = records[referral.episode_id]
    _add_facts(by_case)
    for entry in of_cases(by_case, kinds=LEDGER):
        by_case[entry.case or 0].entries.append(entry)
    for clock in Clock.objects.filter(case__in=by_case).only("case", *OF_CLOCK).order_by("id"):
        by_case[clock.case].clocks.append(clock)
    for name, rows in _rows_by_field(by_case).items():
        for row in rows.order_by("id"):
            getattr(by_case[row.referral_id], name).append(row)
    _add_details(by_case)
    return list(records.values())


def _rows_by_field(cases: Iterable[int]) -> dict[str, Any]:
    """The tables whose rows go into a record as they are, by its field."""
    return {
        "decisions": TriageDecision.objects.filter(referral__in=cases),
        "mdt_decisions": Decision.objects.filter(referral__in=cases),
        "plans": Plan.objects.filter(referral__in=cases, signed=True),
        "contacts": Contact.objects.filter(referral__in=cases, with_referrer=True, outcome="spoke"),
    }


def _add_facts(by_case: Mapping[int, EpisodeRecord]) -> None:
    """The reported events, then the examinations of the record."""
    events = Event.objects.filter(referral__in=by_case).only(*OF_EVENT)
    for event in events.order_by("id"):
        by_case[event.referral_id].facts.append(fact_of(event))
    details = Detail.objects.filter(referral__in=by_case, path__in=READ_AS_EVIDENCE)
    for case, rows in groupby(details.order_by("referral", "id"), key=lambda detail: detail.referral_id):
        by_case[case].facts.extend(examinations_in(rows))


def _add_details(by_case: Mapping[int, EpisodeRecord]) -> None:
    """The exceptions of the record, the first presentation of each case, and its instants before a merge moved them."""
    details = Detail.objects.filter(referral__in=by_case, path__in=(EXCEPTIONS, DECIDED_BY))
    for detail in details.order_by("id"):
        by_case[detail.referral_id].details[detail.path] = detail.value
    first = Assessment.objects.filter(case__in=by_case).order_by("case", "id").distinct("case")
    for row in first.values("case", "presentation"):
        by_case[row["case"]].first_presentations[row["case"]] = row["presentation"]
    for merge in Merge.objects.filter(into__in=by_case, undone_at=None).order_by("-id"):
        by_case[merge.into_id].before_merges[merge.into_id] = merge.before
