"""The picture of the spine, region by region: the one place that decides which findings stand,
what is ruled out and what is open. Pure.

A report is about its own regions only. A finding stands until it is replaced by a final report of all of its
regions or withdrawn by a named person. The newest scan decides the state of a region.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.findings import (
    Contradiction,
    Finding,
    Statements,
    contradictions_of,
    current_findings,
)
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
from referrals.intake.codes import REGIONS, WHOLE_SPINE
from triage.guideline.findings import ImagingFinding, ImagingReport


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
class Region:
    """The current state of one region. `final` means that the report of its newest scan is final."""

    name: str
    state: RegionState
    finding: str = ""
    final: bool = False
    scan_at: datetime | None = None
    report_at: datetime | None = None
    assumed: bool = False  # no scan was reported: it is known only by its report
    awaited: bool = False  # its newest scan is not reported, whatever else stands
    by_ct_only: bool = False  # a CT where MRI is not contraindicated makes nothing clean

    @property
    def is_finally_reported(self) -> bool:
        """Finally reported, whatever it shows."""
        return self.final and self.state in (RegionState.CLEAN, RegionState.FINDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinePicture:
    """The current evidence about the spine, and the answers that triage reads from it."""

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    finding: ImagingFinding
    report: ImagingReport
    whole_spine_at: datetime | None  # when scans since neurology last worsened had covered it
    stated_whole_spine: bool = False  # a person of the service says that an older scan counts
    contradictions: tuple[Contradiction, ...] = ()
    unplaced: tuple[int, ...] = ()  # reports without regions, which count for none until somebody names them
    assumed: tuple[int, ...] = ()  # reports whose scan is not recorded
    stated: Mapping[str, str] = field(
        default_factory=dict
    )  # the referrer's statements, which triage does not read as they are

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
        """Whether the finding rests only on statements from outside the service, and on no report."""
        worst = [finding for finding in self.findings if finding.finding == self.finding]
        return bool(worst) and all(finding.stated_by and not finding.stated_by_service for finding in worst)

    @property
    def awaited(self) -> tuple[str, ...]:
        """The regions that are scanned and not reported."""
        return tuple(region.name for region in self.regions if region.awaited)

    def shows(self, *findings: str) -> bool:
        """Whether one of these findings stands."""
        return any(finding.finding in findings for finding in self.findings)


def picture(
    facts: Iterable[Fact],
    *,
    since: datetime,
    worse_at: Sequence[datetime] = (),
    mri_contraindicated: bool = False,
    statements: Mapping[str, str] | None = None,
    stated_at: datetime | None = None,
) -> SpinePicture:
    """The picture from every fact of a case, in any order.

    `since` is when the present symptoms began and `worse_at` when neurology worsened: an older scan makes
    nothing clean. `statements` is imaging as the referral states it (finding, report, whole spine).
    """
    ordered = in_true_order(facts)
    worsened_at = sorted(worse_at)
    from_then = max([since, *worsened_at])
    scans, reports = scans_and_reports(ordered)
    counting = [
        scan for scan in scans if _counts(scan, mri_contraindicated=mri_contraindicated, worse_at=worsened_at)
    ]
    all_statements = Statements(ordered, dict(statements or {}), stated_at or since, worsened_at)
    findings = current_findings(reports, all_statements, ordered)
    regions = tuple(
        _region(name, scans, [s for s in counting if s.at >= since], reports, findings) for name in REGIONS
    )
    fresh = {
        name: _region(
            name, scans, [s for s in counting if s.at >= from_then], reports, (), with_findings=False
        )
        for name in WHOLE_SPINE
    }
    every_final = all(fresh[name].is_finally_reported for name in WHOLE_SPINE)
    by_service = all_statements.seen_by_service(scans, reports)
    clean = not findings and (
        all(region.state == RegionState.CLEAN and region.final for region in fresh.values())
        or by_service.get("imaging_finding") == CLEAN
    )
    current = [scan for scan in counting if scan.at >= from_then]
    return SpinePicture(
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
        contradictions=contradictions_of(findings, reports, ordered),
        unplaced=tuple(r.number for r in reports if r.counts and r.unplaced),
        assumed=tuple(sorted({s.number for s in scans if s.assumed})),
        stated=all_statements.as_stated,
    )


def whole_spine_scanned_at(
    facts: Iterable[Fact],
    *,
    since: datetime,
    worse_at: Sequence[datetime] = (),
    mri_contraindicated: bool = False,
    by_ct: bool = True,
) -> datetime | None:
    """When scans had covered the whole spine, from facts alone. `by_ct` False counts MRI only, as the measures require."""
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
    """Whether a scan counts: a CT only where MRI is contraindicated, and a scan known only by its report only before a worsening."""
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
    with_findings: bool = True,
) -> Region:
    """The state of a region by its newest scan; a finding of the region has priority."""
    own = [scan for scan in counting if name in scan.regions]
    newest = own[-1] if own else None
    uncounted = [scan for scan in scans if name in scan.regions and scan not in counting]
    waits = any(
        (newest is None or scan.at > newest.at) and not _of(scan, name, reports) for scan in uncounted
    )
    own_findings = [finding for finding in findings if name in finding.regions]
    state, report = _state(newest, name, reports)
    if waits and newest is not None:
        state, report = RegionState.NOT_REPORTED, None
    awaited = waits or (newest is not None and not _of(newest, name, reports))
    if own_findings:
        return Region(
            name=name,
            state=RegionState.FINDING,
            finding=own_findings[0].finding,
            final=own_findings[0].final,
            scan_at=newest.at if newest else None,
            report_at=own_findings[0].at,
            awaited=awaited,
        )
    if state == RegionState.FINDING and with_findings:  # a named person withdrew the finding of its report
        state = RegionState.NOT_REPORTED
    return Region(
        name=name,
        state=state,
        final=report is not None and report.final,
        scan_at=newest.at if newest else None,
        report_at=report.at if report else None,
        assumed=newest is not None and newest.assumed,
        awaited=awaited,
        by_ct_only=newest is None and any(scan.modality == "ct" for scan in uncounted),
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
    # A report with a finding makes the region finally reported, unless the finding no longer stands.
    return (RegionState.FINDING, report) if report.stands else (RegionState.NOT_REPORTED, None)
