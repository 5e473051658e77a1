"""The fields of an opinion and a decision, and the quorum of specialties that a decision needs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.people import SPECIALTY_WORDS
from mdt.codes import ACTIONS, GRADES, POSITIONS, SURGERY_REASONS
from mdt.stored import StoredJudgements
from referrals.intake.fields import (
    FieldSpec,
    code_field,
    flag_field,
    instant_field,
    several_field,
    text_field,
)
from triage.guideline.course import ANSWER_WORDS, Prognosis, Stability, Suitability

# What is judged for treatment and read by the rules of care, as the guideline's course names it.
STABILITY = {code: words for code, words in ANSWER_WORDS[Stability].items() if code != "not_assessed"}
SUITABILITY = {code: words for code, words in ANSWER_WORDS[Suitability].items() if code != "not_assessed"}
PROGNOSIS = {code: words for code, words in ANSWER_WORDS[Prognosis].items() if code != "not_assessed"}
JUDGED = ("stability", "surgery_suitable", "prognosis")


def _judged(prefix: str) -> tuple[FieldSpec, ...]:
    return (
        code_field(f"{prefix}.stability", "Stability of the spine", STABILITY),
        code_field(f"{prefix}.surgery_suitable", "Is surgery suitable?", SUITABILITY),
        several_field(
            f"{prefix}.surgery_reasons",
            "Why surgery is suitable, not suitable or being considered",
            SURGERY_REASONS,
        ),
        code_field(f"{prefix}.prognosis", "Overall prognosis, by clinical judgement", PROGNOSIS),
    )


OPINION: tuple[FieldSpec, ...] = (
    text_field("opinion.given_by", "Whose opinion it is: name and role", required=True),
    instant_field("opinion.given_at", "When it was given", required=True),
    code_field("opinion.grade", "Grade", GRADES),
    flag_field("opinion.imaging_reviewed", "I have seen the images themselves"),
    several_field("opinion.recommends", "Recommends", ACTIONS),
    *_judged("opinion"),
    text_field("opinion.words", "Opinion", required=True, notes=True),
)
DECISION: tuple[FieldSpec, ...] = (
    instant_field("decision.decided_at", "When it was decided", required=True),
    several_field("decision.outcomes", "Decided", ACTIONS),
    several_field("decision.considered", "Options that were considered", ACTIONS),
    *_judged("decision"),
    text_field("decision.prognosis_tool", "Score that informed the prognosis, with its version"),
    flag_field("decision.imaging_reviewed", "The images were reviewed together"),
    flag_field("decision.biopsy_needed", "A biopsy is needed"),
    text_field("decision.wishes", "What the person wants", notes=True),
    text_field("decision.recommendation", "Recommendation and why", required=True, notes=True),
    text_field("decision.owner", "Who carries it out: name, role and telephone", required=True),
    text_field("decision.chaired_by", "Who led the discussion", required=True),
    text_field(
        "decision.without_quorum_by", "If specialties were missing: who decided to go ahead without them"
    ),
    text_field("decision.without_quorum_because", "Why it could not wait"),
)
# What each specialty said to the decision, as (position, name, words) by specialty.
SPOKEN: dict[str, tuple[FieldSpec, ...]] = {
    specialty: (
        code_field(f"spoken.{specialty}.position", words, POSITIONS),
        text_field(f"spoken.{specialty}.name", f"{words}: who"),
        text_field(f"spoken.{specialty}.words", f"{words}: what they dissent from, and why"),
    )
    for specialty, words in SPECIALTY_WORDS.items()
}
# The setting that names the quorum of each kind of decision; any other decision needs that of "other".
QUORUM_OF = {
    "surgery": "quorum_surgery",
    "vertebral_intervention": "quorum_surgery",
    "radiotherapy": "quorum_radiotherapy",
    "supportive_care": "quorum_supportive_care",
    "mobilise": "quorum_stability",
    "keep_lying": "quorum_stability",
    "external_support": "quorum_stability",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """The specialties that a decision needs and those that are missing."""

    needed: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def met(self) -> bool:
        return not self.missing

    @property
    def missing_words(self) -> str:
        return ", ".join(SPECIALTY_WORDS[specialty].lower() for specialty in self.missing)


def quorum_of(outcomes: Iterable[str], present: Iterable[str], settings: Mapping[str, Any]) -> Quorum:
    """The quorum of a decision with these outcomes. `settings` has the names of specialties by setting key."""
    keys = {QUORUM_OF.get(outcome, "quorum_other") for outcome in outcomes}
    codes = {specialty for key in keys for specialty in names_in(settings[key])}
    needed = tuple(specialty for specialty in SPECIALTY_WORDS if specialty in codes)
    specialties_present = set(present)
    return Quorum(
        needed=needed,
        missing=tuple(specialty for specialty in needed if specialty not in specialties_present),
    )


def names_in(text: str) -> tuple[str, ...]:
    """The codes of the specialties that a setting lists."""
    names = {name.strip().lower() for name in text.split(",")}
    return tuple(code for code, words in SPECIALTY_WORDS.items() if words.lower() in names)


def faults_of_judging(prefix: str, content: StoredJudgements) -> dict[str, list[str]]:
    """A judgement on surgery that is no, or not made yet, has its reasons."""
    if content.get("surgery_suitable") in ("no", "pending") and not content.get("surgery_reasons"):
        return {
            f"{prefix}.surgery_reasons": ["Choose at least one reason, so that it can be looked at again"]
        }
    return {}
