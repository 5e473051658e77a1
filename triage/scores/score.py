"""What a score is: items with points, counted here only. A score informs; it never decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChoice:
    """One answer to an item; `points` is None where the answer is a grade and nothing is added up."""

    value: str
    label: str
    points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    name: str
    label: str
    choices: tuple[ScoreChoice, ...]
    required: bool = True

    def choice(self, value: str) -> ScoreChoice | None:
        return next((choice for choice in self.choices if choice.value == value), None)


def scored_item(name: str, label: str, *choices: tuple[str, str, int]) -> ScoreItem:
    """An item whose answers have points: value, words, points."""
    return ScoreItem(
        name=name,
        label=label,
        choices=tuple(
            ScoreChoice(value=value, label=words, points=points) for value, words, points in choices
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKind:
    """A score: its items, how a total reads, its version and where it was published.

    `about` names what is scored, such as a lesion. Empty where it is the person.
    """

    id: str
    name: str
    version: str
    source: str
    items: tuple[ScoreItem, ...]
    reads: Callable[[int | None, Mapping[str, ScoreChoice]], str]
    about: str = ""
    note: str = ""

    @property
    def adds_up(self) -> bool:
        return any(choice.points is not None for item in self.items for choice in item.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """The result of a score: the total (None for a grade) and its meaning."""

    total: int | None
    verdict: str


def count(kind: ScoreKind, answers: Mapping[str, str]) -> tuple[ScoreResult | None, dict[str, list[str]]]:
    """A score counted from the value of each item, or every problem by item."""
    errors: dict[str, list[str]] = {}
    choices: dict[str, ScoreChoice] = {}
    for item in kind.items:
        value = answers.get(item.name, "")
        choice = item.choice(value)
        if choice is not None:
            choices[item.name] = choice
        elif value:
            errors[item.name] = ["Choose one of the answers"]
        elif item.required:
            errors[item.name] = [f"Choose an answer to “{item.label}”"]
    if not errors and not choices:
        errors[kind.items[0].name] = ["Answer at least one item"]
    if errors:
        return None, errors
    points = [choice.points for choice in choices.values() if choice.points is not None]
    total = sum(points) if kind.adds_up else None
    return ScoreResult(total=total, verdict=kind.reads(total, choices)), {}
