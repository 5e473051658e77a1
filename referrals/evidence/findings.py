"""Which imaging findings stand, their sources, and the reports that contradict them. Pure.

A finding stands until a final report of all of its regions that replaces it, or a named person, takes it away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from referrals.evidence.event_data import SettledFinding
from referrals.evidence.facts import CHANGED, FINDING_CONFIRMED, FINDING_WITHDRAWN, Fact
from referrals.evidence.scans import (
    CLEAN,
    Report,
    Scan,
)
from referrals.intake.codes import FINDINGS_COMPLETED, WHOLE_SPINE
from triage.guideline.findings import ImagingFinding

# The worst first.
SEVERITY: tuple[str, ...] = (
    ImagingFinding.MSCC,
    ImagingFinding.IMPENDING_COMPRESSION,
    ImagingFinding.SPINAL_METASTASES,
    ImagingFinding.NON_MALIGNANT_COMPRESSION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding that stands. `number` is that of the fact of its report or statement; 0 is the referral."""

    finding: str
    number: int
    at: datetime
    regions: frozenset[str] = frozenset()
    final: bool = False
    report_withdrawn: bool = False
    stated_by: str = ""  # the person who stated it, where no report of this case shows it
    stated_by_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A clean report against a current finding of the same region, until a named person settles it."""

    finding: Finding
    report: int
    reported_at: datetime
    final: bool
    regions: frozenset[str]


class Statements:
    """The statements of people about imaging. They can raise; only one by the service can call the spine clean."""

    def __init__(
        self, facts: Sequence[Fact], statements: Mapping[str, str], at: datetime, worse_at: Sequence[datetime]
    ) -> None:
        self.as_stated = {
            name: value for name, value in statements.items() if value not in ("none", "not_assessed", "no")
        }
        self.findings: list[Finding] = []
        self._by_service: dict[str, tuple[str, Fact]] = {}
        if statements.get("imaging_finding") in SEVERITY:
            self.findings.append(
                Finding(finding=statements["imaging_finding"], number=0, at=at, stated_by="the referral")
            )
        for fact in facts:
            if fact.kind != FINDINGS_COMPLETED:
                continue
            if fact.data.get("imaging_finding") in SEVERITY:
                self.findings.append(
                    Finding(
                        finding=fact.data["imaging_finding"],
                        number=fact.number,
                        at=fact.occurred_at,
                        stated_by=fact.by_name or "the referring side",
                        stated_by_service=fact.by_service,
                    )
                )
            if fact.by_service:
                for name in ("imaging_finding", "imaging_report", "whole_spine_imaged"):
                    if name in fact.data:
                        self._by_service[name] = (fact.data[name], fact)
        self._worse_at = worse_at
        self._worsenings = [fact for fact in facts if fact.kind == CHANGED and fact.occurred_at in worse_at]

    def seen_by_service(self, scans: Sequence[Scan], reports: Sequence[Report]) -> dict[str, str]:
        """The statements by people of the service, unless there is a newer worsening, scan, withdrawal or report that is not clean.

        A worsening that was reported after a statement was not known to the person who made it.
        """

        def overtaken(statement: Fact) -> bool:
            at = statement.occurred_at
            return (
                any(worse > at for worse in self._worse_at)
                or any(fact.number > statement.number for fact in self._worsenings)
                or any(scan.at > at for scan in scans)
                or any(r.at > at and r.result != CLEAN for r in reports)
                or any(r.withdrawn_at is not None and r.withdrawn_at > at for r in reports)
            )

        return {
            name: value for name, (value, statement) in self._by_service.items() if not overtaken(statement)
        }


def current_findings(
    reports: Sequence[Report], statements: Statements, facts: Sequence[Fact]
) -> tuple[Finding, ...]:
    """Every finding that stands, the worst first."""
    withdrawn = _settled(facts, FINDING_WITHDRAWN)
    taken_away = {(data["finding"], data.get("shown")) for data in withdrawn}
    findings = [
        Finding(
            finding=r.finding,
            number=r.number,
            at=r.at,
            regions=r.regions,
            final=r.final and not r.withdrawn,
            report_withdrawn=r.withdrawn,
        )
        for r in reports
        if r.finding and r.stands
    ]
    findings += statements.findings
    current = [
        finding
        for finding in findings
        if not {(finding.number, None), (finding.number, finding.finding)} & taken_away
    ]
    return tuple(
        sorted(current, key=lambda finding: (SEVERITY.index(finding.finding), not finding.final, finding.at))
    )


def _settled(facts: Sequence[Fact], kind: str) -> list[SettledFinding]:
    return [cast(SettledFinding, fact.data) for fact in facts if fact.kind == kind]


def contradictions_of(
    findings: Sequence[Finding], reports: Sequence[Report], facts: Sequence[Fact]
) -> tuple[Contradiction, ...]:
    """Each finding with each later clean report against it, without the pairs in which somebody confirmed the finding."""
    settled = {(data["finding"], data["report"]) for data in _settled(facts, FINDING_CONFIRMED)}
    clean = [r for r in reports if r.result == CLEAN and r.counts]
    return tuple(
        Contradiction(
            finding=finding,
            report=r.number,
            reported_at=r.at,
            final=r.final,
            regions=finding.regions & r.regions or r.regions,
        )
        for finding in findings
        for r in _against(finding, clean)
        if (finding.number, r.number) not in settled
    )


def _against(finding: Finding, clean: Sequence[Report]) -> list[Report]:
    """Those of the clean reports, not older than a finding, about its regions; or about the whole spine where it names none."""
    later = [r for r in clean if r.at >= finding.at]
    if finding.regions:
        return [r for r in later if finding.regions & r.regions]
    together = frozenset(region for r in later for region in r.regions)
    return later[-1:] if together >= WHOLE_SPINE else []
