"""Seals outside the database: a file to which each is appended, an address to which each is posted; and proofs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from kernel.patience import Patience
from ledger.key import keys_in
from ledger.models import Line, Seal
from ledger.seal import LINE_LEAVES, leaves, newest_seal, published, seals_after
from ledger.tree import consistency, inclusion

POST_SECONDS = 5
WRITING = Patience(seconds=10, most=1)  # the file, which may stand on another machine
Published = Mapping[str, Any]


class SealFileUnreadable(RuntimeError):
    """A file of seals that cannot be read, or holds something else."""


class NoSuchLine(LookupError):
    """No line has this number, or no signed seal holds it yet."""


def send_out() -> None:
    """Bring the file up to date and post the newest seal, where the installation says so. OSError; safe to repeat."""
    environment = settings.ENVIRONMENT
    if environment.seal_file:
        append_to(Path(environment.seal_file))
    if environment.seal_url and (seal := newest_seal()):
        requests.post(environment.seal_url, json=seal, timeout=POST_SECONDS).raise_for_status()


def append_to(file: Path) -> None:
    """Append every seal that the file does not have yet, one line of JSON each. TimeoutError when its folder, which may be of
    another machine, does not answer: whoever seals has more to do.
    """
    last = WRITING.wait_for(lambda: _last_in(file))
    if missing := seals_after(last):
        WRITING.wait_for(lambda: _append(missing, file))


def _last_in(file: Path) -> int:
    stored = file.read_text().splitlines() if file.exists() else []
    return int(json.loads(stored[-1])["number"]) if stored else 0


def _append(seals: Sequence[Published], file: Path) -> None:
    with file.open("a") as lines:
        for seal in seals:
            lines.write(json.dumps(dict(seal), sort_keys=True) + "\n")


def read(file: Path) -> list[dict[str, Any]]:
    """The seals in a file, one line of JSON each. SealFileUnreadable."""
    try:
        seals = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
        if not all({"made_at", "root", "trees", "last_line", "last_binding"} <= set(seal) for seal in seals):
            raise ValueError("a line is not a seal")
    except (OSError, ValueError, TypeError) as fault:
        raise SealFileUnreadable(f"{file}: {fault}") from fault
    return seals


def public_keys() -> str:
    """The public keys of the seals as PEM; empty where none is set."""
    return keys_in(settings.ENVIRONMENT.seal_key_file).as_pem()


def proof_of(number: int) -> Mapping[str, Any]:
    """The proof that the newest signed seal includes a line, and that this seal grew from the first that includes it.

    As in RFC 6962: anybody with the public key can check it, without the ledger. NoSuchLine.
    """
    holding = Seal.objects.filter(last_line__gte=number).exclude(trees=None).order_by("id")
    line, first, newest = Line.objects.filter(pk=number).first(), holding.first(), holding.last()
    if line is None or first is None or newest is None or first.trees is None or newest.trees is None:
        raise NoSuchLine(f"there is no line {number}, or no seal includes it yet")
    numbered = list(leaves(LINE_LEAVES, 0, newest.last_line))
    content = [leaf for _, leaf in numbered]
    place = next(place for place, (pk, _) in enumerate(numbered) if pk == number)
    return {
        "line": number,
        "hash": line.hash,
        "leaf": content[place].hex(),
        "place": place,
        "inclusion": [step.hex() for step in inclusion(place, content)],
        "consistency": [step.hex() for step in consistency(first.trees["lines"]["size"], content)],
        "first_seal": published(first),
        "seal": published(newest),
    }


def letter_of(seal: Mapping[str, Any]) -> str:
    """The words with which a seal goes to people by e-mail."""
    return (
        f"Keep this e-mail. It proves later that nothing in the ledger was changed or cut off before {seal['made_at']}.\n"
        "To compare, save the line below as a file and run: manage.py verify_ledger --seal FILE\n\n"
        f"{json.dumps(dict(seal), sort_keys=True)}\n"
    )
