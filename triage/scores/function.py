"""Grades of function: neurology, power, performance, frailty, walking."""

from collections.abc import Mapping

from triage.scores.score import ScoreChoice, ScoreItem, ScoreKind
from triage.scores.spine import grade, grades

WHEN = "When: now, or before this event"

FRANKEL = ScoreKind(
    id="frankel",
    name="Frankel grade",
    version="1969",
    source="Frankel and others 1969",
    note="Not interchangeable with the ASIA scale. The Tokuhashi score needs this one.",
    items=grades(
        "grade",
        "Grade",
        ("A", "A: complete, no motor or sensory function"),
        ("B", "B: sensory function only"),
        ("C", "C: some motor function, not useful"),
        ("D", "D: useful motor function"),
        ("E", "E: normal, reflexes may differ"),
    ),
    reads=grade,
)
ASIA = ScoreKind(
    id="asia",
    name="ASIA impairment scale",
    version="2019",
    source="American Spinal Injury Association",
    note="Not interchangeable with the Frankel grade.",
    items=grades(
        "grade",
        "Grade",
        ("A", "A: complete, nothing in S4 to S5"),
        ("B", "B: sensory but no motor function, S4 to S5 included"),
        ("C", "C: motor function, more than half of the key muscles below 3"),
        ("D", "D: motor function, at least half of the key muscles 3 or more"),
        ("E", "E: normal, after an earlier deficit"),
    ),
    reads=grade,
)

_POWER = (
    ("0", "0 none"),
    ("1", "1 flicker"),
    ("2", "2 gravity eliminated"),
    ("3", "3 against gravity"),
    ("4", "4 against resistance"),
    ("5", "5 normal"),
    ("NT", "Not testable"),
)
_MYOTOMES = ("C5", "C6", "C7", "C8", "T1", "L2", "L3", "L4", "L5", "S1")


def _weakest(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    tested = {name: choice.value for name, choice in choices.items() if choice.value != "NT"}
    if not tested:
        return "nothing testable"
    least = min(tested.values())
    places = ", ".join(name.replace("_", " ") for name, value in tested.items() if value == least)
    return f"lowest power {least}" + (f" in {places}" if least != "5" else "")


MRC = ScoreKind(
    id="mrc",
    name="MRC power",
    version="1976",
    source="Medical Research Council",
    note="By myotome and side; what was not examined stays empty.",
    items=tuple(
        ScoreItem(
            name=f"{myotome}_{side}",
            label=f"{myotome} {side}",
            required=False,
            choices=tuple(ScoreChoice(value=value, label=words) for value, words in _POWER),
        )
        for myotome in _MYOTOMES
        for side in ("left", "right")
    ),
    reads=_weakest,
)
ECOG = ScoreKind(
    id="ecog",
    name="ECOG or WHO performance status",
    version="1982",
    source="Eastern Cooperative Oncology Group",
    about=WHEN,
    items=grades(
        "grade",
        "Status",
        ("0", "0: fully active"),
        ("1", "1: walks, light work"),
        ("2", "2: self-caring, up more than half the day"),
        ("3", "3: limited self-care, in bed or chair more than half the day"),
        ("4", "4: bed or chair bound"),
        ("9", "9: not recorded"),
    ),
    reads=grade,
)
KARNOFSKY = ScoreKind(
    id="karnofsky",
    name="Karnofsky performance status",
    version="1949",
    source="Karnofsky and Burchenal 1949",
    about=WHEN,
    items=grades(
        "grade",
        "Status",
        ("100", "100: normal"),
        ("90", "90: minor symptoms"),
        ("80", "80: with effort"),
        ("70", "70: self-caring, no work"),
        ("60", "60: occasional help"),
        ("50", "50: considerable help"),
        ("40", "40: disabled"),
        ("30", "30: severely disabled"),
        ("20", "20: very sick"),
        ("10", "10: moribund"),
        ("0", "0: dead"),
    ),
    reads=grade,
)
FRAILTY = ScoreKind(
    id="frailty",
    name="Clinical Frailty Scale",
    version="2.0",
    source="Dalhousie University; the descriptions are theirs and are not shown here",
    about=WHEN,
    note="The person's state before this illness, not today's.",
    items=grades(
        "grade",
        "Grade",
        ("1", "1: very fit"),
        ("2", "2: fit"),
        ("3", "3: managing well"),
        ("4", "4: very mild frailty"),
        ("5", "5: mild frailty"),
        ("6", "6: moderate frailty"),
        ("7", "7: severe frailty"),
        ("8", "8: very severe frailty"),
        ("9", "9: terminally ill"),
    ),
    reads=grade,
)


def _walks(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    walks = choices["grade"].value in ("unaided", "with_aid")
    return f"{choices['grade'].label}; {'ambulatory' if walks else 'not ambulatory'}"


WALKING = ScoreKind(
    id="walking",
    name="Ambulatory status",
    version="1",
    source="Four grades after the SCORAD trial 2019; the wording of the last two is not confirmed",
    about=WHEN,
    items=grades(
        "grade",
        "Walking",
        ("unaided", "Walks unaided"),
        ("with_aid", "Walks with an aid"),
        ("not_walking_some_power", "Not walking, some power"),
        ("no_power", "No power"),
    ),
    reads=_walks,
)
