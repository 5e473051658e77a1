"""Scans and their reports: which scan and which regions each report is about. Pure.

Facts come late, twice and out of order, so they are read again in true order each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from referrals.evidence.event_data import EventData
from referrals.evidence.facts import Fact, in_true_order
from referrals.intake.codes import WHOLE_SPINE

SCANNED, REPORTED = "mri_performed", "mri_reported"
CLEAN, UNREADABLE = "no_malignant_disease", "non_diagnostic"
FINDING_OF_RESULT: Mapping[str, str] = {
    "mscc": "mscc",
    "cauda_equina_compression": "mscc",
    "impending_compression": "impending_compression",
    "metastases_no_compression": "spinal_metastases",
    "nerve_root_only": "spinal_metastases",
    "non_malignant_compression": "non_malignant_compression",
}
FINAL = frozenset({"final", "amended"})


@dataclass(slots=True, kw_only=True, eq=False)
class Scan:
    """One scan of some regions. An assumed scan is known only by its report."""

    number: int
    at: datetime
    regions: frozenset[str]
    modality: str
    identifier: str = ""
    assumed: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Report:
    """One report: its result, its regions and their scans, and whether it still counts.

    `scan_of` has the scan of each region. A report that names no region of a known scan is `unplaced`.
    """

    number: int
    at: datetime
    result: str
    final: bool
    identifier: str = ""
    replaces: str = ""
    regions: frozenset[str] = frozenset()
    scan_of: dict[str, Scan] = field(default_factory=dict)
    possible: frozenset[str] = WHOLE_SPINE  # the regions it may be about where it names none of a known scan
    withdrawn_at: datetime | None = None
    void: set[str] = field(
        default_factory=set
    )  # regions in which this report no longer counts after a withdrawal
    replaced_by: list["Report"] = field(default_factory=list)

    @property
    def finding(self) -> str:
        """The finding it shows; empty where it is clean or not readable."""
        return FINDING_OF_RESULT.get(self.result, "")

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def counts(self) -> bool:
        """Whether it decides the state of a region. It does not count again when the report that replaced it is withdrawn."""
        return not self.withdrawn and not self.replaced_by

    @property
    def stands(self) -> bool:
        """Whether its finding stands: no final report of all of its regions, unless withdrawn, replaced it."""
        own = self.regions or self.possible
        return not any(not report.withdrawn and report.regions >= own for report in self.replaced_by)

    def is_of(self, scan: "Scan", region: str) -> bool:
        """Whether it decides the state of this region of this scan."""
        return self.counts and region not in self.void and self.scan_of.get(region) is scan

    @property
    def unplaced(self) -> bool:
        return not self.regions

    def succeeds(self, earlier: "Report") -> bool:
        """Whether it replaces an earlier report, by the identifier it gives or repeats."""
        identifiers = {self.identifier, self.replaces} - {""}
        return bool(earlier.identifier) and earlier.identifier in identifiers


class Covering(Protocol):
    """Regions covered at an instant: a scan, as in the evidence or in the measures."""

    @property
    def at(self) -> datetime: ...
    @property
    def regions(self) -> frozenset[str]: ...


def first_covered(scans: Iterable[Covering], *, since: datetime | None = None) -> datetime | None:
    """When scans since an instant had together covered cervical, thoracic and lumbar spine; None when they have not."""
    covered: set[str] = set()
    for scan in sorted(scans, key=lambda scan: scan.at):
        if since is None or scan.at >= since:
            covered |= scan.regions
            if covered >= WHOLE_SPINE:
                return scan.at
    return None


def is_readable(scan: Scan, region: str, reports: Sequence[Report]) -> bool:
    """Whether a region is readable: neither its last final report nor, without a later final one, a provisional report says no."""
    own = [r for r in reports if r.is_of(scan, region)]
    last_final = next((place for place in reversed(range(len(own))) if own[place].final), -1)
    return all(r.result != UNREADABLE for r in own[max(last_final, 0) :])


def readable(scan: Scan, reports: Sequence[Report]) -> frozenset[str]:
    """The regions of a scan that count as scanned."""
    return frozenset(region for region in scan.regions if is_readable(scan, region, reports))


def is_final(data: EventData) -> bool:
    """Whether a report is final: by its status, else by `verified`; without both it is provisional."""
    return data.get("status") in FINAL or ("status" not in data and data.get("verified") is True)


def scans_and_reports(facts: Iterable[Fact]) -> tuple[list[Scan], list[Report]]:
    """Every scan and every report of a case, in true order, with the scans of each report.

    A report that was sent twice counts once, so that a finding which a person took away does not come back with it.
    """
    ordered = in_true_order(facts)
    counted: list[tuple[datetime, Mapping[str, object]]] = []
    scans: list[Scan] = []
    for fact in ordered:
        if fact.kind == SCANNED:
            _add(scans, fact)
    reports: list[Report] = []
    for fact in sorted(ordered, key=lambda fact: (fact.occurred_at, fact.data.get("status") == "withdrawn")):
        if fact.kind != REPORTED or (fact.occurred_at, fact.data) in counted:
            continue
        counted.append((fact.occurred_at, fact.data))
        if fact.data.get("status") == "withdrawn":
            _withdraw(fact, scans, reports)
            continue
        report = _placed(fact, scans, reports)
        for earlier in reports:
            if report.final and report.succeeds(earlier):
                earlier.replaced_by.append(report)
        reports.append(report)
    return scans, reports


def _add(scans: list[Scan], fact: Fact) -> None:
    """Add the scan of a fact; one that was reported twice is one scan."""
    scan = Scan(
        number=fact.number,
        at=fact.occurred_at,
        regions=frozenset(fact.data["regions"]),
        modality=fact.data["modality"],
        identifier=fact.data.get("scan", ""),
    )
    if not any(
        (other.at, other.regions, other.modality, other.identifier)
        == (scan.at, scan.regions, scan.modality, scan.identifier)
        for other in scans
    ):
        scans.append(scan)


def _withdraw(fact: Fact, scans: Sequence[Scan], reports: list[Report]) -> None:
    """Withdraw the named report, else every report of the scan or the regions, else every report.

    No other report of the same regions of the same scan counts after that: a withdrawn report does not reassure.
    """
    identifiers = {fact.data.get("report", ""), fact.data.get("replaces", "")} - {""}
    identifiers &= {report.identifier for report in reports}
    regions = set(fact.data.get("regions", ()))
    identifier = fact.data.get("scan", "")
    for report in reports:
        if identifiers:
            is_named = report.identifier in identifiers
        elif identifier and any(scan.identifier == identifier for scan in scans):
            is_named = any(scan.identifier == identifier for scan in report.scan_of.values())
        else:
            is_named = not regions or bool(regions & report.regions) or report.unplaced
        if not is_named or not all(later.withdrawn for later in report.replaced_by):
            continue
        report.withdrawn_at = report.withdrawn_at or fact.occurred_at
        for region, scan in report.scan_of.items():
            for sibling in reports:
                if sibling.scan_of.get(region) is scan:
                    sibling.void.add(region)


def _placed(fact: Fact, scans: list[Scan], reports: Sequence[Report]) -> Report:
    """The report of a fact, with its regions and their scans; an assumed scan is added where none is known."""
    data = fact.data
    report = Report(
        number=fact.number,
        at=fact.occurred_at,
        result=data["result"],
        final=is_final(data),
        identifier=data.get("report", ""),
        replaces=data.get("replaces", ""),
    )
    identifier = data.get("scan", "")
    earlier_scans = [scan for scan in scans if _minute(scan.at) <= _minute(fact.occurred_at)]
    named_scans = [scan for scan in earlier_scans if identifier and scan.identifier == identifier]
    named_scans = [scan for scan in named_scans if not scan.assumed] or named_scans
    if data.get("regions"):
        report.regions = frozenset(data["regions"])
        for region in sorted(report.regions):
            scan = _scan_of_region(region, named_scans or ([] if identifier else earlier_scans), reports)
            if scan is None and not named_scans:  # a known scan with this name did not cover this region
                scan = _assume(region, fact, scans)
            if scan is not None:
                report.scan_of[region] = scan
        return report
    own = named_scans if identifier else _unnamed_scan(earlier_scans, reports)
    report.regions = frozenset(region for scan in own for region in scan.regions)
    report.possible |= frozenset(region for scan in earlier_scans for region in scan.regions)
    report.scan_of = {region: scan for scan in own for region in scan.regions}
    return report


def _scan_of_region(region: str, scans: Sequence[Scan], reports: Sequence[Report]) -> Scan | None:
    """The oldest scan of a region without a final report; else the newest."""
    of_region = [scan for scan in scans if region in scan.regions]
    unreported = [scan for scan in of_region if not _finally_reported(scan, region, reports)]
    return unreported[0] if unreported else of_region[-1] if of_region else None


def _assume(region: str, fact: Fact, scans: list[Scan]) -> Scan:
    """The assumed scan of a reported region, which was scanned by the time of the report."""
    assumed_scan = next((scan for scan in scans if scan.assumed and scan.number == fact.number), None)
    if assumed_scan is not None:
        assumed_scan.regions |= {region}
        return assumed_scan
    scan = Scan(
        number=fact.number,
        at=fact.occurred_at,
        regions=frozenset({region}),
        modality="mri",
        identifier=fact.data.get("scan", ""),
        assumed=True,
    )
    scans.append(scan)
    scans.sort(key=lambda scan: scan.at)
    return scan


def _unnamed_scan(scans: Sequence[Scan], reports: Sequence[Report]) -> list[Scan]:
    """The scan of a report that names none: the only scan, or the only one without a final report."""
    groups: dict[object, list[Scan]] = {}
    for scan in scans:
        groups.setdefault(scan.identifier or scan.number, []).append(scan)
    unreported = [
        group
        for group in groups.values()
        if any(not _finally_reported(scan, region, reports) for scan in group for region in scan.regions)
    ]
    if len(groups) == 1:
        return next(iter(groups.values()))
    return unreported[0] if len(unreported) == 1 else []


def _finally_reported(scan: Scan, region: str, reports: Sequence[Report]) -> bool:
    return any(report.final and report.is_of(scan, region) for report in reports)


def _minute(instant: datetime) -> datetime:
    """Forms have no seconds: a report in the minute of its scan counts as later."""
    return instant.replace(second=0, microsecond=0)
