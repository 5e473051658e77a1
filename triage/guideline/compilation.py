"""Many rules for one situation: each criterion is tested once, and a rule is then a few comparisons of bits.

The handbook prints the condition of a rule. Here the same condition is a list of alternatives: criteria that hold and
criteria that do not. A test compares both forms.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from triage.guideline.rule import Both, Condition, Criterion, Either, Negation, Rule

AnyRule = TypeVar("AnyRule", bound=Rule)
Alternatives = tuple[tuple[int, int], ...]  # each: bits that must be set, bits that must not


class CriterionBits:
    """The criteria of some rules, each with its bit."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        criteria = dict.fromkeys(criterion for rule in rules for criterion in _in_order(rule.when))
        self.bit: Mapping[Criterion, int] = {
            criterion: 1 << place for place, criterion in enumerate(criteria)
        }
        self._tests = [(bit, criterion.test) for criterion, bit in self.bit.items()]
        self._of: dict[str, list[tuple[int, Any]]] = {}
        for criterion, bit in self.bit.items():
            for path in criterion.reads:
                self._of.setdefault(path, []).append((bit, criterion.test))

    def of(self, situation: Any) -> int:
        """The criteria that hold in a situation, as bits."""
        return sum(bit for bit, test in self._tests if test(situation))

    def after(self, before: int, situation: Any, paths: Sequence[str]) -> int:
        """The same after a change of the answers at these paths only."""
        now = before
        for path in paths:
            for bit, test in self._of.get(path, ()):
                now = now | bit if test(situation) else now & ~bit
        return now

    def alternatives(self, condition: Condition) -> Alternatives:
        """A condition as alternatives of bits. It holds when one of them does."""
        return tuple(dict.fromkeys(self._expand(condition, True)))

    def that_read(self, path: str) -> int:
        """The bits of the criteria that read the answer at a path."""
        return sum(bit for bit, _ in self._of.get(path, ()))

    def _expand(self, condition: Condition, holding: bool) -> list[tuple[int, int]]:
        if isinstance(condition, Negation):
            return self._expand(condition.denied, not holding)
        if isinstance(condition, Criterion):
            return [(self.bit[condition], 0) if holding else (0, self.bit[condition])]
        if not isinstance(condition, Both | Either):
            raise TypeError(f"no such condition: {condition!r}")
        left, right = self._expand(condition.left, holding), self._expand(condition.right, holding)
        if isinstance(condition, Both) != holding:
            return left + right
        pairs = [(yes | more_yes, no | more_no) for yes, no in left for more_yes, more_no in right]
        return [(yes, no) for yes, no in pairs if not yes & no]


class Compiled(Generic[AnyRule]):
    """Rules of one kind over shared criteria."""

    def __init__(self, rules: Sequence[AnyRule], criteria: CriterionBits) -> None:
        self._rules = [(criteria.alternatives(rule.when), rule) for rule in rules]

    def holding(self, bits: int) -> list[AnyRule]:
        """The rules that hold, in their order."""
        return [rule for alternatives, rule in self._rules if _holds(alternatives, bits)]

    def first(self, bits: int) -> AnyRule:
        """The first rule that holds. One always does."""
        return next(rule for alternatives, rule in self._rules if _holds(alternatives, bits))

    def reading(self, bits: int) -> "Compiled[AnyRule]":
        """The rules whose condition has one of these criteria, and every other rule that gives the same code."""
        return _reading(self, bits)


def _holds(alternatives: Alternatives, bits: int) -> bool:
    for yes, no in alternatives:  # noqa: SIM110  # a loop: it runs a hundred times for one answer
        if bits & yes == yes and not bits & no:
            return True
    return False


@cache
def _reading(rules: Compiled[AnyRule], bits: int) -> Compiled[AnyRule]:
    codes = {
        rule.code  # type: ignore[attr-defined]  # advice and warnings have one
        for alternatives, rule in rules._rules
        if any((yes | no) & bits for yes, no in alternatives)
    }
    subset = object.__new__(Compiled)
    subset._rules = [pair for pair in rules._rules if pair[1].code in codes]  # type: ignore[attr-defined]
    return subset


def _in_order(condition: Condition) -> Iterable[Criterion]:
    if isinstance(condition, Both | Either):
        return [*_in_order(condition.left), *_in_order(condition.right)]
    return _in_order(condition.denied) if isinstance(condition, Negation) else [condition]  # type: ignore[list-item]
