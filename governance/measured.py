"""The episodes that the measures count, from the ledger, the clocks and the record, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.episode import Episode, Scan
from kernel.actors import ActingRole
from ledger.kinds import Kind
from ledger.read import Entry, of_cases
from mdt.models import Decision, Plan
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock
from referrals.assessing import EMERGENCY_HOURS
from referrals.codes import FINDINGS_COMPLETED
from referrals.coordination import ARRANGES, coordination_of
from referrals.events import COMPRESSION, SADDLE, Fact, deteriorations, in_true_order
from referrals.models import Contact, Detail, Event, Referral, TriageDecision
from referrals.spells import TREATMENT
from referrals.states import OVER
from triage.guideline.course import Course
from triage.guideline.course import from_json as course_from
from triage.guideline.findings import from_json as findings_from
from triage.guideline.radiotherapy import is_excluded
from triage.models import Assessment

METASTASES = frozenset({"metastases_no_compression", "nerve_root_only", "impending_compression"})
EXCEPTIONS, DECIDED_BY = "record.exceptions", "record.exception_decided_by"
LEDGER = (*ARRANGES, Kind.REFERRAL_TRIAGED, Kind.EVENT_RECORDED)


@dataclass(slots=True, kw_only=True)
class Told:
    """Everything that is known of one episode, as its tables have it."""

    referrals: list[Referral] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    decisions: list[TriageDecision] = field(default_factory=list)
    decided_by_mdt: list[Decision] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    course: Mapping[str, Any] = field(default_factory=dict)


def episodes(*, since: datetime, until: datetime, organisation: str = "") -> list[Episode]:
    """The episodes of which anything may fall into a period; ten queries, however many they are.

    What was entered in error, and the service's own tests, are none. `organisation` has one's own only.
    """
    referrals = (
        Referral.objects.filter(clinician_suspected_at__lt=until, updated_at__gte=since)
        .exclude(status="entered_in_error")
        .order_by("id")
    )
    if organisation:
        referrals = referrals.filter(referrer_organisation=organisation)
    numbers = set(referrals.values_list("episode_id", flat=True))
    whole = Referral.objects.filter(episode__in=numbers).exclude(status="entered_in_error").order_by("id")
    return [_episode(told) for told in _gather(list(whole))]


def _gather(referrals: Sequence[Referral]) -> list[Told]:
    found: dict[int, Told] = defaultdict(lambda: Told())
    by_case: dict[int, Told] = {}
    for referral in referrals:
        found[referral.episode_id].referrals.append(referral)
        by_case[referral.pk] = found[referral.episode_id]
    cases = list(by_case)
    for event in Event.objects.filter(referral__in=cases).order_by("id"):
        fact = Fact(kind=event.kind, occurred_at=event.occurred_at, data=event.data)
        by_case[event.referral_id].facts.append(fact)
    for entry in of_cases(cases, kinds=LEDGER):
        by_case[entry.case or 0].entries.append(entry)
    for clock in Clock.objects.filter(case__in=cases).order_by("id"):
        by_case[clock.case].clocks.append(clock)
    for decision in TriageDecision.objects.filter(referral__in=cases).order_by("id"):
        by_case[decision.referral_id].decisions.append(decision)
    for mdt in Decision.objects.filter(referral__in=cases).order_by("id"):
        by_case[mdt.referral_id].decided_by_mdt.append(mdt)
    for plan in Plan.objects.filter(referral__in=cases, signed=True).order_by("id"):
        by_case[plan.referral_id].plans.append(plan)
    for contact in Contact.objects.filter(referral__in=cases, with_referrer=True, outcome="spoke"):
        by_case[contact.referral_id].contacts.append(contact)
    for detail in Detail.objects.filter(referral__in=cases, path__in=(EXCEPTIONS, DECIDED_BY)).order_by("id"):
        by_case[detail.referral_id].details[detail.path] = detail.value
    for row in Assessment.objects.filter(case__in=cases).order_by("id").values("case", "course"):
        by_case[row["case"]].course = row["course"] or by_case[row["case"]].course
    return list(found.values())


def _episode(told: Told) -> Episode:
    first = told.referrals[0]
    facts = in_true_order(told.facts)
    suspected_at = min(referral.clinician_suspected_at for referral in told.referrals)
    neurology_at, came_with = _neurology(told, facts)
    course = course_from(told.course) if told.course else Course()
    mscc_at = _first(facts, "mri_reported", results=COMPRESSION)
    care = coordination_of(told.entries, confirmed_at=mscc_at)
    assessed = next((e for e in told.entries if _assesses(e)), None)
    surgery_at, radiotherapy_at = _first(facts, "surgery_started"), _first(facts, "radiotherapy_started")
    decided_rt = _radiotherapy_decided(facts, surgery_at)
    discharge = _discharge(told.entries)
    return Episode(
        reference=first.reference,
        references=tuple(referral.reference for referral in told.referrals),
        suspected_at=suspected_at,
        presented_at=_earliest(referral.presented_at for referral in told.referrals),
        submitted_at=min(referral.submitted_at for referral in told.referrals),
        contacted_at=_earliest(contact.occurred_at for contact in told.contacts),
        pain=any(_has_pain(referral) for referral in told.referrals),
        came_with_neurology=came_with,
        neurology_at=neurology_at,
        accepted_for_week=any(row.stream == "one_week" for row in told.decisions)
        or any(referral.stream == "one_week" for referral in told.referrals),
        scans=tuple(_scans(facts)),
        reported_at=_first(facts, "mri_reported"),
        mri_contraindicated=any(
            referral.presentation["mri_contraindicated"] == "yes" for referral in told.referrals
        ),
        metastases_at=_first(facts, "mri_reported", results=METASTASES),
        plan_agreed_at=_plan_agreed(told),
        assessed_at=assessed.at if assessed else None,
        assessed_by_deputy=assessed is not None and _by_deputy(assessed.role),
        mscc_at=mscc_at,
        coordinated=care.holds,
        coordinated_by_deputy=_by_deputy(care.role),
        surgery_suitable=str(course.surgery_suitable),
        wants_radiotherapy=str(course.wants_radiotherapy),
        radiotherapy_excluded=is_excluded(first.findings, course),
        radiotherapy_decided_at=decided_rt,
        decided_at=_first(facts, "decision_to_treat"),
        radiotherapy_at=radiotherapy_at,
        treated_at=_earliest(fact.occurred_at for fact in facts if fact.kind in TREATMENT),
        discharged_at=_discharged(facts),
        transferred=discharge.get("without_plan") == "transfer"
        or any(plan.content.get("destination") == "other_hospital" for plan in told.plans[-1:]),
        plan_signed_at=_earliest(plan.at for plan in told.plans),
        without_plan=bool(discharge.get("without_plan")),
        ended_at=_ended(told, facts),
        reclassified=any(clock.stopped_because == Stopped.RECLASSIFIED for clock in told.clocks),
        exceptions=frozenset(_exceptions(told)),
    )


def _neurology(told: Told, facts: Sequence[Fact]) -> tuple[datetime | None, bool]:
    """When neurology was first suspected, and whether the person came with it.

    What a coordinator found when completing the findings was there when the person came.
    """
    came = any(_any_yes(referral.presentation_sent) for referral in told.referrals) or any(
        fact.kind == FINDINGS_COMPLETED and _any_yes(fact.data) for fact in facts
    )
    later = [
        instant
        for referral in told.referrals
        for instant in deteriorations(findings_from(referral.presentation_sent), facts)
    ]
    if came:  # the 24 hours were promised from the suspicion of MSCC, as it was given
        promised = _earliest(
            clock.started_at
            for clock in told.clocks
            if clock.kind == ClockKind.MRI and clock.limit_hours <= EMERGENCY_HOURS
        )
        return promised or min(referral.clinician_suspected_at for referral in told.referrals), True
    return (min(later), False) if later else (None, False)


def _any_yes(presentation: Mapping[str, Any]) -> bool:
    neurology = presentation.get("neurology") or {}
    return "yes" in neurology.values() or presentation.get(SADDLE) == "yes"


def _has_pain(referral: Referral) -> bool:
    return any(
        "yes" in found["pain"].values() for found in (referral.presentation_sent, referral.presentation)
    )


def _first(facts: Iterable[Fact], kind: str, *, results: frozenset[str] | None = None) -> datetime | None:
    return next(
        (f.occurred_at for f in facts if f.kind == kind and (results is None or f.data["result"] in results)),
        None,
    )


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


def _scans(facts: Iterable[Fact]) -> Iterator[Scan]:
    for fact in facts:
        if fact.kind == "mri_performed":
            yield Scan(
                at=fact.occurred_at, modality=fact.data["modality"], regions=frozenset(fact.data["regions"])
            )


def _assesses(entry: Entry) -> bool:
    """A triage decision in which need for, and urgency of, investigations are both filled in."""
    return entry.kind == Kind.REFERRAL_TRIAGED and bool(
        entry.facts.get("investigations") and entry.facts.get("urgency")
    )


def _by_deputy(role: str) -> bool:
    return role in (ActingRole.COVERING_CLINICIAN, ActingRole.OTHER_DESIGNATED)


def _plan_agreed(told: Told) -> datetime | None:
    """From the clock that waited for it, else from a decision of the MDT."""
    met = [
        clock.stopped_at
        for clock in told.clocks
        if clock.kind == ClockKind.TREATMENT_PLAN and clock.stopped_because == Stopped.MET
    ]
    return _earliest([*met, *(decision.decided_at for decision in told.decided_by_mdt)])


def _radiotherapy_decided(facts: Sequence[Fact], surgery_at: datetime | None) -> datetime | None:
    """The decision for radiotherapy that no surgery came before: after surgery it is another matter."""
    return next(
        (
            fact.occurred_at
            for fact in facts
            if fact.kind == "decision_to_treat"
            and fact.data["modality"] == "radiotherapy"
            and (surgery_at is None or fact.occurred_at < surgery_at)
        ),
        None,
    )


def _discharge(entries: Iterable[Entry]) -> Mapping[str, Any]:
    """The facts of the last line that tells of a discharge."""
    told = [entry.facts for entry in entries if entry.facts.get("event") == "discharged"]
    return told[-1] if told else {}


def _discharged(facts: Sequence[Fact]) -> datetime | None:
    """The last discharge of somebody who had not died."""
    died_at = _first(facts, "died")
    left = [fact.occurred_at for fact in facts if fact.kind == "discharged"]
    return max((at for at in left if died_at is None or at < died_at), default=None)


def _ended(told: Told, facts: Sequence[Fact]) -> datetime | None:
    """When the last referral of the episode ended, or the person died."""
    over = [referral for referral in told.referrals if referral.status in OVER]
    ended_at = max(referral.updated_at for referral in over) if len(over) == len(told.referrals) else None
    return _earliest([ended_at, _first(facts, "died")])


def _exceptions(told: Told) -> Iterator[str]:
    listed = told.details.get(EXCEPTIONS) or []
    yield from listed
    if listed and not told.details.get(DECIDED_BY):
        yield "senior_not_named"
