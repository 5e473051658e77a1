"""The stored cases under the previous ruleset and the one in force: the answers that change, and their rules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kernel.identifiers import Reference
from referrals.case.models import Referral
from triage.assess import evaluated_by
from triage.guideline.evaluate import TriageResult
from triage.guideline.rule import STREAM_WORDS
from triage.guideline.ruleset import RULESETS, Ruleset
from triage.models import Assessment

BEFORE, AFTER = RULESETS[-2], RULESETS[-1]
MOST = 2000  # cases that a page compares; each is evaluated four times


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """An answer of one ruleset that the other does not give, with the sentence of its rule."""

    code: str
    says: str
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAssessment:
    """The newest assessment of a case under both rulesets."""

    reference: str
    before: str
    after: str
    changes: Sequence[AnswerChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTally:
    """How many cases were read, how many change, and how often each code is added or removed."""

    cases: int
    changed: int
    codes: Sequence[tuple[str, int, int]]  # code, added, removed


def newest_assessments() -> Iterator[Assessment]:
    """The newest assessment of each of the newest cases, without cases entered in error."""
    cases = Referral.objects.exclude(status="entered_in_error").values("pk")
    newest = Assessment.objects.filter(case__in=cases).order_by("-case", "-id").distinct("case")
    return newest[:MOST].iterator(chunk_size=500)


def compare_assessment(assessment: Assessment) -> ComparedAssessment:
    """The answers of both rulesets to the same findings and course."""
    before, after = (_answers(assessment, ruleset) for ruleset in (BEFORE, AFTER))
    removed = [
        AnswerChange(code=code, says=says, added=False) for code, says in before.items() if code not in after
    ]
    added = [
        AnswerChange(code=code, says=says, added=True) for code, says in after.items() if code not in before
    ]
    results = [evaluated_by(ruleset, assessment) for ruleset in (BEFORE, AFTER)]
    return ComparedAssessment(
        reference=str(Reference.of(assessment.case)),
        before=STREAM_WORDS[results[0].stream],
        after=STREAM_WORDS[results[1].stream],
        changes=(*added, *removed),
    )


def _answers(assessment: Assessment, ruleset: Ruleset) -> dict[str, str]:
    """The answers of a ruleset by code, with the reason: stream, contact, clocks, advice, warnings, care."""
    result = evaluated_by(ruleset, assessment)
    return {
        f"stream {result.stream}": _why(result),
        f"contact {result.contact}": "",
        **{
            f"clock {clock.kind} {clock.limit_hours:g} h": ""
            for clock in result.clocks
            if clock.kind not in ("acknowledge", "voice_contact")
        },
        **{
            advice.advice.code: " ".join(rule.says for rule in advice.rules)
            for advice in (*result.advice, *result.care)
        },
        **{rule.code: rule.says for rule in (*result.warnings, *result.cautions)},
    }


def _why(result: TriageResult) -> str:
    return result.because[0]


def tally(comparisons: Iterable[ComparedAssessment]) -> ChangeTally:
    """The figures over many comparisons."""
    cases = changed = 0
    added: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    for comparison in comparisons:
        cases, changed = cases + 1, changed + bool(comparison.changes)
        for change in comparison.changes:
            (added if change.added else removed)[change.code] += 1
    codes = tuple((code, added[code], removed[code]) for code in sorted({*added, *removed}))
    return ChangeTally(cases=cases, changed=changed, codes=codes)
