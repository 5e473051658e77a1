"""The editions of the guideline: the one in force, and the one for comparison only."""

from dataclasses import dataclass

from triage.guideline.ruleset import RULESETS, Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A published guideline and the rulesets based on it."""

    guideline: str
    published: str
    title: str
    active: bool
    note: str
    rulesets: tuple[Ruleset, ...] = ()


EDITIONS: tuple[Edition, ...] = (
    Edition(
        guideline="NG234",
        published="2023-09-06",
        title="Spinal metastases and metastatic spinal cord compression",
        active=True,
        note="In force. Its quality standard is QS56 in the version of the same day.",
        rulesets=RULESETS,
    ),
    Edition(
        guideline="CG75",
        published="2008-11-26",
        title="Metastatic spinal cord compression in adults",
        active=False,
        note="Superseded by NG234. Kept for comparison of cases, never active.",
    ),
)
