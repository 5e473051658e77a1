"""The stored cases under the ruleset before and the one in force: which answers change, and by which rules."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """One thing that one ruleset says and the other does not, with the sentence of the rule that says so."""

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
    """How many cases were read, how many change, and how often each code comes or goes."""

    cases: int
    changed: int
    codes: Sequence[tuple[str, int, int]]  # code, added, gone


def every_assessment() -> Iterator[Assessment]:
    """The newest assessment of each case, but of what was entered in error; newest case first."""
    cases = Referral.objects.exclude(status="entered_in_error").values("pk")
    newest = Assessment.objects.filter(case__in=cases).order_by("-case", "-id").distinct("case")
    return newest.iterator(chunk_size=500)


def compared(assessment: Assessment) -> ComparedAssessment:
    """What each ruleset says of the same findings and course."""
    before, after = (_said(assessment, ruleset) for ruleset in (BEFORE, AFTER))
    gone = [
        AnswerChange(code=code, says=says, added=False) for code, says in before.items() if code not in after
    ]
    new = [
        AnswerChange(code=code, says=says, added=True) for code, says in after.items() if code not in before
    ]
    results = [evaluated_by(ruleset, assessment) for ruleset in (BEFORE, AFTER)]
    return ComparedAssessment(
        reference=str(Reference.of(assessment.case)),
        before=STREAM_WORDS[results[0].stream],
        after=STREAM_WORDS[results[1].stream],
        changes=(*new, *gone),
    )


def _said(assessment: Assessment, ruleset: Ruleset) -> dict[str, str]:
    """Everything that a ruleset says of a case, by code, with why: stream, contact, clocks, advice, warnings, care."""
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
            given.advice.code: " ".join(rule.says for rule in given.rules)
            for given in (*result.advice, *result.care)
        },
        **{rule.code: rule.says for rule in (*result.warnings, *result.cautions)},
    }


def _why(result: TriageResult) -> str:
    return result.because[0]


def tally(comparisons: Iterable[ComparedAssessment]) -> ChangeTally:
    """The figures over many comparisons."""
    cases = changed = 0
    added: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for one in comparisons:
        cases, changed = cases + 1, changed + bool(one.changes)
        for change in one.changes:
            (added if change.added else gone)[change.code] += 1
    codes = tuple((code, added[code], gone[code]) for code in sorted({*added, *gone}))
    return ChangeTally(cases=cases, changed=changed, codes=codes)
