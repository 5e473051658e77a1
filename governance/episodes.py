"""The episodes that the measures count, worked out from the ledger, the clocks and the record."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from accounts import service as services
from governance.episode import MeasuredEpisode, MeasuredPerson, MeasuredScan
from governance.episode_readings import EpisodeReading, first_at, reading_of, shown_at, symptoms_began_at
from governance.episode_records import DECIDED_BY, EXCEPTIONS, EpisodeRecord, episode_records
from governance.populations import MINUTE
from kernel.actors import ActingRole
from kernel.time import earliest, from_rfc3339, london_date
from mdt.codes import is_plan
from mdt.models import Plan
from oncall.kinds import ClockKind, Stopped
from referrals.case.case_facts import limits_of
from referrals.case.models import Referral
from referrals.evidence.course import TREATMENT
from referrals.evidence.examination import Limits
from referrals.evidence.facts import Fact
from referrals.evidence.scans import Report, Scan, readable
from triage.guideline.findings import ImagingFinding
from triage.guideline.radiotherapy import is_excluded

Value = TypeVar("Value")
NOT_KNOWN = "99"  # of the ethnic categories
METASTASES = (ImagingFinding.SPINAL_METASTASES, ImagingFinding.IMPENDING_COMPRESSION)


def episodes(
    *, since: datetime, until: datetime, referred_by: Collection[str] | None = None
) -> list[MeasuredEpisode]:
    """The episodes that may fall into a period, in a fixed number of queries, however many there are.

    Cases entered in error and the service's own tests are left out. `referred_by` keeps the episodes with a referral
    by one of these organisations.
    """
    limits = limits_of(services.current())
    records = episode_records(since=since, until=until, referred_by=referred_by)
    return [_episode(record, limits) for record in records]


# Each field of an episode and how it is read.
FIELDS: dict[str, Callable[[EpisodeReading], Any]] = {
    "reference": lambda r: r.first.reference,
    "references": lambda r: tuple(referral.reference for referral in r.record.referrals),
    "person": lambda r: _person(r.record.referrals, on=london_date(r.suspected_at)),
    "suspected_at": lambda r: r.suspected_at,
    "began_at": lambda r: symptoms_began_at(r.record),
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
    "reported_at": lambda r: first_at(r.facts, "mri_reported"),
    "mri_contraindicated": lambda r: any(
        referral.presentation["mri_contraindicated"] == "yes" for referral in r.record.referrals
    ),
    "metastases_at": lambda r: shown_at(r.picture, *METASTASES),
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
    "decided_at": lambda r: first_at(r.facts, "decision_to_treat", since=r.mscc_known_at),
    "radiotherapy_at": lambda r: r.radiotherapy.stopped_at if r.radiotherapy else None,
    "surgery_at": lambda r: first_at(r.facts, "surgery_started"),
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
    reading = reading_of(record, limits)
    return MeasuredEpisode(**{name: read(reading) for name, read in FIELDS.items()})


def _person(referrals: Sequence[Referral], *, on: date) -> MeasuredPerson:
    """The person of an episode: what referrals say of them, by the newest that knows it; who referred is of the first.

    Help to communicate is needed if any of them says so.
    """
    patients = [referral.patient for referral in referrals]
    born = _newest(patient.date_of_birth for patient in patients)
    return MeasuredPerson(
        sex=_newest(patient.sex for patient in patients if patient.sex != "unknown") or "",
        age=on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else None,
        ethnic_category=_newest(p.ethnic_category for p in patients if p.ethnic_category != NOT_KNOWN) or "",
        needs_help=any(patient.interpreter_needed or patient.communication_needs for patient in patients),
        referred_by=referrals[0].referrer.get("role") or "",
    )


def _newest(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in reversed(list(values)) if value), None)


def _measured_scans(scans: Sequence[Scan], reports: Sequence[Report]) -> tuple[MeasuredScan, ...]:
    return tuple(
        MeasuredScan(at=scan.at, modality=scan.modality, regions=readable(scan, reports))
        for scan in scans
        if not scan.assumed
    )


def _leads_elsewhere(plans: Sequence[Plan]) -> bool:
    """Whether the newest signed plan sends the person to another hospital."""
    return any(plan.content.get("destination") == "other_hospital" for plan in plans[-1:])


def _has_pain(referral: Referral) -> bool:
    return any(
        "yes" in presentation["pain"].values()
        for presentation in (referral.presentation_sent, referral.presentation)
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
    decided_at = (d.decided_at for d in record.mdt_decisions if is_plan(d.content.get("outcomes", ())))
    return earliest([*met_at, *decided_at])


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
