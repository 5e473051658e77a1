"""Diagnosis, imaging and treatment of a case in lines for paper."""

from collections.abc import Iterator

from kernel.time import in_words
from referrals.correspondence.clinical_lines import KnownFacts
from referrals.evidence.findings import Finding
from referrals.evidence.imaging import STATE_WORDS, Region, RegionState
from referrals.intake import codes
from referrals.intake.labels import in_sentence
from triage.guideline.findings import ANSWER_WORDS, ImagingFinding, PrimarySite


def diagnosis(file: KnownFacts) -> Iterator[str]:
    """The worst current finding, or that it is open; and the cancer."""
    spine, presentation = file.evidence.picture, file.evidence.presentation
    finding_words = ANSWER_WORDS[ImagingFinding]
    if spine.findings:
        worst = spine.findings[0]
        sure = (
            "stated, no report seen"
            if worst.stated_by
            else "final report"
            if worst.final
            else "provisional report"
        )
        yield f"{finding_words[spine.finding]} ({sure})."
    elif spine.ruled_out:
        yield "Spinal cord compression by metastases is ruled out by final reports of the whole spine."
    else:
        yield "Suspected; spinal cord compression by metastases is neither shown nor ruled out."
    site = ANSWER_WORDS[PrimarySite][presentation.primary_site]
    yield f"Primary cancer: {site.lower()}."


def imaging(file: KnownFacts) -> Iterator[str]:
    """Each region, then each current finding, and whether a report contradicts one."""
    spine = file.evidence.picture
    for region in spine.regions:
        yield f"{codes.REGIONS[region.name]}: {_region(region)}."
    for finding in spine.findings:
        yield f"Stands: {_finding(finding)}."
    if spine.contradictions:
        yield "A report contradicts a finding: it stands until a named person settles it."


def _region(region: Region) -> str:
    words = {**ANSWER_WORDS[ImagingFinding], **STATE_WORDS}
    text = in_sentence(words[region.finding or region.state])
    if region.state == RegionState.NOT_REPORTED and region.scan_at:
        return f"scanned {in_words(region.scan_at)}, not reported"
    if region.report_at:
        text += f", {'final' if region.final else 'provisional'} report of {in_words(region.report_at)}"
    elif region.scan_at:
        text += f", scanned {in_words(region.scan_at)}"
    return text + (", CT only" if region.by_ct_only else "")


def _finding(finding: Finding) -> str:
    regions = ", ".join(codes.REGIONS[name].lower() for name in sorted(finding.regions))
    label = in_sentence(ANSWER_WORDS[ImagingFinding][finding.finding])
    return f"{label}{f' ({regions})' if regions else ''}{', its report was withdrawn' if finding.report_withdrawn else ''}"


def treatment(file: KnownFacts) -> Iterator[str]:
    """Each treatment decision, treatment, admission and discharge with its time, in true order."""
    for fact in file.facts:
        if fact.kind == "decision_to_treat":
            yield f"Decided {in_words(fact.occurred_at)}: {codes.TREATMENT_MODALITIES[fact.data['modality']].lower()}."
        elif fact.kind in (
            "radiotherapy_started",
            "surgery_started",
            "treatment_completed",
            "admitted",
            "discharged",
        ):
            words = codes.EVENT_WORDS.get(fact.kind) or codes.INTERNAL_EVENT_WORDS[fact.kind]
            yield f"{words} {in_words(fact.occurred_at)}."
