"""The fields that are missing for a complete record, so that somebody asks for them. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from triage.guideline.findings import Presentation
from triage.guideline.normalisation import stream_inputs

_WANTED: tuple[tuple[str, Callable[[Presentation, Mapping[str, Any]], bool]], ...] = (
    ("patient.nhs_number", lambda p, v: v["patient.nhs_number"] is None),
    ("patient.family_name", lambda p, v: not v["patient.family_name"]),
    ("patient.date_of_birth", lambda p, v: v["patient.date_of_birth"] is None),
    (
        "presentation.neurology.bladder_or_bowel_dysfunction",
        lambda p, v: (
            p.neurology.bladder_or_bowel_dysfunction == "not_assessed" and stream_inputs(p).any_neurology
        ),
    ),
    (
        "presentation.saddle_or_sphincter_signs",
        lambda p, v: p.saddle_or_sphincter_signs == "not_assessed" and stream_inputs(p).any_neurology,
    ),
    ("presentation.haematological_malignancy", lambda p, v: p.haematological_malignancy == "unknown"),
    ("presentation.mri_contraindicated", lambda p, v: p.mri_contraindicated == "not_assessed"),
    ("presentation.dexamethasone_given", lambda p, v: p.dexamethasone_given == "not_assessed"),
    (
        "clinical.neurology_onset_at",
        lambda p, v: v["clinical.neurology_onset_at"] is None and stream_inputs(p).any_neurology,
    ),
    (
        "clinical.progression",
        lambda p, v: v["clinical.progression"] == "unknown" and stream_inputs(p).any_neurology,
    ),
    ("clinical.walking_now", lambda p, v: v["clinical.walking_now"] == "not_assessed"),
    ("clinical.walking_two_weeks_ago", lambda p, v: v["clinical.walking_two_weeks_ago"] == "not_assessed"),
    ("clinical.performance_status", lambda p, v: v["clinical.performance_status"] is None),
    ("clinical.clinical_frailty_scale", lambda p, v: v["clinical.clinical_frailty_scale"] is None),
    ("clinical.anticoagulant", lambda p, v: not v["clinical.anticoagulant"]),
    ("clinical.diabetes", lambda p, v: v["clinical.diabetes"] == "not_assessed"),
    ("clinical.resuscitation_and_wishes", lambda p, v: not v["clinical.resuscitation_and_wishes"]),
)


def missing_fields(presentation: Presentation, values: Mapping[str, Any]) -> Iterator[str]:
    """The paths of the fields that the coordinator needs and that have no value yet (NG234 1.1.15)."""
    return (path for path, is_missing in _WANTED if is_missing(presentation, values))
