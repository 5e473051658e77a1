"""The episodes that the measures count, from the ledger, the clocks and the record, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from accounts import service as services
from governance.episode import MeasuredEpisode, MeasuredScan
from governance.populations import MINUTE
from kernel.actors import ActingRole
from kernel.time import earliest, from_rfc3339
from ledger.kinds import Kind
from ledger.read import Entry, of_cases
from mdt.models import Decision, Plan
from mdt.usecases.record_decision import NO_PLAN_YET
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock
from referrals.case.case_facts import examinations_in, fact_of, limits_of, sent_findings_of, symptoms_began
from referrals.case.coordination import ARRANGES, coordination_of
from referrals.case.models import Contact, Detail, Event, Referral, TriageDecision
from referrals.evidence.case_evidence import Evidence, evidence
from referrals.evidence.events import SADDLE
from referrals.evidence.examination import READ_AS_EVIDENCE, Limits
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.scans import Report, readable, scans_and_reports
from referrals.intake.codes import COURSE_JUDGED, FINDINGS_COMPLETED
from referrals.promises.periods import TREATMENT, PromisePeriod, promise_periods
from referrals.promises.reassessment import EMERGENCY_HOURS
from triage.guideline.course import Course
from triage.guideline.course import from_json as course_from
from triage.guideline.findings import ImagingFinding
from triage.guideline.radiotherapy import is_excluded
from triage.models import Assessment

METASTASES = (ImagingFinding.SPINAL_METASTASES, ImagingFinding.IMPENDING_COMPRESSION)
EXCEPTIONS, DECIDED_BY = "record.exceptions", "record.exception_decided_by"
LEDGER = (*ARRANGES, Kind.REFERRAL_TRIAGED, Kind.EVENT_RECORDED)


@dataclass(slots=True, kw_only=True)
class EpisodeRecord:
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
    sent: dict[int, Mapping[str, Any]] = field(default_factory=dict)  # by case, as it was first sent


def episodes(*, since: datetime, until: datetime) -> list[MeasuredEpisode]:
    """The episodes of which anything may fall into a period; twelve queries, however many they are.

    What was entered in error, and the service's own tests, are none.
    """
    referrals = (
        Referral.objects.filter(clinician_suspected_at__lt=until, updated_at__gte=since)
        .exclude(status="entered_in_error")
        .order_by("id")
    )
    numbers = set(referrals.values_list("episode_id", flat=True))
    whole = (
        Referral.objects.filter(episode__in=numbers)
        .exclude(status="entered_in_error")
        .select_related("episode")
        .order_by("id")
    )
    limits = limits_of(services.current())
    return [_episode(told, limits) for told in _gather(list(whole))]


def _gather(referrals: Sequence[Referral]) -> list[EpisodeRecord]:
    found: dict[int, EpisodeRecord] = defaultdict(lambda: EpisodeRecord())
    by_case: dict[int, EpisodeRecord] = {}
    for referral in referrals:
        found[referral.episode_id].referrals.append(referral)
        by_case[referral.pk] = found[referral.episode_id]
    cases = list(by_case)
    for event in Event.objects.filter(referral__in=cases).order_by("id"):
        by_case[event.referral_id].facts.append(fact_of(event))
    details = Detail.objects.filter(referral__in=cases, path__in=READ_AS_EVIDENCE).order_by("referral", "id")
    for case, rows in groupby(details, key=lambda detail: detail.referral_id):
        by_case[case].facts.extend(examinations_in(rows))
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
    first = Assessment.objects.filter(case__in=cases).order_by("case", "id").distinct("case")
    for row in first.values("case", "presentation"):
        by_case[row["case"]].sent[row["case"]] = row["presentation"]
    return list(found.values())


def _shown(picture: SpinePicture, *findings: str) -> datetime | None:
    """When one of these findings, which stands now, was first reported."""
    return earliest(one.at for one in picture.findings if one.finding in findings and not one.stated_by)


def _scanned(reports: Iterable[Report], reported_at: datetime | None) -> datetime | None:
    """When what a report shows was scanned."""
    return earliest(
        scan.at for report in reports if report.at == reported_at for scan in report.scan_of.values()
    )


def _episode(told: EpisodeRecord, limits: Limits) -> MeasuredEpisode:
    first = told.referrals[0]
    kept = next((referral for referral in told.referrals if referral.merged_into_id is None), first)
    died_at = earliest(referral.died_at for referral in told.referrals)
    facts = [f for f in in_true_order(told.facts) if f.kind != "died" or died_at is not None]
    suspected_at = min(referral.clinician_suspected_at for referral in told.referrals)
    known = evidence(
        replace(
            sent_findings_of(kept),
            symptoms_began=min(symptoms_began(referral) for referral in told.referrals),
        ),
        told.facts,
        limits=limits,
    )
    mscc_at = _shown(known.picture, ImagingFinding.MSCC)
    scans, reports = scans_and_reports(facts)
    mscc_scanned_at = _scanned(reports, mscc_at)
    neurology_at, came_with = _neurology(told, facts, known)
    care = coordination_of(told.entries, confirmed_at=mscc_at)
    since = neurology_at if neurology_at is not None and not came_with else suspected_at
    assessed = next((e for e in told.entries if _assesses(e) and e.at >= since), None)
    radiotherapy = _radiotherapy(facts, mscc_at, since=mscc_scanned_at or mscc_at)
    settled_at = radiotherapy.started_at + timedelta(hours=24) if radiotherapy else None
    judged = _judged(facts, by=settled_at)
    discharged_at = _discharged(facts)
    without_plan = _without_plan(facts, discharged_at)
    return MeasuredEpisode(
        reference=first.reference,
        references=tuple(referral.reference for referral in told.referrals),
        suspected_at=suspected_at,
        began_at=min(symptoms_began(referral) for referral in told.referrals),
        presented_at=earliest(referral.presented_at for referral in told.referrals),
        submitted_at=min(referral.submitted_at for referral in told.referrals),
        contacted_at=earliest(contact.occurred_at for contact in told.contacts),
        pain=any(_has_pain(referral) for referral in told.referrals),
        came_with_neurology=came_with,
        neurology_at=neurology_at,
        neurology_open=neurology_at is None and any(referral.neurology_open for referral in told.referrals),
        accepted_for_week=any(row.stream == "one_week" for row in told.decisions),
        scans=tuple(
            MeasuredScan(at=scan.at, modality=scan.modality, regions=readable(scan, reports))
            for scan in scans
            if not scan.assumed
        ),
        reported_at=_first(facts, "mri_reported"),
        mri_contraindicated=any(
            referral.presentation["mri_contraindicated"] == "yes" for referral in told.referrals
        ),
        metastases_at=_shown(known.picture, *METASTASES),
        plan_agreed_at=_plan_agreed(told),
        assessed_at=assessed.at if assessed else None,
        assessed_by_deputy=assessed is not None and _by_deputy(assessed.role),
        mscc_at=mscc_at,
        mscc_scanned_at=mscc_scanned_at,
        coordinated=care.holds,
        coordinated_by_deputy=_by_deputy(care.role),
        surgery_suitable=str(judged.surgery_suitable),
        wants_radiotherapy=str(judged.wants_radiotherapy),
        radiotherapy_excluded=is_excluded(kept.findings, judged),
        radiotherapy_decided_at=radiotherapy.started_at if radiotherapy else None,
        decided_at=_first(facts, "decision_to_treat", since=mscc_scanned_at or mscc_at),
        radiotherapy_at=radiotherapy.stopped_at if radiotherapy else None,
        surgery_at=_first(facts, "surgery_started"),
        treated_at=earliest(
            f.occurred_at for f in facts if f.kind in TREATMENT and f.occurred_at >= suspected_at
        ),
        discharged_at=discharged_at,
        transferred=without_plan == "transfer"
        or any(plan.content.get("destination") == "other_hospital" for plan in told.plans[-1:]),
        plan_signed_at=_plan_of(told, facts, discharged_at),
        without_plan=without_plan,
        ended_at=earliest([first.episode.closed_at, died_at]),
        reclassified=any(clock.stopped_because == Stopped.RECLASSIFIED for clock in told.clocks),
        exceptions=frozenset(_exceptions(told)),
    )


def _neurology(told: EpisodeRecord, facts: Sequence[Fact], known: Evidence) -> tuple[datetime | None, bool]:
    """When neurology was first suspected, and whether the person came with it.

    Who came with it, said so in the earliest referral as it was first sent, or a coordinator found it when
    completing the findings, before anybody told that it was new.
    """
    first = min(told.referrals, key=lambda referral: (referral.submitted_at, referral.pk))
    later = [
        *known.deteriorated_at,
        *(
            referral.mscc_suspected_at or referral.clinician_suspected_at
            for referral in told.referrals
            if referral is not first and _any_yes(told.sent[referral.pk])
        ),
    ]
    found = _first([f for f in facts if _any_yes(f.data)], FINDINGS_COMPLETED)
    came = _any_yes(told.sent[first.pk]) or (found is not None and all(found <= at for at in later))
    if came:  # the 24 hours were promised from the suspicion of MSCC, as it was given
        promised = earliest(
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


def _first(
    facts: Iterable[Fact], kind: str, *, results: frozenset[str] | None = None, since: datetime | None = None
) -> datetime | None:
    """When a fact of this kind first happened, with one of these results where it has one."""
    of_kind = (fact for fact in facts if fact.kind == kind and (since is None or fact.occurred_at >= since))
    return next((f.occurred_at for f in of_kind if results is None or f.data["result"] in results), None)


def _assesses(entry: Entry) -> bool:
    """A triage decision in which need for, and urgency of, investigations are both filled in."""
    return entry.kind == Kind.REFERRAL_TRIAGED and bool(
        entry.facts.get("investigations") and entry.facts.get("urgency")
    )


def _by_deputy(role: str) -> bool:
    return role in (ActingRole.COVERING_CLINICIAN, ActingRole.OTHER_DESIGNATED)


def _plan_agreed(told: EpisodeRecord) -> datetime | None:
    """From the clock that waited for it, else from a decision of the MDT."""
    met = [
        clock.stopped_at
        for clock in told.clocks
        if clock.kind == ClockKind.TREATMENT_PLAN and clock.stopped_because == Stopped.MET
    ]
    decided = (d.decided_at for d in told.decided_by_mdt if set(d.content.get("outcomes", ())) - NO_PLAN_YET)
    return earliest([*met, *decided])


def _radiotherapy(
    facts: Sequence[Fact], mscc_at: datetime | None, *, since: datetime | None
) -> PromisePeriod | None:
    """The first promise of urgent radiotherapy for MSCC that nothing took the place of, from decision to fraction.

    It counts from the scan that showed MSCC: a decision on the verbal result comes before the report is filed.
    """
    if mscc_at is None or since is None:
        return None
    told = (spell for spell in promise_periods(facts, since=since) if spell.kind == ClockKind.RADIOTHERAPY)
    return next((s for s in told if s.because != Stopped.SUPERSEDED and s.started_at >= since), None)


def _judged(facts: Sequence[Fact], *, by: datetime | None) -> Course:
    """What was judged for treatment as it stood at an instant; what nobody had judged by then, as it was later."""
    judged: dict[str, Any] = {}
    for fact in facts:
        said = dict(fact.data) if fact.kind == COURSE_JUDGED else {}
        if fact.kind == "decision_to_treat" and fact.data.get("suitable_for_surgery"):
            said["surgery_suitable"] = fact.data["suitable_for_surgery"]
        for name, value in said.items():
            if by is None or fact.occurred_at <= by or judged.get(name, "not_assessed") == "not_assessed":
                judged[name] = value
    return course_from(judged)


def _discharged(facts: Sequence[Fact]) -> datetime | None:
    """The last discharge of somebody who had not died."""
    died_at = _first(facts, "died")
    left = [fact.occurred_at for fact in facts if fact.kind == "discharged"]
    return max((at for at in left if died_at is None or at < died_at), default=None)


def _without_plan(facts: Iterable[Fact], discharged_at: datetime | None) -> str:
    """The exception by which somebody left without a plan at this discharge; empty where there was none."""
    left = (f for f in facts if f.kind == "discharged" and f.occurred_at == discharged_at)
    return next((str(fact.data["without_plan"]) for fact in left if fact.data.get("without_plan")), "")


def _plan_of(told: EpisodeRecord, facts: Iterable[Fact], discharged_at: datetime | None) -> datetime | None:
    """When the plan of this stay in hospital was last signed before the discharge."""
    if discharged_at is None:
        return earliest(_signed_at(plan) for plan in told.plans)
    admitted = [f.occurred_at for f in facts if f.kind == "admitted" and f.occurred_at <= discharged_at]
    since = max(admitted, default=None)
    of_stay = (at for at in map(_signed_at, told.plans) if since is None or at >= since)
    return max((at for at in of_stay if at < discharged_at + MINUTE), default=None)


def _signed_at(plan: Plan) -> datetime:
    """When a plan was signed in truth: on paper, where it was first."""
    on_paper = plan.content.get("signed_on_paper_at")
    return from_rfc3339(on_paper) if on_paper else plan.at


def _exceptions(told: EpisodeRecord) -> Iterator[str]:
    listed = told.details.get(EXCEPTIONS) or []
    yield from listed
    if listed and not told.details.get(DECIDED_BY):
        yield "senior_not_named"
