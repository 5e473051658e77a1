"""The episodes that the measures count, worked out from the ledger, the clocks and the record."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from accounts import service as services
from governance.episode import MeasuredEpisode, MeasuredScan
from governance.episode_records import DECIDED_BY, EXCEPTIONS, EpisodeRecord, episode_records
from governance.populations import MINUTE
from kernel.actors import ActingRole
from kernel.time import earliest, from_rfc3339
from ledger.kinds import Kind
from ledger.read import Entry
from mdt.models import Plan
from mdt.usecases.record_decision import NO_PLAN_YET
from oncall.kinds import ClockKind, Stopped
from referrals.case.case_facts import limits_of, sent_by, symptoms_began
from referrals.case.coordination import Coordination, coordination_of
from referrals.case.models import Referral
from referrals.evidence.case_evidence import Evidence, evidence
from referrals.evidence.events import SADDLE
from referrals.evidence.examination import Limits
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.scans import Report, Scan, readable, scans_and_reports
from referrals.intake.codes import COURSE_JUDGED, FINDINGS_COMPLETED
from referrals.promises.periods import TREATMENT, PromisePeriod, promise_periods
from referrals.promises.reassessment import EMERGENCY_HOURS
from triage.guideline.course import Course
from triage.guideline.course import from_json as course_from
from triage.guideline.findings import ImagingFinding
from triage.guideline.radiotherapy import is_excluded

METASTASES = (ImagingFinding.SPINAL_METASTASES, ImagingFinding.IMPENDING_COMPRESSION)


def episodes(*, since: datetime, until: datetime) -> list[MeasuredEpisode]:
    """The episodes that may fall into a period; twelve queries, however many there are.

    Cases entered in error and the service's own tests are left out.
    """
    limits = limits_of(services.current())
    return [_episode(record, limits) for record in episode_records(since=since, until=until)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeReading:
    """The values of one record that several fields of its episode share."""

    record: EpisodeRecord
    first: Referral
    continuing: Referral  # the first that was not merged into another
    facts: Sequence[Fact]  # in their true order; a withdrawn report of death is left out
    picture: SpinePicture
    scans: Sequence[Scan]
    reports: Sequence[Report]
    suspected_at: datetime
    neurology_at: datetime | None
    came_with_neurology: bool
    mscc_at: datetime | None
    mscc_scanned_at: datetime | None
    coordination: Coordination
    assessment: Entry | None
    radiotherapy: PromisePeriod | None
    course: Course
    discharged_at: datetime | None
    exception_to_plan: str
    died_at: datetime | None

    @property
    def mscc_known_at(self) -> datetime | None:
        """From when a decision may be about MSCC: the scan that showed it, else its report."""
        return self.mscc_scanned_at or self.mscc_at


def _reading(record: EpisodeRecord, limits: Limits) -> EpisodeReading:
    first = record.referrals[0]
    continuing = next((referral for referral in record.referrals if referral.merged_into_id is None), first)
    died_at = earliest(referral.died_at for referral in record.referrals)
    facts = [f for f in in_true_order(record.facts) if f.kind != "died" or died_at is not None]
    suspected_at = min(referral.clinician_suspected_at for referral in record.referrals)
    case_evidence = evidence(
        replace(sent_by(continuing), symptoms_began=_symptoms_began(record)), record.facts, limits=limits
    )
    mscc_at = _shown_at(case_evidence.picture, ImagingFinding.MSCC)
    scans, reports = scans_and_reports(facts)
    mscc_scanned_at = _scanned_at(reports, mscc_at)
    neurology_at, came_with_neurology = _neurology(record, facts, case_evidence)
    since = neurology_at if neurology_at is not None and not came_with_neurology else suspected_at
    radiotherapy = _radiotherapy(facts, mscc_at, since=mscc_scanned_at or mscc_at)
    settled_at = radiotherapy.started_at + timedelta(hours=24) if radiotherapy else None
    discharged_at = _discharged_at(facts)
    return EpisodeReading(
        record=record,
        first=first,
        continuing=continuing,
        facts=facts,
        picture=case_evidence.picture,
        scans=scans,
        reports=reports,
        suspected_at=suspected_at,
        neurology_at=neurology_at,
        came_with_neurology=came_with_neurology,
        mscc_at=mscc_at,
        mscc_scanned_at=mscc_scanned_at,
        coordination=coordination_of(record.entries, confirmed_at=mscc_at),
        assessment=next((e for e in record.entries if _assesses(e) and e.at >= since), None),
        radiotherapy=radiotherapy,
        course=_course(facts, by=settled_at),
        discharged_at=discharged_at,
        exception_to_plan=_exception_to_plan(facts, discharged_at),
        died_at=died_at,
    )


# Each field of an episode and how it is read.
FIELDS: dict[str, Callable[[EpisodeReading], Any]] = {
    "reference": lambda r: r.first.reference,
    "references": lambda r: tuple(referral.reference for referral in r.record.referrals),
    "suspected_at": lambda r: r.suspected_at,
    "began_at": lambda r: _symptoms_began(r.record),
    "presented_at": lambda r: earliest(referral.presented_at for referral in r.record.referrals),
    "submitted_at": lambda r: min(referral.submitted_at for referral in r.record.referrals),
    "contacted_at": lambda r: earliest(contact.occurred_at for contact in r.record.contacts),
    "pain": lambda r: any(_has_pain(referral) for referral in r.record.referrals),
    "came_with_neurology": lambda r: r.came_with_neurology,
    "neurology_at": lambda r: r.neurology_at,
    "neurology_open": lambda r: (
        r.neurology_at is None and any(referral.neurology_open for referral in r.record.referrals)
    ),
    "accepted_for_week": lambda r: any(row.stream == "one_week" for row in r.record.decisions),
    "scans": lambda r: _measured_scans(r.scans, r.reports),
    "reported_at": lambda r: _first(r.facts, "mri_reported"),
    "mri_contraindicated": lambda r: any(
        referral.presentation["mri_contraindicated"] == "yes" for referral in r.record.referrals
    ),
    "metastases_at": lambda r: _shown_at(r.picture, *METASTASES),
    "plan_agreed_at": lambda r: _plan_agreed_at(r.record),
    "assessed_at": lambda r: r.assessment.at if r.assessment else None,
    "assessed_by_deputy": lambda r: r.assessment is not None and _by_deputy(r.assessment.role),
    "mscc_at": lambda r: r.mscc_at,
    "mscc_scanned_at": lambda r: r.mscc_scanned_at,
    "coordinated": lambda r: r.coordination.holds,
    "coordinated_by_deputy": lambda r: _by_deputy(r.coordination.role),
    "surgery_suitable": lambda r: str(r.course.surgery_suitable),
    "wants_radiotherapy": lambda r: str(r.course.wants_radiotherapy),
    "radiotherapy_excluded": lambda r: is_excluded(r.continuing.findings, r.course),
    "radiotherapy_decided_at": lambda r: r.radiotherapy.started_at if r.radiotherapy else None,
    "decided_at": lambda r: _first(r.facts, "decision_to_treat", since=r.mscc_known_at),
    "radiotherapy_at": lambda r: r.radiotherapy.stopped_at if r.radiotherapy else None,
    "surgery_at": lambda r: _first(r.facts, "surgery_started"),
    "treated_at": lambda r: earliest(
        f.occurred_at for f in r.facts if f.kind in TREATMENT and f.occurred_at >= r.suspected_at
    ),
    "discharged_at": lambda r: r.discharged_at,
    "transferred": lambda r: r.exception_to_plan == "transfer" or _leads_elsewhere(r.record.plans),
    "plan_signed_at": lambda r: _plan_signed_at(r.record, r.facts, r.discharged_at),
    "without_plan": lambda r: r.exception_to_plan,
    "ended_at": lambda r: earliest([r.first.episode.closed_at, r.died_at]),
    "reclassified": lambda r: any(clock.stopped_because == Stopped.RECLASSIFIED for clock in r.record.clocks),
    "exceptions": lambda r: frozenset(_exceptions(r.record)),
}


def _episode(record: EpisodeRecord, limits: Limits) -> MeasuredEpisode:
    reading = _reading(record, limits)
    return MeasuredEpisode(**{name: read(reading) for name, read in FIELDS.items()})


def _symptoms_began(record: EpisodeRecord) -> datetime:
    return min(symptoms_began(referral) for referral in record.referrals)


def _shown_at(picture: SpinePicture, *findings: str) -> datetime | None:
    """When one of these findings, which stands now, was first reported."""
    return earliest(row.at for row in picture.findings if row.finding in findings and not row.stated_by)


def _scanned_at(reports: Iterable[Report], reported_at: datetime | None) -> datetime | None:
    """When the scan of a report was done."""
    return earliest(
        scan.at for report in reports if report.at == reported_at for scan in report.scan_of.values()
    )


def _measured_scans(scans: Sequence[Scan], reports: Sequence[Report]) -> tuple[MeasuredScan, ...]:
    return tuple(
        MeasuredScan(at=scan.at, modality=scan.modality, regions=readable(scan, reports))
        for scan in scans
        if not scan.assumed
    )


def _leads_elsewhere(plans: Sequence[Plan]) -> bool:
    """Whether the newest signed plan sends the person to another hospital."""
    return any(plan.content.get("destination") == "other_hospital" for plan in plans[-1:])


def _neurology(
    record: EpisodeRecord, facts: Sequence[Fact], case_evidence: Evidence
) -> tuple[datetime | None, bool]:
    """When neurology was first suspected, and whether the person came with it.

    A person came with it if the earliest referral had it as first sent, or if a coordinator found it when
    completing the findings, before anybody reported it as new.
    """
    first = min(record.referrals, key=lambda referral: (referral.submitted_at, referral.pk))
    later = [
        *case_evidence.deteriorated_at,
        *(
            referral.mscc_suspected_at or referral.clinician_suspected_at
            for referral in record.referrals
            if referral is not first and _any_yes(record.first_presentations[referral.pk])
        ),
    ]
    completed_at = _first([f for f in facts if _any_yes(f.data)], FINDINGS_COMPLETED)
    came_with_neurology = _any_yes(record.first_presentations[first.pk]) or (
        completed_at is not None and all(completed_at <= at for at in later)
    )
    if came_with_neurology:  # the 24 hours were promised from the reported suspicion of MSCC
        promised_at = earliest(
            clock.started_at
            for clock in record.clocks
            if clock.kind == ClockKind.MRI and clock.limit_hours <= EMERGENCY_HOURS
        )
        return promised_at or min(referral.clinician_suspected_at for referral in record.referrals), True
    return (min(later), False) if later else (None, False)


def _any_yes(presentation: Mapping[str, Any]) -> bool:
    neurology = presentation.get("neurology") or {}
    return "yes" in neurology.values() or presentation.get(SADDLE) == "yes"


def _has_pain(referral: Referral) -> bool:
    return any(
        "yes" in presentation["pain"].values()
        for presentation in (referral.presentation_sent, referral.presentation)
    )


def _first(facts: Iterable[Fact], kind: str, *, since: datetime | None = None) -> datetime | None:
    """When a fact of this kind first happened; `facts` are in their true order."""
    instants = (fact.occurred_at for fact in facts if fact.kind == kind)
    return next((at for at in instants if since is None or at >= since), None)


def _assesses(entry: Entry) -> bool:
    """Whether a line is a triage decision with both the need for and the urgency of investigations."""
    return entry.kind == Kind.REFERRAL_TRIAGED and bool(
        entry.facts.get("investigations") and entry.facts.get("urgency")
    )


def _by_deputy(role: str) -> bool:
    return role in (ActingRole.COVERING_CLINICIAN, ActingRole.OTHER_DESIGNATED)


def _plan_agreed_at(record: EpisodeRecord) -> datetime | None:
    """When a treatment plan was agreed: when its clock was met, or by a decision of the MDT."""
    met_at = [
        clock.stopped_at
        for clock in record.clocks
        if clock.kind == ClockKind.TREATMENT_PLAN and clock.stopped_because == Stopped.MET
    ]
    decided_at = (
        d.decided_at for d in record.mdt_decisions if set(d.content.get("outcomes", ())) - NO_PLAN_YET
    )
    return earliest([*met_at, *decided_at])


def _radiotherapy(
    facts: Sequence[Fact], mscc_at: datetime | None, *, since: datetime | None
) -> PromisePeriod | None:
    """The first promise of urgent radiotherapy for MSCC that was not superseded, from decision to first fraction.

    It counts from the scan that showed MSCC, because a decision on the verbal result comes before the report.
    """
    if mscc_at is None or since is None:
        return None
    promises = (
        promise for promise in promise_periods(facts, since=since) if promise.kind == ClockKind.RADIOTHERAPY
    )
    return next(
        (
            promise
            for promise in promises
            if promise.because != Stopped.SUPERSEDED and promise.started_at >= since
        ),
        None,
    )


def _course(facts: Sequence[Fact], *, by: datetime | None) -> Course:
    """The judgements for treatment by an instant; a question that nobody had judged by then has its later answer."""
    judgements: dict[str, Any] = {}
    for fact in facts:
        values = dict(fact.data) if fact.kind == COURSE_JUDGED else {}
        if fact.kind == "decision_to_treat" and fact.data.get("suitable_for_surgery"):
            values["surgery_suitable"] = fact.data["suitable_for_surgery"]
        for name, value in values.items():
            if by is None or fact.occurred_at <= by or judgements.get(name, "not_assessed") == "not_assessed":
                judgements[name] = value
    return course_from(judgements)


def _discharged_at(facts: Sequence[Fact]) -> datetime | None:
    """The last discharge before death."""
    died_at = _first(facts, "died")
    discharges = [fact.occurred_at for fact in facts if fact.kind == "discharged"]
    return max((at for at in discharges if died_at is None or at < died_at), default=None)


def _exception_to_plan(facts: Iterable[Fact], discharged_at: datetime | None) -> str:
    """The code of the exception for a discharge without a plan; empty where there was none."""
    discharges = (fact for fact in facts if fact.kind == "discharged" and fact.occurred_at == discharged_at)
    return next((str(fact.data["without_plan"]) for fact in discharges if fact.data.get("without_plan")), "")


def _plan_signed_at(
    record: EpisodeRecord, facts: Iterable[Fact], discharged_at: datetime | None
) -> datetime | None:
    """When the plan of the hospital stay was last signed before the discharge."""
    if discharged_at is None:
        return earliest(_signed_at(plan) for plan in record.plans)
    admissions = [f.occurred_at for f in facts if f.kind == "admitted" and f.occurred_at <= discharged_at]
    since = max(admissions, default=None)
    of_stay = (at for at in map(_signed_at, record.plans) if since is None or at >= since)
    return max((at for at in of_stay if at < discharged_at + MINUTE), default=None)


def _signed_at(plan: Plan) -> datetime:
    """When a plan was truly signed: on paper, if it was signed there first."""
    on_paper = plan.content.get("signed_on_paper_at")
    return from_rfc3339(on_paper) if on_paper else plan.at


def _exceptions(record: EpisodeRecord) -> Iterator[str]:
    exceptions = record.details.get(EXCEPTIONS) or []
    yield from exceptions
    if exceptions and not record.details.get(DECIDED_BY):
        yield "senior_not_named"
