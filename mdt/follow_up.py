"""The points at which outcomes are recorded, and the questions at each. Pure."""

from dataclasses import dataclass

from mdt.codes import NOT_SEEN, PLACES
from oncall.kinds import FOLLOW_UPS
from referrals.intake.fields import WALKING, FieldSpec, code_field, instant_field, text_field, whole_field
from referrals.intake.record_fields import BLADDER, BOWEL

_HOURS = dict(zip(("week_4", "week_8", "week_12", "month_12"), FOLLOW_UPS, strict=True))
POINTS = {
    "before": "Before these symptoms",
    "presentation": "At presentation",
    "before_treatment": "Before treatment",
    "end_of_treatment": "At the end of treatment",
    "week_1": "1 week after treatment",
    "week_4": "4 weeks after treatment",
    "week_8": "8 weeks after treatment",
    "week_12": "12 weeks after treatment",
    "month_12": "12 months after treatment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How somebody walks as a height on the picture: 3 unaided, 0 no power."""

    code: str
    height: int


GRADES = tuple(
    Grade(code=code, height=height)
    for code, height in (("unaided", 3), ("with_aid", 2), ("not_walking_some_power", 1), ("no_power", 0))
)
HEIGHT = {grade.code: grade.height for grade in GRADES}
_SEEN = {code: words for code, words in WALKING.items() if code != "not_assessed"}
_DRAINED = {code: words for code, words in BLADDER.items() if code != "not_assessed"}
_BOWEL = {code: words for code, words in BOWEL.items() if code != "not_assessed"}
OUTCOME: tuple[FieldSpec, ...] = (
    code_field("outcome.point", "Which point", POINTS, required=True),
    instant_field("outcome.observed_at", "When this was observed", required=True),
    code_field("outcome.walking", "Walking", _SEEN),
    code_field("outcome.bladder", "Bladder", _DRAINED),
    code_field("outcome.bowel", "Bowel", _BOWEL),
    whole_field("outcome.pain", "Pain, 0 to 10", least=0, most=10),
    code_field("outcome.place", "Where the person is", PLACES),
    text_field("outcome.further_treatment", "Further treatment since"),
    code_field("outcome.not_seen_because", "If nothing could be recorded: why", NOT_SEEN),
    text_field("outcome.note", "Anything else", notes=True),
)
SAYS_SOMETHING = ("walking", "bladder", "bowel", "pain", "place", "further_treatment", "not_seen_because")


def hours_of(point: str) -> int | None:
    """The limit of the follow-up clock that an outcome at this point answers; None where none waits."""
    return _HOURS.get(point)
