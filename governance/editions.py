"""The same cases under both editions: the differences and their reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from referrals.case.models import Referral
from triage.guideline.legacy.cg75 import OUTCOME_WORDS, Comparison, Difference, compare
from triage.guideline.rule import STREAM_WORDS

MOST = 2000  # cases that a page compares; each is evaluated twice


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


def compare_case(case: Referral) -> tuple[ComparedCase, Comparison]:
    """The present findings of a case under NG234 and CG75."""
    comparison = compare(case.findings, case.clinical.get("pain_levels"))
    line = ComparedCase(
        reference=case.reference,
        stream=STREAM_WORDS[comparison.stream],
        outcome=OUTCOME_WORDS[comparison.outcome],
        because=comparison.because,
        agree=comparison.agree,
        differences=comparison.differences,
    )
    return line, comparison


def newest_cases(most: int | None = MOST) -> Iterator[Referral]:
    """The newest cases, or with None every case, without those entered in error."""
    cases = Referral.objects.exclude(status="entered_in_error").order_by("-id")
    return cases[:most].iterator(chunk_size=500)


def tally(comparisons: Iterable[Comparison]) -> EditionTally:
    """The figures over many comparisons."""
    cases, agree, not_computable = 0, 0, 0
    rows: Counter[str] = Counter()
    for comparison in comparisons:
        cases, agree = cases + 1, agree + comparison.agree
        not_computable += comparison.outcome == "not_computable"
        rows.update({difference.row for difference in comparison.differences})
    return EditionTally(
        cases=cases, agree=agree, not_computable=not_computable, rows=tuple(sorted(rows.items()))
    )
