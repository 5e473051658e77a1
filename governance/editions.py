"""The same cases under both editions: what differs, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from referrals.case.models import Referral
from triage.guideline.legacy.cg75 import OUTCOME_WORDS, Comparison, Difference, compare
from triage.guideline.rule import STREAM_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCase:
    """One case under both editions, ready to print."""

    reference: str
    stream: str
    outcome: str
    because: str
    agree: bool
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionTally:
    """How many cases were compared, how many agree, and how often each row of the comparison differs."""

    cases: int
    agree: int
    not_computable: int
    rows: Sequence[tuple[str, int]]


def compared(case: Referral) -> tuple[ComparedCase, Comparison]:
    """The findings of a case as they stand, under NG234 and CG75."""
    found = compare(case.findings, case.clinical.get("pain_levels"))
    line = ComparedCase(
        reference=case.reference,
        stream=STREAM_WORDS[found.stream],
        outcome=OUTCOME_WORDS[found.outcome],
        because=found.because,
        agree=found.agree,
        differences=found.differences,
    )
    return line, found


def every_case() -> Iterator[Referral]:
    """Every case but what was entered in error, newest first."""
    return Referral.objects.exclude(status="entered_in_error").order_by("-id").iterator(chunk_size=500)


def tally(comparisons: Iterable[Comparison]) -> EditionTally:
    """The figures over many comparisons."""
    cases, agree, not_computable = 0, 0, 0
    rows: Counter[str] = Counter()
    for found in comparisons:
        cases, agree = cases + 1, agree + found.agree
        not_computable += found.outcome == "not_computable"
        rows.update({difference.row for difference in found.differences})
    return EditionTally(
        cases=cases, agree=agree, not_computable=not_computable, rows=tuple(sorted(rows.items()))
    )
