"""What is known of the spine, region by region, and what that means: the one place that says what stands,
what is ruled out and what is open. Pure.

A report speaks of its own regions only. A finding stands until a final report of all of its regions that
replaces it, or a named person, takes it away. A region is as its newest scan says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from referrals.codes import FINDINGS_COMPLETED, REGIONS, WHOLE_SPINE
from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN, Fact, in_true_order
from referrals.evidence.scans import (
    CLEAN,
    UNREADABLE,
    Report,
    Scan,
    first_covered,
    is_readable,
    readable,
    scans_and_reports,
)
from triage.guideline.findings import ImagingFinding, ImagingReport

# The worst first.
SEVERITY: tuple[str, ...] = (
    ImagingFinding.MSCC,
    ImagingFinding.IMPENDING_COMPRESSION,
    ImagingFinding.SPINAL_METASTASES,
    ImagingFinding.NON_MALIGNANT_COMPRESSION,
)


class RegionState(StrEnum):
    NOT_SCANNED = "not_scanned"
    NOT_REPORTED = "not_reported"
    NON_DIAGNOSTIC = "non_diagnostic"
    CLEAN = "clean"
    FINDING = "finding"


STATE_WORDS: Mapping[str, str] = {
    RegionState.NOT_SCANNED: "not scanned",
    RegionState.NOT_REPORTED: "scanned, not reported",
    RegionState.NON_DIAGNOSTIC: "scan not readable, counts as not scanned",
    RegionState.CLEAN: "no malignant disease",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding that stands. `number` is the report's fact, or that of the statement; 0 is the referral's own."""

    finding: str
    number: int
    at: datetime
    regions: frozenset[str] = frozenset()
    final: bool = False
    report_withdrawn: bool = False
    stated_by: str = ""  # who said so, where no report of this case shows it
    stated_by_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region as it stands. `final` says that the report of its newest scan is final."""

    name: str
    state: RegionState
    finding: str = ""
    final: bool = False
    scan_at: datetime | None = None
    report_at: datetime | None = None
    assumed: bool = False  # no scan was told: it is known by its report
    awaited: bool = False  # its newest scan is not reported, whatever else stands
    by_ct_only: bool = False  # a CT where MRI is not contraindicated makes nothing clean

    @property
    def done(self) -> bool:
        """Finally reported, whatever it shows."""
        return self.final and self.state in (RegionState.CLEAN, RegionState.FINDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A clean report against a standing finding of the same region, until a named person settles it."""

    finding: Finding
    report: int
    reported_at: datetime
    final: bool
    regions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The spine as it is known at present, and what triage reads of it."""

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    finding: ImagingFinding
    report: ImagingReport
    whole_spine_at: datetime | None  # when scans since neurology last worsened had covered it
    stated_whole_spine: bool = False  # a person of the service says that an older scan counts
    contradictions: tuple[Contradiction, ...] = ()
    unplaced: tuple[int, ...] = ()  # reports that count for no region until somebody says which
    assumed: tuple[int, ...] = ()  # reports whose scan nobody told of
    stated: Mapping[str, str] = field(default_factory=dict)  # as the referrer said it, and not read so

    @property
    def whole_spine(self) -> bool:
        return self.whole_spine_at is not None or self.stated_whole_spine

    @property
    def ruled_out(self) -> bool:
        """MSCC is ruled out: final reports of the whole spine show none, and nothing worse stands."""
        clean = self.finding in (
            ImagingFinding.NO_MALIGNANT_DISEASE,
            ImagingFinding.NON_MALIGNANT_COMPRESSION,
        )
        return clean and self.whole_spine and self.report == ImagingReport.FINAL and not self.only_stated

    @property
    def only_stated(self) -> bool:
        """The finding rests on what somebody outside the service said, and on no report."""
        worst = [one for one in self.findings if one.finding == self.finding]
        return bool(worst) and all(one.stated_by and not one.stated_by_service for one in worst)

    @property
    def awaited(self) -> tuple[str, ...]:
        """The regions that are scanned and not reported."""
        return tuple(region.name for region in self.regions if region.awaited)

    def shows(self, *findings: str) -> bool:
        """Whether one of these findings stands."""
        return any(one.finding in findings for one in self.findings)


def picture(
    facts: Iterable[Fact],
    *,
    since: datetime,
    worse_at: Sequence[datetime] = (),
    mri_contraindicated: bool = False,
    stated: Mapping[str, str] | None = None,
    stated_at: datetime | None = None,
) -> Picture:
    """The picture from every fact of a case, whatever order they came in.

    `since` is when the present symptoms began and `worse_at` when neurology worsened: an older scan makes
    nothing clean. `stated` is imaging as the referral states it (finding, report, whole spine).
    """
    ordered = in_true_order(facts)
    worse = sorted(worse_at)
    from_then = max([since, *worse])
    scans, reports = scans_and_reports(ordered)
    counting = [
        scan for scan in scans if _counts(scan, mri_contraindicated=mri_contraindicated, worse_at=worse)
    ]
    said = _Statements(ordered, dict(stated or {}), stated_at or since, worse)
    findings = _standing(reports, said, ordered)
    regions = tuple(
        _region(name, scans, [s for s in counting if s.at >= since], reports, findings) for name in REGIONS
    )
    fresh = {
        name: _region(name, scans, [s for s in counting if s.at >= from_then], reports, (), shown=False)
        for name in WHOLE_SPINE
    }
    every_final = all(fresh[name].done for name in WHOLE_SPINE)
    by_service = said.seen_by_service(scans, reports)
    clean = not findings and (
        all(region.state == RegionState.CLEAN and region.final for region in fresh.values())
        or by_service.get("imaging_finding") == CLEAN
    )
    current = [scan for scan in counting if scan.at >= from_then]
    return Picture(
        regions=regions,
        findings=findings,
        finding=ImagingFinding(findings[0].finding)
        if findings
        else ImagingFinding.NO_MALIGNANT_DISEASE
        if clean
        else ImagingFinding.NONE,
        report=ImagingReport.FINAL
        if every_final or by_service.get("imaging_report") == ImagingReport.FINAL
        else ImagingReport.PROVISIONAL
        if any(
            r.result != UNREADABLE
            and any(r.is_of(scan, name) for name, scan in r.scan_of.items() if scan in current)
            for r in reports
        )
        or by_service.get("imaging_report") == ImagingReport.PROVISIONAL
        else ImagingReport.NONE,
        whole_spine_at=first_covered(_as_readable(counting, reports), since=from_then),
        stated_whole_spine=by_service.get("whole_spine_imaged") == "yes",
        contradictions=_contradictions(findings, reports, ordered),
        unplaced=tuple(r.number for r in reports if r.counts and r.unplaced),
        assumed=tuple(sorted({s.number for s in scans if s.assumed})),
        stated=said.as_stated,
    )


def whole_spine_scanned_at(
    facts: Iterable[Fact],
    *,
    since: datetime,
    worse_at: Sequence[datetime] = (),
    mri_contraindicated: bool = False,
    by_ct: bool = True,
) -> datetime | None:
    """The same from facts alone. `by_ct` False counts MRI only, as the measures do literally."""
    scans, reports = scans_and_reports(facts)
    counting = [
        scan
        for scan in scans
        if _counts(scan, mri_contraindicated=mri_contraindicated and by_ct, worse_at=sorted(worse_at))
    ]
    return first_covered(_as_readable(counting, reports), since=since)


def _as_readable(scans: Iterable[Scan], reports: Sequence[Report]) -> list[Scan]:
    return [replace(scan, regions=readable(scan, reports)) for scan in scans]


def _counts(scan: Scan, *, mri_contraindicated: bool, worse_at: Sequence[datetime]) -> bool:
    """CT counts only where MRI is contraindicated; a scan known by its report alone, only before any worsening."""
    if scan.assumed and any(worse <= scan.at for worse in worse_at):
        return False
    return scan.modality == "mri" or mri_contraindicated


def _of(scan: Scan, region: str, reports: Sequence[Report]) -> list[Report]:
    return [r for r in reports if r.is_of(scan, region)]


def _region(
    name: str,
    scans: Sequence[Scan],
    counting: Sequence[Scan],
    reports: Sequence[Report],
    findings: Sequence[Finding],
    *,
    shown: bool = True,
) -> Region:
    """How a region is by its newest scan; a finding of it stands before everything."""
    own = [scan for scan in counting if name in scan.regions]
    newest = own[-1] if own else None
    others = [scan for scan in scans if name in scan.regions and scan not in counting]
    waits = any((newest is None or scan.at > newest.at) and not _of(scan, name, reports) for scan in others)
    here = [one for one in findings if name in one.regions]
    state, report = _state(newest, name, reports)
    if waits and newest is not None:
        state, report = RegionState.NOT_REPORTED, None
    awaited = waits or (newest is not None and not _of(newest, name, reports))
    if here:
        return Region(
            name=name, state=RegionState.FINDING, finding=here[0].finding, final=here[0].final,
            scan_at=newest.at if newest else None, report_at=here[0].at, awaited=awaited,
        )  # fmt: skip
    if state == RegionState.FINDING and shown:  # a named person took away what its report showed
        state = RegionState.NOT_REPORTED
    return Region(
        name=name,
        state=state,
        final=report is not None and report.final,
        scan_at=newest.at if newest else None,
        report_at=report.at if report else None,
        assumed=newest is not None and newest.assumed,
        awaited=awaited,
        by_ct_only=newest is None and any(scan.modality == "ct" for scan in others),
    )


def _state(scan: Scan | None, region: str, reports: Sequence[Report]) -> tuple[RegionState, Report | None]:
    if scan is None:
        return RegionState.NOT_SCANNED, None
    own = _of(scan, region, reports)
    if not own:
        return RegionState.NOT_REPORTED, None
    if not is_readable(scan, region, reports):
        return RegionState.NON_DIAGNOSTIC, own[-1]
    report = next((r for r in reversed(own) if r.final), own[-1])
    if report.result == CLEAN:
        return RegionState.CLEAN, report
    # A report that shows something makes the region finally reported; where its finding was taken away, nothing.
    return (RegionState.FINDING, report) if report.stands else (RegionState.NOT_REPORTED, None)


def _standing(reports: Sequence[Report], said: "_Statements", facts: Sequence[Fact]) -> tuple[Finding, ...]:
    """Every finding that stands, the worst first."""
    taken_away = {fact.data["finding"] for fact in facts if fact.kind == FINDING_WITHDRAWN}
    found = [
        Finding(
            finding=r.finding, number=r.number, at=r.at, regions=r.regions, final=r.final and not r.withdrawn,
            report_withdrawn=r.withdrawn,
        )
        for r in reports
        if r.finding and r.stands
    ]  # fmt: skip
    found += said.findings
    left = [one for one in found if one.number not in taken_away]
    return tuple(sorted(left, key=lambda one: (SEVERITY.index(one.finding), not one.final, one.at)))


def _contradictions(
    findings: Sequence[Finding], reports: Sequence[Report], facts: Sequence[Fact]
) -> tuple[Contradiction, ...]:
    settled = {(f.data["finding"], f.data["report"]) for f in facts if f.kind == FINDING_CONFIRMED}
    return tuple(
        Contradiction(
            finding=one,
            report=r.number,
            reported_at=r.at,
            final=r.final,
            regions=one.regions & r.regions or r.regions,
        )
        for one in findings
        for r in reports
        if r in _against(one, reports) and (one.number, r.number) not in settled
    )


def _against(finding: Finding, reports: Sequence[Report]) -> list[Report]:
    """The clean reports, no older than a finding, that speak of its regions; where it names none, all of the spine."""
    clean = [r for r in reports if r.result == CLEAN and r.counts and r.at >= finding.at]
    if finding.regions:
        return [r for r in clean if finding.regions & r.regions]
    together = frozenset(region for r in clean for region in r.regions)
    return clean[-1:] if together >= WHOLE_SPINE else []


class _Statements:
    """What people said of imaging. It can raise; only the service's own can say that the spine is clean."""

    def __init__(
        self, facts: Sequence[Fact], stated: Mapping[str, str], at: datetime, worse_at: Sequence[datetime]
    ) -> None:
        self.as_stated = {
            name: value for name, value in stated.items() if value not in ("none", "not_assessed", "no")
        }
        self.findings: list[Finding] = []
        self._by_service: dict[str, tuple[str, datetime]] = {}
        if stated.get("imaging_finding") in SEVERITY:
            self.findings.append(
                Finding(finding=stated["imaging_finding"], number=0, at=at, stated_by="the referral")
            )
        for fact in facts:
            if fact.kind != FINDINGS_COMPLETED:
                continue
            if fact.data.get("imaging_finding") in SEVERITY:
                self.findings.append(
                    Finding(
                        finding=fact.data["imaging_finding"], number=fact.number, at=fact.occurred_at,
                        stated_by=fact.by_name or "the referring side", stated_by_service=fact.by_service,
                    )
                )  # fmt: skip
            if fact.by_service:
                for name in ("imaging_finding", "imaging_report", "whole_spine_imaged"):
                    if name in fact.data:
                        self._by_service[name] = (fact.data[name], fact.occurred_at)
        self._worse_at = worse_at

    def seen_by_service(self, scans: Sequence[Scan], reports: Sequence[Report]) -> dict[str, str]:
        """What a person of the service has seen, unless something newer speaks: a worsening, a scan, a report that is not clean."""

        def overtaken(at: datetime) -> bool:
            return (
                any(worse > at for worse in self._worse_at)
                or any(scan.at > at for scan in scans)
                or any(r.at > at and r.result != CLEAN for r in reports)
                or any(r.withdrawn_at is not None and r.withdrawn_at > at for r in reports)
            )

        return {name: value for name, (value, at) in self._by_service.items() if not overtaken(at)}
