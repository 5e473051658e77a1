"""What is read by its name of the content of statements, as it is stored. Pure. A key that is misspelt is a type error.

The content of a statement has the names of its fields, in the tables of `consensus`, `treatments`, `management_plan` and
`follow_up`, and is mostly read by these tables. What says nothing is left out. Instants are RFC 3339, days ISO 8601.
"""

from typing import TypedDict


class StoredJudgements(TypedDict, total=False):
    """What an opinion and a decision judge for treatment."""

    stability: str
    surgery_suitable: str
    surgery_reasons: list[str]
    prognosis: str


class StoredOpinion(StoredJudgements, total=False):
    given_by: str
    given_at: str
    recommends: list[str]
    words: str


class StoredPosition(TypedDict, total=False):
    """What a specialty said to a decision."""

    specialty: str
    position: str
    name: str
    words: str


class StoredDecision(StoredJudgements, total=False):
    decided_at: str
    outcomes: list[str]
    owner: str
    without_quorum_by: str
    without_quorum_because: str
    # What no field asks for.
    positions: list[StoredPosition]
    missing: list[str]  # specialties
    tasks: dict[str, int]  # the obligation by outcome


class StoredTreatment(TypedDict, total=False):
    decided_at: str
    consent: str
    started_at: str
    completed_at: str
    side_effect_risk: str
    side_effect_reason: str
    previous_dose: str
    not_single_reason: str
    no_treatment_reason: str
    start_on: str
    stop_on: str
    note: str
    # What no field asks for.
    tasks: list[int]  # the obligations of a taper


class StoredPlan(TypedDict, total=False):
    destination: str
    signed_on_paper_at: str


class StoredOutcome(TypedDict, total=False):
    point: str
    observed_at: str
    walking: str
