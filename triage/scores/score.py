"""What a score is: items with their points, counted here and nowhere else. A score informs; it never decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to an item; `points` is None where the answer is a grade and nothing is added up."""

    value: str
    label: str
    points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    name: str
    label: str
    choices: tuple[Choice, ...]
    required: bool = True

    def choice(self, value: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.value == value), None)


def scored(name: str, label: str, *choices: tuple[str, str, int]) -> Item:
    """An item whose answers have points: value, words, points."""
    return Item(
        name=name,
        label=label,
        choices=tuple(Choice(value=value, label=words, points=points) for value, words, points in choices),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A score: its items, how a total reads, its version and where it was published.

    `about` is what one scoring is of, such as a lesion; empty when it is of the person.
    """

    id: str
    name: str
    version: str
    source: str
    items: tuple[Item, ...]
    reads: Callable[[int | None, Mapping[str, Choice]], str]
    about: str = ""
    note: str = ""

    @property
    def adds_up(self) -> bool:
        return any(choice.points is not None for item in self.items for choice in item.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A scoring: the total (None for a grade) and how it reads."""

    total: int | None
    verdict: str


def count(kind: Kind, answers: Mapping[str, str]) -> tuple[Counted | None, dict[str, list[str]]]:
    """Count a score from the value of each item; or every problem by item."""
    errors: dict[str, list[str]] = {}
    chosen: dict[str, Choice] = {}
    for item in kind.items:
        value = answers.get(item.name, "")
        choice = item.choice(value)
        if choice is not None:
            chosen[item.name] = choice
        elif value:
            errors[item.name] = ["Choose one of the answers"]
        elif item.required:
            errors[item.name] = [f"Choose: {item.label[0].lower()}{item.label[1:]}"]
    if not errors and not chosen:
        errors[kind.items[0].name] = ["Answer at least one item"]
    if errors:
        return None, errors
    points = [choice.points for choice in chosen.values() if choice.points is not None]
    total = sum(points) if kind.adds_up else None
    return Counted(total=total, verdict=kind.reads(total, chosen)), {}
