"""The management plan of QS56 statement 7: its parts, and the fields that it needs before it is signed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdt.codes import DESTINATIONS, REFERRALS_ON, THERAPIES
from referrals.intake.fields import (
    ANSWER,
    WALKING,
    FieldSpec,
    code_field,
    date_field,
    instant_field,
    several_field,
    text_field,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Fields of the plan that are asked together."""

    slug: str
    title: str
    fields: tuple[FieldSpec, ...]
    hint: str = ""


def _text(name: str, label: str, *, notes: bool = False) -> FieldSpec:
    return text_field(f"plan.{name}", label, notes=notes)


PARTS: tuple[Part, ...] = (
    Part(
        slug="people",
        title="People",
        fields=(
            _text("key_worker", "Key worker: name and role"),
            _text("key_worker_telephone", "Key worker's telephone"),
            _text("who_to_call", "Who to ring, day and night, if symptoms come back"),
        ),
    ),
    Part(
        slug="needs",
        title="Assessed needs",
        fields=(
            date_field("plan.ongoing_care_assessed_on", "Ongoing care: assessed on"),
            _text("ongoing_care", "Ongoing care that is needed", notes=True),
            date_field("plan.rehabilitation_assessed_on", "Rehabilitation: assessed on"),
            _text("rehabilitation", "Rehabilitation that is needed", notes=True),
            date_field("plan.holistic_assessed_on", "Holistic needs: assessed on"),
            _text(
                "holistic",
                "What matters beyond the illness: psychological, spiritual, social, financial",
                notes=True,
            ),
            date_field("plan.carer_assessed_on", "Carer: assessed on"),
            _text("carer", "What the carer needs"),
        ),
    ),
    Part(
        slug="goals",
        title="Goals",
        hint="In the person's own words.",
        fields=(
            _text("goals", "What the person wants to do, or to be able to do", notes=True),
            code_field("plan.advance_care_planning", "Advance care planning was offered", ANSWER),
        ),
    ),
    Part(
        slug="care",
        title="Care",
        fields=(
            code_field(
                "plan.mobility",
                "Mobility at discharge",
                {k: v for k, v in WALKING.items() if k != "not_assessed"},
            ),
            _text("bracing", "Brace or support, and when it is worn"),
            _text("equipment", "Equipment"),
            several_field("plan.therapies", "Therapies that go on", THERAPIES),
            _text("pain", "Pain: drugs and what to do when they do not help", notes=True),
            _text("steroid", "Dexamethasone: steps, last day, who to ask"),
            _text("bladder", "Bladder"),
            _text("bowel", "Bowel"),
            _text("skin", "Skin"),
            _text("clots", "Prevention of clots"),
        ),
    ),
    Part(
        slug="after",
        title="After discharge",
        fields=(
            code_field("plan.destination", "Where the person goes", DESTINATIONS),
            several_field("plan.referrals", "Referred on to", REFERRALS_ON),
            _text("follow_up", "Follow-up: who, where, when", notes=True),
            _text("red_flags", "What to watch for, in plain words", notes=True),
            instant_field("plan.signed_on_paper_at", "Signed on paper before this: when"),
        ),
    ),
)
FIELDS: tuple[FieldSpec, ...] = tuple(spec for part in PARTS for spec in part.fields)
FIELD_AT = {spec.path: spec for spec in FIELDS}
# Without these no plan is signed: QS56 statement 7 asks for both assessments, and names the rest.
NEEDED_TO_SIGN = {
    "key_worker": "Name the key worker",
    "who_to_call": "Say who to ring if symptoms come back",
    "ongoing_care_assessed_on": "Enter when ongoing care was assessed",
    "rehabilitation_assessed_on": "Enter when rehabilitation was assessed",
    "destination": "Choose where the person goes",
}


def missing(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields that the plan still needs before it can be signed, by path."""
    return {f"plan.{name}": [words] for name, words in NEEDED_TO_SIGN.items() if not content.get(name)}
