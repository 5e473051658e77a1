"""Invented patients with 999 NHS numbers, and presentations to give them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

NO, YES = "no", "yes"
PAIN = (
    "severe_unremitting",
    "progressive",
    "mechanical",
    "aggravated_by_straining",
    "nocturnal",
    "localised_tenderness",
    "claudication",
)
NEUROLOGY = (
    "bladder_or_bowel_dysfunction",
    "gait_disturbance",
    "limb_weakness",
    "cord_or_cauda_equina_signs",
    "sensory_disturbance",
    "radicular_pain",
)

FAMILY = [
    "Ashdown",
    "Bexley",
    "Corrigan",
    "Dunmore",
    "Everard",
    "Fairley",
    "Garside",
    "Hallam",
    "Inskip",
    "Jarrold",
    "Kempson",
    "Lorimer",
    "Marchbank",
    "Nettleton",
    "Oakden",
    "Pemberley",
    "Quarmby",
    "Rushworth",
    "Stainforth",
    "Thackray",
    "Underhill",
    "Varley",
    "Whitlam",
    "Yeadon",
]
GIVEN = [
    "Ada",
    "Bernard",
    "Cora",
    "Desmond",
    "Elsie",
    "Frank",
    "Gwen",
    "Harold",
    "Ivy",
    "Joseph",
    "Kathleen",
    "Leonard",
    "Maud",
    "Norman",
    "Olive",
    "Percy",
    "Rita",
    "Stanley",
    "Thora",
    "Vernon",
    "Winifred",
]


def nhs_number(number: int) -> str:
    """The test NHS number of an invented patient; numbers with a check digit of 10 are skipped."""
    _numbers.extend(islice(_candidates, max(0, number + 1 - len(_numbers))))
    if number >= len(_numbers):
        raise ValueError("there are no more invented patients")
    return _numbers[number]


def _valid() -> Iterator[str]:
    for serial in range(1_000_000):
        body = f"999{serial:06d}"
        check = (11 - sum(int(d) * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10 and len(set(body)) > 1:
            yield f"{body}{check}"


_candidates, _numbers = _valid(), list[str]()


def patient(number: int) -> dict[str, Any]:
    """The patient with this number, always the same."""
    return {
        "nhs_number": nhs_number(number),
        "family_name": FAMILY[number % len(FAMILY)],
        "given_name": GIVEN[number * 5 % len(GIVEN)],
        "date_of_birth": f"{1938 + number * 5 % 40}-{number % 12 + 1:02d}-{number * 3 % 27 + 1:02d}",
        "sex": "female" if number % 2 else "male",
        "postcode": f"NM{number % 9 + 1} {number % 8 + 1}AB",
        "phone": f"01632 960{200 + number % 700:03d}",
    }


def findings(names: tuple[str, ...], *present: str, unasked: tuple[str, ...] = ()) -> dict[str, str]:
    """A group of findings: `present` are yes, `unasked` are missing, the others are no."""
    return {name: YES if name in present else NO for name in names if name not in unasked}


PRESENTATIONS: dict[str, dict[str, Any]] = {
    "weakness": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "prostate",
        "pain": findings(PAIN, "severe_unremitting", "progressive", "nocturnal"),
        "neurology": findings(NEUROLOGY, "limb_weakness", "gait_disturbance"),
        "movement_pain": "moderate",
        "pain_severity": 8,
        "mri_contraindicated": NO,
        "dexamethasone_given": NO,
    },
    "cauda_equina": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "lung",
        "pain": findings(PAIN, "progressive"),
        "neurology": findings(NEUROLOGY, "bladder_or_bowel_dysfunction", "sensory_disturbance"),
        "saddle_or_sphincter_signs": YES,
        "pain_severity": 6,
        "mri_contraindicated": NO,
    },
    "unstable": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "breast",
        "pain": findings(PAIN, "mechanical", "localised_tenderness"),
        "neurology": findings(NEUROLOGY, "limb_weakness"),
        "instability_signs": YES,
        "movement_pain": "severe",
        "pain_severity": 9,
        "dexamethasone_given": NO,
    },
    "radicular": {
        "cancer_context": "past",
        "haematological_malignancy": "no",
        "primary_site": "kidney",
        "pain": findings(PAIN, "nocturnal"),
        "neurology": findings(NEUROLOGY, "radicular_pain"),
        "pain_severity": 7,
    },
    "first_cancer": {
        "cancer_context": "none_known",
        "pain": findings(PAIN, "progressive"),
        "neurology": findings(NEUROLOGY, "gait_disturbance", "sensory_disturbance"),
        "pain_severity": 5,
    },
    "myeloma_suspected": {
        "cancer_context": "suspected",
        "haematological_malignancy": "suspected",
        "primary_site": "myeloma",
        "pain": findings(PAIN, "severe_unremitting"),
        "neurology": findings(NEUROLOGY, "limb_weakness"),
        "pain_severity": 8,
        "dexamethasone_given": NO,
    },
    "pacemaker": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "prostate",
        "pain": findings(PAIN, "progressive"),
        "neurology": findings(NEUROLOGY, "cord_or_cauda_equina_signs"),
        "mri_contraindicated": YES,
        "pain_severity": 4,
    },
    "not_examined": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "breast",
        "pain": findings(PAIN, "progressive", "nocturnal"),
        "neurology": findings(NEUROLOGY, unasked=("cord_or_cauda_equina_signs", "limb_weakness")),
        "pain_severity": 6,
    },
    "pain_only": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "breast",
        "pain": findings(PAIN, "nocturnal", "progressive"),
        "neurology": findings(NEUROLOGY),
        "pain_severity": 6,
        "movement_pain": "mild",
        "mri_contraindicated": NO,
    },
    "pain_severe": {
        "cancer_context": "past",
        "haematological_malignancy": "no",
        "primary_site": "thyroid",
        "pain": findings(PAIN, "severe_unremitting"),
        "neurology": findings(NEUROLOGY),
        "pain_severity": 9,
        "pain_controlled_by_analgesia": NO,
        "movement_pain": "severe",
    },
    "metastases_seen": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "unknown",
        "pain": findings(PAIN),
        "neurology": findings(NEUROLOGY),
        "imaging_finding": "spinal_metastases",
    },
    "impending": {
        "cancer_context": "current",
        "haematological_malignancy": "no",
        "primary_site": "lung",
        "pain": findings(PAIN, "mechanical"),
        "neurology": findings(NEUROLOGY),
        "imaging_finding": "impending_compression",
        "pain_severity": 5,
    },
    "cancer_suspected": {
        "cancer_context": "suspected",
        "pain": findings(PAIN, "nocturnal", "progressive"),
        "neurology": findings(NEUROLOGY),
        "pain_severity": 5,
    },
    "little_known": {"cancer_context": "current", "primary_site": "bladder", "low_back_pain": YES},
    "neurology_done": {
        "cancer_context": "none_known",
        "neurology": findings(NEUROLOGY),
        "pain": findings(PAIN, unasked=("claudication", "localised_tenderness")),
    },
    "back_pain": {
        "cancer_context": "past",
        "haematological_malignancy": "no",
        "primary_site": "lower_gi",
        "pain": findings(PAIN),
        "neurology": findings(NEUROLOGY),
        "low_back_pain": YES,
        "pain_severity": 3,
    },
    "no_cancer": {
        "cancer_context": "none_known",
        "pain": findings(PAIN, "mechanical"),
        "neurology": findings(NEUROLOGY),
        "pain_severity": 5,
    },
}
