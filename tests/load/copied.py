"""What a copy of a case has for itself: the lines of its chain, and a name."""

import hashlib
import json
import random
from collections.abc import Sequence
from typing import Any

from ledger.append import GENESIS, canonical

SYLLABLES = [
    "ba",
    "be",
    "bo",
    "da",
    "de",
    "dor",
    "el",
    "fa",
    "fen",
    "gar",
    "ha",
    "hol",
    "is",
    "ka",
    "ken",
    "la",
    "lin",
    "mar",
    "mo",
    "ne",
    "nor",
    "pa",
    "per",
    "ra",
    "ros",
    "sa",
    "sel",
    "ta",
    "ton",
    "val",
    "wes",
    "win",
    "yor",
]


def chain_of(case: int, lines: Sequence[tuple[dict[str, Any], str]], at: str) -> str:
    """The lines of a case as COPY reads them, each with the hash of all that it says and of the line before it."""
    chain, previous, rows = f"case:{case}", GENESIS, []
    for position, (line, facts) in enumerate(lines, 1):
        content = {
            **line,
            "chain": chain,
            "position": position,
            "case": case,
            "at": at,
            "witnessed_at": at,
            "previous_hash": previous,
        }
        own = hashlib.sha256(canonical(content)).hexdigest()
        rows.append(
            "\t".join(
                (
                    chain,
                    str(position),
                    str(case),
                    line["kind"],
                    at,
                    at,
                    line["actor"],
                    line["role"],
                    line["organisation"],
                    line["request"],
                    facts,
                    previous,
                    own,
                )
            )
        )
        previous = own
    return "\n".join(rows) + "\n"


def escaped(facts: Any) -> str:
    """Facts as COPY reads them."""
    return json.dumps(facts).replace("\\", "\\\\")


def name_of(chance: random.Random, syllables: int) -> str:
    """An invented name."""
    return "".join(chance.choices(SYLLABLES, k=syllables))
