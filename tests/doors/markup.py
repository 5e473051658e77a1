"""A small reader of pages: elements by tag and attribute, their words, and what a browser would send of a form."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
CHOSEN_ONLY = frozenset({"radio", "checkbox"})
BUTTONS = frozenset({"submit", "button", "image", "reset"})


@dataclass(eq=False)
class Element:
    """One element of a page. `attributes` without a value have an empty one."""

    tag: str
    attributes: dict[str, str]
    parts: list["Element | str"] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The value of an attribute; empty where there is none."""
        return self.attributes.get(name, "")

    def __iter__(self) -> Iterator["Element"]:
        """Every element inside, in the order of the page."""
        for part in self.parts:
            if isinstance(part, Element):
                yield part
                yield from part

    def all(self, tag: str = "", **wanted: str) -> list["Element"]:
        """The elements inside with this tag and these attributes. `data_x` is data-x, `class_` one class of several."""
        return [element for element in self if tag in ("", element.tag) and element._has(wanted)]

    def one(self, tag: str = "", **wanted: str) -> "Element":
        """The only such element."""
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} elements {tag} {wanted}"
        return found[0]

    def _has(self, wanted: dict[str, str]) -> bool:
        return all(
            value in self.get("class").split()
            if name == "class_"
            else self.get(name.replace("_", "-")) == value
            for name, value in wanted.items()
        )

    @property
    def raw_words(self) -> str:
        """All text inside, as it stands."""
        return "".join(part.raw_words if isinstance(part, Element) else part for part in self.parts)

    @property
    def words(self) -> str:
        """All text inside, with single spaces."""
        return " ".join(
            " ".join(part.words if isinstance(part, Element) else part for part in self.parts).split()
        )

    def fields(self) -> dict[str, list[str]]:
        """The fields of a form by name, as a browser would send them untouched."""
        sent: dict[str, list[str]] = {}
        for element in self:
            if element.get("name") and "disabled" not in element.attributes:
                for value in element._sent():
                    sent.setdefault(element.get("name"), []).append(value)
        return sent

    def _sent(self) -> list[str]:
        if self.tag == "textarea":
            return [self.raw_words.removeprefix("\n")]
        if self.tag == "select":
            options = self.all("option")
            chosen = [option for option in options if "selected" in option.attributes] or options[:1]
            return [option.get("value") for option in chosen]
        kind = self.get("type")
        if (
            self.tag != "input"
            or kind in BUTTONS
            or (kind in CHOSEN_ONLY and "checked" not in self.attributes)
        ):
            return []
        return [self.attributes.get("value", "on" if kind in CHOSEN_ONLY else "")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def read(page: str) -> Element:
    """A page as the element that holds everything."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.open[0]
