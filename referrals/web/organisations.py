"""Organisations by name: turns what somebody typed into the stored code, and a code into its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.queries import organisation_rows
from kernel.identifiers import OdsCode
from webkit.typed import Typed, text_at

ORGANISATIONS = ("referrer.organisation_ods", "location.organisation_ods")
_FEW = 4  # names that a sentence may list


class Unknown(ValueError):
    """A text that names no organisation, or several. The message says how to correct it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The organisations that are known here, by code."""

    names: Mapping[str, str]
    active: frozenset[str]

    def label_of(self, text: str) -> str:
        """The name of a code, with the code where another has the same name; any other text as it is."""
        code = text.strip().upper()
        name = self.names.get(code)
        if name is None:
            return text
        return f"{name} ({code})" if list(self.names.values()).count(name) > 1 else name

    def name_of(self, text: str) -> str:
        """The organisation that a text names, as a person reads it; any other text as it is."""
        try:
            return self.label_of(self.code_of(text)) if text else ""
        except Unknown:
            return text

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The names that a form suggests while somebody types."""
        return tuple(sorted(self.label_of(code) for code in self.active))

    def code_of(self, text: str) -> str:
        """The code of the organisation that a text names; Unknown with a sentence otherwise."""
        typed = " ".join(text.split())
        bracketed = re.search(r"\(([A-Za-z0-9]{1,9})\)$", typed)
        for code in (typed.upper(), bracketed[1].upper() if bracketed else ""):
            if code in self.names:
                return code
        matches = self._named(typed.casefold())
        if len(matches) == 1:
            return matches[0]
        if matches:
            listed = "; ".join(self.label_of(code) for code in matches[:_FEW])
            raise Unknown(f"Several organisations match “{typed}”. Enter the whole name of one: {listed}")
        if _looks_like_a_code(typed):
            return OdsCode.read(typed).code
        raise Unknown(
            f"No organisation here is called “{typed}”. Enter part of its name and choose one, or its ODS code"
        )

    def _named(self, typed: str) -> list[str]:
        """Those of exactly this name, else those whose name has every word; a closed one only where no other has."""
        words = typed.split()
        for has in (lambda name: name == typed, lambda name: all(word in name for word in words)):
            codes = [code for code, name in self.names.items() if has(name.casefold())]
            if codes:
                return [code for code in codes if code in self.active] or codes
        return []

    def with_codes(self, typed: Typed) -> tuple[Typed, dict[str, str]]:
        """A form with codes where names were typed, and a sentence by path for each that names none."""
        problems: dict[str, str] = {}
        codes: dict[str, list[str]] = {}
        for path in ORGANISATIONS:
            text = text_at(typed, path)
            if not text:
                continue
            try:
                codes[path] = [self.code_of(text)]
            except Unknown as problem:
                problems[path] = str(problem)
                codes[path] = [f"“{text}”"]  # never read as a code, and kept as it was typed
        return {**typed, **codes}, problems


def directory() -> Directory:
    """Every organisation that is known here: one query."""
    rows = organisation_rows()
    return Directory(
        names={code: name for code, name, _ in rows},
        active=frozenset(code for code, _, open_ in rows if open_),
    )


def _looks_like_a_code(text: str) -> bool:
    """A word is no code: one has a digit, or is three capitals as a trust's is."""
    return bool(re.fullmatch(r"(?=.*\d)[A-Za-z0-9]{1,9}|[A-Z]{3}", text))
