"""Many rules asked of one situation: every fact is looked at once, and a rule is a few comparisons of bits.

A condition stays what the handbook prints; this is the same condition as alternatives of facts that hold and
facts that do not. A test asks both ways and compares.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from triage.guideline.rule import Both, Condition, Criterion, Either, Negation, Rule

AnyRule = TypeVar("AnyRule", bound=Rule)
Alternatives = tuple[tuple[int, int], ...]  # the bits that have to be set, and those that must not be


class Situation:
    """The facts that some rules are made of, each with its bit."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        found = dict.fromkeys(fact for rule in rules for fact in _in_order(rule.when))
        self.bit: Mapping[Criterion, int] = {fact: 1 << place for place, fact in enumerate(found)}
        self._tests = [(bit, fact.test) for fact, bit in self.bit.items()]
        self._of: dict[str, list[tuple[int, Any]]] = {}
        for fact, bit in self.bit.items():
            for path in fact.reads:
                self._of.setdefault(path, []).append((bit, fact.test))

    def of(self, situation: Any) -> int:
        """The facts that hold in a situation, as bits."""
        return sum(bit for bit, test in self._tests if test(situation))

    def after(self, before: int, situation: Any, paths: Sequence[str]) -> int:
        """The same when only the answers at these paths have changed."""
        now = before
        for path in paths:
            for bit, test in self._of.get(path, ()):
                now = now | bit if test(situation) else now & ~bit
        return now

    def alternatives(self, condition: Condition) -> Alternatives:
        """A condition as alternatives of bits: it holds when one of them does."""
        return tuple(dict.fromkeys(self._expand(condition, True)))

    def that_read(self, path: str) -> int:
        """The bits of the facts that depend on the answer at a path."""
        return sum(bit for bit, _ in self._of.get(path, ()))

    def _expand(self, condition: Condition, wanted: bool) -> list[tuple[int, int]]:
        if isinstance(condition, Negation):
            return self._expand(condition.denied, not wanted)
        if isinstance(condition, Criterion):
            return [(self.bit[condition], 0) if wanted else (0, self.bit[condition])]
        if not isinstance(condition, Both | Either):
            raise TypeError(f"no such condition: {condition!r}")
        left, right = self._expand(condition.left, wanted), self._expand(condition.right, wanted)
        if isinstance(condition, Both) != wanted:
            return left + right
        joined = [(yes | more_yes, no | more_no) for yes, no in left for more_yes, more_no in right]
        return [(yes, no) for yes, no in joined if not yes & no]


class Compiled(Generic[AnyRule]):
    """Rules of one kind over shared facts."""

    def __init__(self, rules: Sequence[AnyRule], facts: Situation) -> None:
        self._rules = [(facts.alternatives(rule.when), rule) for rule in rules]

    def holding(self, bits: int) -> list[AnyRule]:
        """The rules that hold, in their order."""
        return [rule for alternatives, rule in self._rules if _holds(alternatives, bits)]

    def first(self, bits: int) -> AnyRule:
        """The first rule that holds; one always does."""
        return next(rule for alternatives, rule in self._rules if _holds(alternatives, bits))

    def reading(self, bits: int) -> "Compiled[AnyRule]":
        """The rules whose condition knows one of these facts, and every other rule that gives the same code."""
        return _reading(self, bits)


def _holds(alternatives: Alternatives, bits: int) -> bool:
    for yes, no in alternatives:  # noqa: SIM110  # a loop: this is asked a hundred times for one answer
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
    chosen = object.__new__(Compiled)
    chosen._rules = [pair for pair in rules._rules if pair[1].code in codes]  # type: ignore[attr-defined]
    return chosen


def _in_order(condition: Condition) -> Iterable[Criterion]:
    if isinstance(condition, Both | Either):
        return [*_in_order(condition.left), *_in_order(condition.right)]
    return _in_order(condition.denied) if isinstance(condition, Negation) else [condition]  # type: ignore[list-item]
