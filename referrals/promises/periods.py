"""The periods of the promises that follow from the facts of a case: start, end, and why they ended. Pure.

Facts arrive late and in any order, so the periods are calculated again from all of them each time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.kinds import ClockKind, Stopped
from referrals.evidence.course import TREATMENT
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.scans import FINDING_OF_RESULT, REPORTED, Report, Scan, scans_and_reports
from referrals.intake.codes import PLAN_OPENED, PLAN_SIGNED
from triage.guideline.findings import ImagingFinding

PLANNED_ELSEWHERE = frozenset({"transfer", "plan_elsewhere"})
OTHER_TREATMENTS = frozenset({"surgery", "supportive_care"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisePeriod:
    """One period of a clock; `stopped_at` is None while it runs."""

    kind: ClockKind
    started_at: datetime
    stopped_at: datetime | None = None
    because: Stopped = Stopped.MET
    subject: int = 0


PERIOD_CLOCKS = (
    ClockKind.MRI_REPORT,
    ClockKind.DECISION_TO_TREAT,
    ClockKind.RADIOTHERAPY,
    ClockKind.CG75_LEGACY,
    ClockKind.DISCHARGE_PLAN,
)


def promise_periods(
    facts: Iterable[Fact],
    *,
    since: datetime,
    worse_at: Iterable[datetime] = (),
    radiotherapy_excluded: bool = False,
    stated_at: datetime | None = None,
) -> list[PromisePeriod]:
    """The periods of report, decision, radiotherapy and discharge plan, in this order.

    `since` is when the symptoms began: an older scan starts no wait for its report.
    `worse_at` are deteriorations: each needs a new decision. `radiotherapy_excluded` is the
    exclusion of NG234 1.10.4, as it applies now. `stated_at` is when a referral came that states MSCC.
    """
    ordered = in_true_order(facts)
    scans, reports = scans_and_reports(ordered)
    return [
        *_reports([scan for scan in scans if scan.at >= since and not scan.assumed], reports),
        *_decisions(ordered, reports, stated_at=stated_at, worse_at=sorted(worse_at)),
        *(() if radiotherapy_excluded else _radiotherapies(ordered, worse_at=sorted(worse_at))),
        *_legacy(ordered),
        *_plans(ordered),
    ]


def shows_compression(fact: Fact) -> bool:
    """Whether a fact is a report of compression of the cord or cauda equina."""
    finding_is_mscc = FINDING_OF_RESULT.get(fact.data.get("result", "")) == ImagingFinding.MSCC
    return fact.kind == REPORTED and finding_is_mscc and fact.data.get("status") != "withdrawn"


def first_treatment_at(facts: Iterable[Fact]) -> datetime | None:
    """When definitive treatment began; None while it has not."""
    return next((fact.occurred_at for fact in in_true_order(facts) if fact.kind in TREATMENT), None)


FINAL_REPORT = 1  # the subject of the second limit, which ends with the final reports


def _reports(scans: Sequence[Scan], reports: Sequence[Report]) -> Iterator[PromisePeriod]:
    """From a scan until all of its regions have a first report; and, from the same scan, until all have a final report.

    A withdrawn report does not count: the clock runs on from its first start.
    """
    first_reports = _joined(
        (scan.at, _reported_at(scan, region, scans, reports)) for scan in scans for region in scan.regions
    )
    for started_at, stopped_at in first_reports:
        yield PromisePeriod(kind=ClockKind.MRI_REPORT, started_at=started_at, stopped_at=stopped_at)
    final_reports = _joined(
        (scan.at, _reported_at(scan, region, scans, reports, final=True))
        for scan in scans
        for region in scan.regions
        if _reported_at(scan, region, scans, reports) is not None
    )
    first_reported_at = {start: stop for start, stop in first_reports if stop is not None}
    for started_at, stopped_at in final_reports:
        if started_at in first_reported_at and (
            stopped_at is None or stopped_at > first_reported_at[started_at]
        ):
            yield PromisePeriod(
                kind=ClockKind.MRI_REPORT, started_at=started_at, stopped_at=stopped_at, subject=FINAL_REPORT
            )


def _reported_at(
    scan: Scan, region: str, scans: Sequence[Scan], reports: Sequence[Report], *, final: bool = False
) -> datetime | None:
    """When a region of a scan, or of a newer scan of it, was first reported."""
    newer = [newer_scan for newer_scan in scans if region in newer_scan.regions and newer_scan.at >= scan.at]
    return next(
        (
            report.at
            for report in reports
            if not report.withdrawn
            and (report.final or not final)
            and any(report.scan_of.get(region) is newer_scan for newer_scan in newer)
        ),
        None,
    )


def _joined(
    waits: Iterable[tuple[datetime, datetime | None]],
) -> list[tuple[datetime, datetime | None]]:
    """The waits, with those that overlap joined into one; the end is None while a wait goes on."""
    stretches: list[tuple[datetime, datetime | None]] = []
    for since, until in sorted(waits, key=lambda wait: wait[0]):
        if stretches and (stretches[-1][1] is None or since < stretches[-1][1]):
            start, end = stretches[-1]
            stretches[-1] = (start, None if end is None or until is None else max(end, until))
        elif stretches and since == stretches[-1][0]:
            stretches[-1] = (since, until if stretches[-1][1] is None else stretches[-1][1])
        else:
            stretches.append((since, until))
    return stretches


def _decisions(
    facts: list[Fact], reports: Sequence[Report], *, stated_at: datetime | None, worse_at: list[datetime]
) -> Iterator[PromisePeriod]:
    """From a report of compression, or the referral that states it, to the decision. A repeated report needs no new decision."""
    since: datetime | None = None
    decided_at: datetime | None = None
    compressions: list[tuple[datetime, Report | None]] = [
        (report.at, report) for report in reports if report.finding == ImagingFinding.MSCC
    ]
    steps = [
        *((at, False, report) for at, report in [*compressions, *([(stated_at, None)] if stated_at else [])]),
        *((fact.occurred_at, True, None) for fact in facts if fact.kind == "decision_to_treat"),
    ]
    for at, decides, report in sorted(steps, key=lambda step: step[:2]):
        if not decides:
            worse_before = decided_at is not None and any(
                decided_at < worsened_at <= at for worsened_at in worse_at
            )
            is_news = (
                decided_at is None
                or worse_before
                or (report is not None and _is_news(report, reports, decided_at))
            )
            since = since or (at if is_news else None)
            continue
        decided_at = at
        if since is not None:
            yield PromisePeriod(kind=ClockKind.DECISION_TO_TREAT, started_at=since, stopped_at=decided_at)
            since = None
    if since is not None:
        yield PromisePeriod(kind=ClockKind.DECISION_TO_TREAT, started_at=since)


def _is_news(report: Report, reports: Sequence[Report], decided_at: datetime) -> bool:
    """Whether this compression is new since a decision.

    It is not new if a finding of compression stood at the decision, except in a region that only a scan since then
    shows. Nor if its scan was done by then and had no other report: the result may have come by telephone.
    """
    earlier = [earlier_report for earlier_report in reports if earlier_report.at <= decided_at]
    scanned_since = any(not scan.assumed and scan.at > decided_at for scan in report.scan_of.values())
    known = [
        earlier_report
        for earlier_report in earlier
        if earlier_report.finding == ImagingFinding.MSCC and _stood_at(earlier_report, decided_at)
    ]
    if known:
        known_regions = frozenset[str]().union(*(earlier_report.regions for earlier_report in known))
        return scanned_since and not any(r.unplaced for r in known) and not report.regions <= known_regions
    return scanned_since or any(earlier_report.regions & report.regions for earlier_report in earlier)


def _stood_at(report: Report, at: datetime) -> bool:
    is_withdrawn = report.withdrawn_at is not None and report.withdrawn_at <= at
    return not is_withdrawn and not any(
        other.at <= at and not other.withdrawn for other in report.replaced_by
    )


def _radiotherapies(facts: list[Fact], *, worse_at: Sequence[datetime]) -> Iterator[PromisePeriod]:
    """From the decision for radiotherapy to its first fraction; not after surgery (NG234 1.10.4).

    A later decision for surgery or supportive care, or an operation, takes its place. After a new worsening
    radiotherapy no longer follows the operation of before.
    """
    since: datetime | None = None
    operated_at: datetime | None = None
    for fact in facts:
        if operated_at is not None and any(operated_at < worse <= fact.occurred_at for worse in worse_at):
            operated_at = None
        overtaken = fact.kind == "surgery_started" or (
            fact.kind == "decision_to_treat" and fact.data["modality"] in OTHER_TREATMENTS
        )
        if since is not None and (overtaken or fact.kind == "radiotherapy_started"):
            yield PromisePeriod(
                kind=ClockKind.RADIOTHERAPY,
                started_at=since,
                stopped_at=fact.occurred_at,
                because=Stopped.SUPERSEDED if overtaken else Stopped.MET,
            )
            since = None
        operated_at = fact.occurred_at if fact.kind == "surgery_started" else operated_at
        decided = fact.kind == "decision_to_treat" and fact.data["modality"] == "radiotherapy"
        if decided and operated_at is None and since is None:
            since = fact.occurred_at
    if since is not None:
        yield PromisePeriod(kind=ClockKind.RADIOTHERAPY, started_at=since)


def _legacy(facts: list[Fact]) -> Iterator[PromisePeriod]:
    """From the first report of compression to treatment, as CG75 (2008) asked: for reports only."""
    confirmed_at = next((fact.occurred_at for fact in facts if shows_compression(fact)), None)
    if confirmed_at is not None:
        later_facts = [fact for fact in facts if fact.occurred_at >= confirmed_at]
        yield PromisePeriod(
            kind=ClockKind.CG75_LEGACY, started_at=confirmed_at, stopped_at=first_treatment_at(later_facts)
        )


def plan_is_signed(facts: Iterable[Fact]) -> bool:
    """Whether a management plan was signed since the person was last admitted."""
    of_stay = sorted(
        (fact for fact in facts if fact.kind in ("admitted", PLAN_SIGNED)), key=lambda fact: fact.occurred_at
    )
    return bool(of_stay) and of_stay[-1].kind == PLAN_SIGNED


def _plans(facts: list[Fact]) -> Iterator[PromisePeriod]:
    """From diagnosis or admission, whichever is earlier, to the opening of the plan (QS56 statement 7).

    A discharge without a signed plan starts the clock; an admission after a discharge needs a
    plan again.
    """
    since: datetime | None = None
    is_opened = is_signed = is_home = False
    for fact in sorted(facts, key=_by_the_minute):
        diagnosed = shows_compression(fact)
        if fact.kind == "admitted" and is_home:
            is_opened = is_signed = is_home = False
        if fact.kind == "admitted" or diagnosed:
            since = since or (None if is_opened else fact.occurred_at)
        elif fact.kind in (PLAN_OPENED, PLAN_SIGNED):
            is_opened, is_signed = True, is_signed or fact.kind == PLAN_SIGNED
            if since is not None and (is_signed or not is_home):
                yield PromisePeriod(
                    kind=ClockKind.DISCHARGE_PLAN, started_at=since, stopped_at=fact.occurred_at
                )
                since = None
        elif fact.kind == "discharged":
            is_home = True
            planned = is_signed or fact.data.get("without_plan") in PLANNED_ELSEWHERE
            since = since or (None if planned else fact.occurred_at)
    if since is not None:
        yield PromisePeriod(kind=ClockKind.DISCHARGE_PLAN, started_at=since)


def _by_the_minute(fact: Fact) -> tuple[datetime, bool]:
    """Forms have no seconds: a person discharged in the minute of the signature leaves with the plan."""
    return fact.occurred_at.replace(second=0, microsecond=0), fact.kind == "discharged"
