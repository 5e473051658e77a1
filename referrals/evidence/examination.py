"""The findings that the fields of an examination mean: one table. Pure.

The record raises the finding it means and never lowers one. A contradiction becomes a question.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from referrals.intake.record_fields import MYOTOMES, SIDES
from triage.guideline.findings import QUESTION_AT, Answer, Presentation, answer_at

RESIDUAL_ML = 200  # the least residual urine that is retention, in ml; the service may set it
BLADDER = "neurology.bladder_or_bowel_dysfunction"
SADDLE: Final = "saddle_or_sphincter_signs"
SIGNS, WEAKNESS, GAIT = (
    "neurology.cord_or_cauda_equina_signs",
    "neurology.limb_weakness",
    "neurology.gait_disturbance",
)
CONTRAINDICATED = "mri_contraindicated"
SENSORY_LEVEL: Final = "record.sensory_level"
# The lowest first: the higher the level, the more of the body has lost its feeling.
LEVELS = tuple(
    f"{part}{n}" for part, most in (("S", 5), ("L", 5), ("T", 12), ("C", 8)) for n in range(most, 0, -1)
)
_LEVEL = re.compile(r"\b([CTLS])\s?-?0?(\d{1,2})\b", re.IGNORECASE)
Limits = Mapping[str, float]
DEFAULT_LIMITS: Limits = {"residual_ml": RESIDUAL_ML}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A field of the record: the finding it means, and when. `asks` makes it a question instead of an answer."""

    path: str
    finding: str
    holds: Callable[[Any, Limits], bool]
    asks: bool = False


def _one_of(*codes: str) -> Callable[[Any, Limits], bool]:
    return lambda value, limits: value in codes


def _level(value: Any, limits: Limits) -> bool:
    return isinstance(value, str) and _LEVEL.search(value) is not None


def highest_level(text: str) -> str:
    """The highest level that a text names, such as T4 in "T6 left, T4 right"; empty without one."""
    named = {f"{part.upper()}{number}" for part, number in _LEVEL.findall(text)}
    return max(named & set(LEVELS), key=LEVELS.index, default="")


POWER_PATHS = tuple(f"record.power_{myotome}_{side}" for myotome in MYOTOMES for side in SIDES)
MEANINGS: tuple[Meaning, ...] = (
    *(Meaning(path=path, finding=WEAKNESS, holds=_one_of("0", "1", "2", "3", "4")) for path in POWER_PATHS),
    Meaning(path=SENSORY_LEVEL, finding=SIGNS, holds=_level),
    Meaning(
        path="record.plantars",
        finding=SIGNS,
        holds=_one_of("extensor_left", "extensor_right", "extensor_both"),
    ),
    Meaning(path="record.clonus", finding=SIGNS, holds=_one_of("yes")),
    Meaning(path="record.saddle_sensation", finding=SADDLE, holds=_one_of("reduced", "absent")),
    Meaning(path="record.anal_tone", finding=SADDLE, holds=_one_of("reduced", "absent")),
    Meaning(
        path="record.bladder",
        finding=BLADDER,
        holds=_one_of("urgency_or_hesitancy", "retention", "incontinence", "catheter"),
    ),
    Meaning(
        path="record.post_void_residual_ml",
        finding=BLADDER,
        holds=lambda value, limits: isinstance(value, int | float) and value >= limits["residual_ml"],
    ),
    Meaning(path="record.bowel", finding=BLADDER, holds=_one_of("incontinence")),
    Meaning(path="record.bowel", finding=BLADDER, holds=_one_of("constipation"), asks=True),
    Meaning(
        path="clinical.walking_now",
        finding=GAIT,
        holds=_one_of("with_aid", "not_walking_some_power", "no_power"),
        asks=True,
    ),
    Meaning(path="clinical.active_infection", finding="active_infection", holds=_one_of("yes")),
    *(
        Meaning(path=f"record.mri_{name}", finding=CONTRAINDICATED, holds=_one_of("yes"), asks=True)
        for name in ("pacemaker", "clips", "cochlear", "metal", "stent")
    ),
    Meaning(
        path="record.mri_device",
        finding=CONTRAINDICATED,
        holds=lambda value, limits: bool(value),
        asks=True,
    ),
)
READ_AS_EVIDENCE = frozenset(meaning.path for meaning in MEANINGS)
# Values that contradict a finding that triage has as yes.
_NORMAL: Mapping[str, tuple[str, ...]] = {
    "record.saddle_sensation": ("normal",),
    "record.anal_tone": ("normal",),
    "record.bladder": ("normal",),
    "record.plantars": ("flexor",),
    "record.clonus": ("no",),
    "clinical.walking_now": ("unaided",),
    "clinical.active_infection": ("no",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminationQuestion:
    """A contradiction between the record and an answer, or a value that calls for an answer. A person decides."""

    path: str  # of the record
    finding: str  # of the presentation
    value: Any
    answer: str


def findings_raised(examined: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> Iterator[str]:
    """The findings that an examination raises, by path of the presentation."""
    for meaning in MEANINGS:
        value = examined.get(meaning.path)
        if not meaning.asks and value is not None and meaning.holds(value, limits):
            yield meaning.finding


def questions(
    record: Mapping[str, Any],
    answers: Presentation,
    current: Presentation,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[ExaminationQuestion, ...]:
    """The differences between record and answers. `answers` are those that people gave, `current` those of the case now."""
    differences: dict[tuple[str, str], ExaminationQuestion] = {}
    for meaning in MEANINGS:
        value, path = record.get(meaning.path), meaning.finding
        if value is None:
            continue
        answer = answer_at(answers, path)
        means = meaning.holds(value, limits)
        if (
            (means and answer == Answer.NO)
            or (means and meaning.asks and answer_at(current, path) == Answer.NOT_ASSESSED)
            or (answer == Answer.YES and value in _NORMAL.get(meaning.path, ()))
        ):
            differences[meaning.path, path] = ExaminationQuestion(
                path=meaning.path, finding=path, value=value, answer=answer
            )
    return tuple(differences.values())


def label(path: str) -> str:
    """The words of the question at this path; KeyError for a path that is not a question."""
    return QUESTION_AT[path].label
