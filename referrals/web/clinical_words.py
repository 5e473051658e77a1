"""The patient's condition in a few words, for a row, a header or a message between clinicians."""

from datetime import date

from referrals.case.models import Referral
from referrals.intake.fields import WALKING
from triage.guideline.findings import (
    ANSWER_WORDS,
    Answer,
    CancerContext,
    ImagingFinding,
    Presentation,
    PrimarySite,
    answer_at,
)
from triage.guideline.rule import STREAM_WORDS, Stream

# Each finding as it reads in the middle of a sentence, the most dangerous first.
FINDING_WORDS: dict[str, str] = {
    "saddle_or_sphincter_signs": "saddle or sphincter signs",
    "neurology.bladder_or_bowel_dysfunction": "bladder or bowel not working",
    "neurology.limb_weakness": "limb weakness",
    "neurology.gait_disturbance": "difficulty walking",
    "neurology.cord_or_cauda_equina_signs": "cord or cauda equina signs",
    "neurology.sensory_disturbance": "numbness or altered sensation",
    "instability_signs": "signs of an unstable spine",
    "neurology.radicular_pain": "nerve root pain",
    "pain.severe_unremitting": "severe unremitting pain",
    "pain.progressive": "pain getting worse",
    "pain.mechanical": "pain on moving or standing",
    "pain.aggravated_by_straining": "pain worse on straining",
    "pain.nocturnal": "pain at night",
    "pain.localised_tenderness": "tender spine",
    "pain.claudication": "leg pain on walking",
    "low_back_pain": "low back pain",
}
_CANCER = {
    CancerContext.CURRENT: "cancer now",
    CancerContext.PAST: "cancer in the past",
    CancerContext.SUSPECTED: "cancer suspected",
    CancerContext.NONE_KNOWN: "no cancer known",
}
NOT_WALKING = ("not_walking_some_power", "no_power")
_ON_IMAGING = {
    ImagingFinding.MSCC: "MSCC on imaging",
    ImagingFinding.IMPENDING_COMPRESSION: "impending compression on imaging",
    ImagingFinding.SPINAL_METASTASES: "spinal metastases on imaging",
    ImagingFinding.NON_MALIGNANT_COMPRESSION: "compression on imaging, not malignant",
}
_WITHOUT_SITE = frozenset({PrimarySite.NOT_RECORDED, PrimarySite.OTHER})


def stream(code: str) -> str:
    """A stream in words; one of a later version as its code."""
    return STREAM_WORDS[Stream(code)] if code in set(Stream) else code


def positives(presentation: Presentation) -> tuple[str, ...]:
    """The findings answered yes, the most dangerous first."""
    return tuple(
        words for path, words in FINDING_WORDS.items() if answer_at(presentation, path) == Answer.YES
    )


def unassessed(presentation: Presentation) -> tuple[str, ...]:
    """The findings that nobody asked about or examined, the most dangerous first."""
    return tuple(
        words for path, words in FINDING_WORDS.items() if answer_at(presentation, path) == Answer.NOT_ASSESSED
    )


def cancer(presentation: Presentation) -> str:
    """The cancer and its primary site in a few words."""
    parts = [_CANCER[presentation.cancer_context]]
    if presentation.primary_site not in _WITHOUT_SITE:
        parts.append(ANSWER_WORDS[PrimarySite][presentation.primary_site].lower())
    blood = presentation.haematological_malignancy
    if blood in ("confirmed", "suspected"):
        parts.append(f"blood cancer {blood}")
    return ", ".join(parts)


def walking(code: str) -> str:
    """How somebody walks, in the middle of a sentence."""
    words = WALKING.get(code, WALKING["not_assessed"])
    return words[0].lower() + words[1:]


def age(born: date | None, *, on: date) -> str:
    """The age in years, such as 67; empty where no date of birth is known."""
    if born is None:
        return ""
    return str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def clinical_line(case: Referral) -> str:
    """The patient's condition in one line: imaging, the two worst findings, cancer, not walking. Reads the case's row only."""
    try:
        presentation = case.findings
    except (KeyError, ValueError):  # written by a later version: the list still opens
        return "findings that this version cannot read: open the case"
    signs = positives(presentation)
    more = f" and {len(signs) - 2} more" if len(signs) > 2 else ""
    imaging = _ON_IMAGING.get(presentation.imaging_finding, "")
    parts = [
        *([imaging] if imaging else []),
        ", ".join(signs[:2]) + more if signs else "" if imaging else "no danger sign answered yes",
        _cancer_in_short(presentation),
    ]
    if (
        now := case.clinical.get("walking_now", "")
    ) in NOT_WALKING:  # that somebody walked once reassures nobody
        parts.append(walking(now))
    return "; ".join(part for part in parts if part)


def _cancer_in_short(presentation: Presentation) -> str:
    """The primary site where there is one, and only then whether it is in the past or suspected."""
    if presentation.primary_site in _WITHOUT_SITE:
        return _CANCER[presentation.cancer_context]
    site = ANSWER_WORDS[PrimarySite][presentation.primary_site].lower()
    return (
        site
        if presentation.cancer_context == CancerContext.CURRENT
        else f"{site}, {_CANCER[presentation.cancer_context]}"
    )
