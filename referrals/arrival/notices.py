"""The notices that the sender of a fact gets, and the findings that the fact removes."""

from collections.abc import Sequence

from kernel.time import from_rfc3339
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.case.models import Referral
from referrals.evidence.facts import Fact
from referrals.evidence.findings import SEVERITY, Finding
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.scans import FINDING_OF_RESULT
from referrals.intake.codes import MRI_RESULTS
from referrals.intake.labels import in_sentence
from triage.guideline.findings import ImagingFinding

URGENT_FINDINGS = (ImagingFinding.MSCC, ImagingFinding.IMPENDING_COMPRESSION)
NEW_ROW = 2**62  # the row number of a fact that is not stored yet: later than all others
NOTICES = {
    "case_is_over": "This case has ended. The fact is kept, and a coordinator reads it.",
    "booked_after_limit": "The scan is booked for a time after its limit. The coordinator is paged.",
    "scan_already_done": "A scan is recorded before this: its clock is not touched.",
    "finding_contradicted": "This report contradicts a finding. The finding stands until a "
    "named person settles it, and the coordinator is paged.",
    "finding_replaced": "This report replaces a finding. The coordinator is told.",
    "report_withdrawn": "The report is withdrawn. What it showed stands until another final report or a named person "
    "takes it away, and the coordinator is paged.",
    "regions_unknown": "It is not known which regions this report is about: send its regions or its scan. Until then it clears no region.",
    "scan_unknown": "No scan of these regions is recorded: say when it was done.",
    "transfer_not_accepted": "Nobody has accepted a transfer of this patient, according to the record. The fact is kept: "
    "tell the coordinator who accepted it.",
    "likely_repeat": "The same fact was reported before, for the same instant. It is kept and counted once.",
}


NEWS = {  # for a page, by notice; the first that holds
    "report_withdrawn": "A scan report was withdrawn",
    "finding_contradicted": "A scan report contradicts a finding",
    "finding_replaced": "A scan report replaces a finding",
    "booked_after_limit": "The scan is booked for after its limit",
}
NOT_RULED_OUT = "MSCC is no longer ruled out"


def news_for_page(fact: Fact, notices: Sequence[str], before: SpinePicture, after: SpinePicture) -> str:
    """The news of a scan for a page, in standard words; empty for a repeat, and for less than what was known."""
    if "likely_repeat" in notices:
        return ""
    result = fact.data.get("result", "")
    finding = FINDING_OF_RESULT.get(result, "")
    if finding and "report_withdrawn" not in notices:
        is_less = before.finding in SEVERITY[: SEVERITY.index(finding)]
        return "" if is_less else f"Scan report: {in_sentence(MRI_RESULTS[result])}"
    lifted = NOT_RULED_OUT if before.ruled_out and not after.ruled_out else ""
    return next((words for code, words in NEWS.items() if code in notices), lifted)


def notices_of(
    case: Referral, fact: Fact, facts: Sequence[Fact], before: SpinePicture, after: SpinePicture
) -> tuple[str, ...]:
    """The codes of the notices for the sender of a fact."""
    is_repeat = any(
        (earlier_fact.kind, earlier_fact.occurred_at, dict(earlier_fact.data))
        == (fact.kind, fact.occurred_at, dict(fact.data))
        for earlier_fact in facts
    )
    kinds = {earlier_fact.kind for earlier_fact in facts}
    is_moved = fact.kind == "admitted" and bool({"transport_booked", "departed"} & kinds)
    is_scanned = any(
        earlier_fact.kind == "mri_performed" and earlier_fact.occurred_at <= fact.occurred_at
        for earlier_fact in facts
    )
    verdicts = {
        "case_is_over": case.is_over,
        "likely_repeat": is_repeat,
        "booked_after_limit": _is_after_limit(case, fact),
        "scan_already_done": fact.kind == "mri_cancelled" and is_scanned,
        "report_withdrawn": fact.data.get("status") == "withdrawn",
        "finding_contradicted": len(after.contradictions) > len(before.contradictions),
        "finding_replaced": bool(removed_findings(before, after)),
        "regions_unknown": NEW_ROW in after.unplaced,
        "scan_unknown": NEW_ROW in after.assumed,
        "transfer_not_accepted": is_moved
        and case.responsible_since is None
        and "transfer_accepted" not in kinds,
    }
    return tuple(code for code, holds in verdicts.items() if holds)


def removed_findings(before: SpinePicture, after: SpinePicture) -> list[Finding]:
    """The findings that stood before and no longer do."""
    numbers = {finding.number for finding in after.findings}
    return [finding for finding in before.findings if finding.number not in numbers]


def _is_after_limit(case: Referral, fact: Fact) -> bool:
    booked_for = fact.data.get("booked_for")
    if fact.kind not in ("mri_requested", "mri_booked") or not booked_for:
        return False
    limits = [clock.due_at for clock in clocks.hold(case.pk) if clock.kind == ClockKind.MRI]
    return bool(limits) and from_rfc3339(booked_for) > min(limits)
