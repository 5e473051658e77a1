"""The values of one episode that several of its fields share, worked out from its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from governance.episode_records import EpisodeRecord
from kernel.time import earliest, from_rfc3339
from ledger.kinds import Kind
from ledger.read import Entry
from oncall.kinds import ClockKind, Stopped
from referrals.case.case_facts import sent_findings_of, symptoms_began
from referrals.case.coordination import Coordination, coordination_of
from referrals.case.line_facts import ReferralTriaged
from referrals.case.models import Referral
from referrals.evidence.case_evidence import Evidence, evidence
from referrals.evidence.events import SADDLE
from referrals.evidence.examination import Limits
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.scans import Report, Scan, scans_and_reports
from referrals.intake.codes import COURSE_JUDGED, FINDINGS_COMPLETED
from referrals.promises.periods import PromisePeriod, promise_periods
from referrals.promises.reassessment import EMERGENCY_HOURS
from triage.guideline.course import Course
from triage.guideline.course import from_json as course_from
from triage.guideline.findings import ImagingFinding
from triage.guideline.stored import StoredPresentation


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


def reading_of(record: EpisodeRecord, limits: Limits) -> EpisodeReading:
    """The reading of a record; `limits` are those of the service."""
    first = record.referrals[0]
    continuing = next((referral for referral in record.referrals if referral.merged_into_id is None), first)
    died_at = earliest(referral.died_at for referral in record.referrals)
    facts = [f for f in in_true_order(record.facts) if f.kind != "died" or died_at is not None]
    suspected_at = min(referral.clinician_suspected_at for referral in record.referrals)
    case_evidence = evidence(
        replace(sent_findings_of(continuing), symptoms_began=symptoms_began_at(record)),
        record.facts,
        limits=limits,
    )
    mscc_at = shown_at(case_evidence.picture, ImagingFinding.MSCC)
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


def symptoms_began_at(record: EpisodeRecord) -> datetime:
    """When the present symptoms began, by the earliest of the referrals."""
    return min(symptoms_began(referral) for referral in record.referrals)


def shown_at(picture: SpinePicture, *findings: str) -> datetime | None:
    """When one of these findings, which stands now, was first reported."""
    return earliest(row.at for row in picture.findings if row.finding in findings and not row.stated_by)


def _scanned_at(reports: Iterable[Report], reported_at: datetime | None) -> datetime | None:
    """When the scan of a report was done."""
    return earliest(
        scan.at for report in reports if report.at == reported_at for scan in report.scan_of.values()
    )


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
            _neurology_suspected_at(referral, record.before_merges.get(referral.pk))
            for referral in record.referrals
            if referral is not first and _any_yes(record.first_presentations[referral.pk])
        ),
    ]
    completed_at = first_at([f for f in facts if _any_yes(f.data)], FINDINGS_COMPLETED)
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


def _neurology_suspected_at(referral: Referral, before_merge: Mapping[str, Any] | None) -> datetime:
    """When a referral suspected neurology, by its own instants: a merge moves those of the main case."""
    if before_merge is None:
        return referral.mscc_suspected_at or referral.clinician_suspected_at
    return from_rfc3339(before_merge["mscc_suspected_at"] or before_merge["clinician_suspected_at"])


def _any_yes(presentation: StoredPresentation) -> bool:
    neurology = presentation.get("neurology") or {}
    return "yes" in neurology.values() or presentation.get(SADDLE) == "yes"


def first_at(facts: Iterable[Fact], kind: str, *, since: datetime | None = None) -> datetime | None:
    """When a fact of this kind first happened; `facts` are in their true order."""
    instants = (fact.occurred_at for fact in facts if fact.kind == kind)
    return next((at for at in instants if since is None or at >= since), None)


def _assesses(entry: Entry) -> bool:
    """Whether a line is a triage decision with both the need for and the urgency of investigations."""
    if entry.kind != Kind.REFERRAL_TRIAGED:
        return False
    facts = cast(ReferralTriaged, entry.facts)
    return bool(facts.get("investigations") and facts.get("urgency"))


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
    died_at = first_at(facts, "died")
    discharges = [fact.occurred_at for fact in facts if fact.kind == "discharged"]
    return max((at for at in discharges if died_at is None or at < died_at), default=None)


def _exception_to_plan(facts: Iterable[Fact], discharged_at: datetime | None) -> str:
    """The code of the exception for a discharge without a plan; empty where there was none."""
    discharges = (fact for fact in facts if fact.kind == "discharged" and fact.occurred_at == discharged_at)
    return next((str(fact.data["without_plan"]) for fact in discharges if fact.data.get("without_plan")), "")
