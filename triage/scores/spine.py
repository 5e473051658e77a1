"""Scores of the spine: SINS for stability, Bilsky for compression."""

from collections.abc import Mapping

from triage.scores.score import ScoreChoice, ScoreItem, ScoreKind, scored_item


def _stability(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    assert total is not None  # every item of SINS has points
    verdict = "stable" if total <= 6 else "potentially unstable" if total <= 12 else "unstable"
    opinion = "; a surgical opinion is usual from 7" if total >= 7 else ""
    half = (
        "; collapse of exactly half counted as more than half" if choices["collapse"].value == "half" else ""
    )
    return f"{verdict}{opinion}{half}"


SINS = ScoreKind(
    id="sins",
    name="SINS, spinal instability neoplastic score",
    version="2010",
    source="Fisher and others 2010",
    about="Lesion, such as T8",
    note="Per lesion; the highest is reported. 0 to 6 stable, 7 to 12 potentially unstable, 13 to 18 unstable.",
    items=(
        scored_item(
            "location",
            "Location",
            ("junctional", "Junctional: occiput to C2, C7 to T2, T11 to L1, L5 to S1", 3),
            ("mobile", "Mobile: C3 to C6, L2 to L4", 2),
            ("semirigid", "Semirigid: T3 to T10", 1),
            ("rigid", "Rigid: S2 to S5", 0),
        ),
        scored_item(
            "pain",
            "Pain",
            ("mechanical", "Mechanical: better lying, or on movement or loading", 3),
            ("occasional", "Occasional, not mechanical", 1),
            ("none", "None", 0),
        ),
        scored_item(
            "bone_lesion",
            "Bone lesion",
            ("lytic", "Lytic", 2),
            ("mixed", "Mixed", 1),
            ("blastic", "Blastic", 0),
        ),
        scored_item(
            "alignment",
            "Alignment",
            ("subluxation", "Subluxation or translation", 4),
            ("deformity", "New kyphosis or scoliosis", 2),
            ("normal", "Normal", 0),
        ),
        scored_item(
            "collapse",
            "Collapse of the vertebral body",
            ("over_half", "More than 50%", 3),
            ("half", "Exactly 50%", 3),
            ("under_half", "Less than 50%", 2),
            ("involved", "None, but more than 50% of the body involved", 1),
            ("none", "None of these", 0),
        ),
        scored_item(
            "posterolateral",
            "Posterolateral elements",
            ("bilateral", "Both sides involved", 3),
            ("unilateral", "One side involved", 1),
            ("none", "Not involved", 0),
        ),
    ),
    reads=_stability,
)


def grade(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    """The words of a score that is a single grade."""
    return "; ".join(choice.label for choice in choices.values())


def grades(name: str, label: str, *choices: tuple[str, str]) -> tuple[ScoreItem, ...]:
    """The one item of a score that is a single grade."""
    return (
        ScoreItem(
            name=name, label=label, choices=tuple(ScoreChoice(value=v, label=words) for v, words in choices)
        ),
    )


def _compression(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    high = "; high grade" if choices["grade"].value in ("2", "3") else ""
    return f"{choices['grade'].label}{high}"


BILSKY = ScoreKind(
    id="bilsky",
    name="Bilsky epidural compression scale",
    version="2010",
    source="Bilsky and others 2010",
    about="Level, such as T8",
    note="On axial T2 at the worst level. It is a scale of the cord: below the conus it does not apply as it stands.",
    items=grades(
        "grade",
        "Grade",
        ("0", "0: bone only"),
        ("1a", "1a: epidural, thecal sac not deformed"),
        ("1b", "1b: thecal sac deformed, cord not touched"),
        ("1c", "1c: cord touched, not compressed"),
        ("2", "2: cord compressed, fluid seen around it"),
        ("3", "3: cord compressed, no fluid seen"),
    ),
    reads=_compression,
)
