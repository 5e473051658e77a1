"""Scores of prognosis: revised Tokuhashi, Tomita."""

from collections.abc import Mapping

from triage.scores.score import ScoreChoice, ScoreKind, scored_item


def _survival(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    assert total is not None  # every item has points
    if total <= 8:
        return "predicts less than 6 months"
    return "predicts 6 months or more" if total <= 11 else "predicts 1 year or more"


TOKUHASHI = ScoreKind(
    id="tokuhashi",
    name="Tokuhashi score, revised",
    version="2005",
    source="Tokuhashi and others 2005",
    note="Known to be pessimistic. Of the vertebral bodies, 3 or more, 2 and 1 score 0, 1 and 2; some copies print "
    "otherwise. A new cord lesion alone lowers general condition: take it as it was before.",
    items=(
        scored_item(
            "general_condition",
            "General condition (Karnofsky)",
            ("poor", "10 to 40", 0),
            ("moderate", "50 to 70", 1),
            ("good", "80 to 100", 2),
        ),
        scored_item(
            "extraspinal_foci",
            "Bone metastases outside the spine",
            ("three_or_more", "3 or more", 0),
            ("one_or_two", "1 or 2", 1),
            ("none", "None", 2),
        ),
        scored_item(
            "vertebral_bodies",
            "Metastases in vertebral bodies",
            ("three_or_more", "3 or more", 0),
            ("two", "2", 1),
            ("one", "1", 2),
        ),
        scored_item(
            "major_organs",
            "Metastases in major organs",
            ("unremovable", "Not removable", 0),
            ("removable", "Removable", 1),
            ("none", "None", 2),
        ),
        scored_item(
            "primary",
            "Primary",
            ("group_0", "Lung, osteosarcoma, stomach, bladder, oesophagus or pancreas", 0),
            ("group_1", "Liver, gallbladder or not identified", 1),
            ("group_2", "Other", 2),
            ("group_3", "Kidney or uterus", 3),
            ("group_4", "Rectum", 4),
            ("group_5", "Thyroid, breast, prostate or carcinoid", 5),
        ),
        scored_item(
            "palsy",
            "Palsy (Frankel)",
            ("complete", "A or B", 0),
            ("incomplete", "C or D", 1),
            ("none", "E", 2),
        ),
    ),
    reads=_survival,
)


def _strategy(total: int | None, choices: Mapping[str, ScoreChoice]) -> str:
    assert total is not None  # every item has points
    for most, words in (
        (3, "wide or marginal excision"),
        (5, "marginal or intralesional excision"),
        (7, "palliative surgery"),
    ):
        if total <= most:
            return f"published strategy: {words}"
    return "published strategy: supportive care"


TOMITA = ScoreKind(
    id="tomita",
    name="Tomita score",
    version="2001",
    source="Tomita and others 2001, from secondary sources",
    note="Optional, rarely needed. A rapid primary scores 4: a printed 3 cannot give the published range of 2 to 10.",
    items=(
        scored_item(
            "primary_growth",
            "Growth of the primary",
            ("slow", "Slow: breast, thyroid, prostate", 1),
            ("moderate", "Moderate: kidney, uterus", 2),
            ("rapid", "Rapid or unknown: lung, stomach and others", 4),
        ),
        scored_item(
            "visceral",
            "Visceral metastases",
            ("none", "None", 0),
            ("treatable", "Treatable", 2),
            ("untreatable", "Not treatable", 4),
        ),
        scored_item("bone", "Bone metastases", ("solitary", "One", 1), ("multiple", "Several", 2)),
    ),
    reads=_strategy,
)
