"""Every address, every role, signed out and hospital systems, with a case of one's own and of others, GET and POST.

The addresses come from the URL configuration: a new one is in the matrix by itself.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern

from ledger.read import Search, entries
from tests.doors.matrix import (
    FAMILIES,
    MACHINE_DOORS,
    MARKS,
    QUERIES,
    SAME_PERSON,
    SIGHT,
    Scene,
    Viewer,
    address_of,
    asked_for,
    body_of,
    build,
    every_pattern,
    views_since,
)
from tests.scenery import undone

pytestmark = [pytest.mark.django_db, pytest.mark.long]
REFUSED = frozenset({302, 401, 403, 404, 405, 415, 429})  # the last two before anything is looked up
# What somebody who is not signed in is answered. A new address is closed until it stands here.
PUBLIC = frozenset(
    {
        "sign_in",
        "sign_out",
        "about",
        "guideline",
        "guideline_drawing",
        "guideline_rules",
        "live",
        "ready",
        "service",
        "metrics",
        "answer_page",
        "runbook",
        "calendar",
        "verify_letter",
        "ask_for_link",
        "use_link",
        "first_administrator",
        "api_schema",
        "api_docs",
        "token",
        "smart_configuration",
        "seal_keys",
        "fhir_metadata",
        "cds_discovery",
        "card_link",
    }
)


NAMELESS = frozenset(
    {"readers", "moment"}
)  # pages about a case that name no patient: the lead's, of restricted records too
UNREADY = frozenset({"ready", "service"})  # 503 says that no clock is swept, which is so in a test


class Matrix:
    """Each cell is one request, whose effects are undone. `faults` are all that are wrong, in words."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.faults, self.cells, self.shown = scene, list[str](), 0, 0
        self.newest = entries(Search(), limit=1)[0].number

    def ask(self, pattern: URLPattern) -> None:
        """Everybody asks for the address, then sends the form that the first who may open it is shown."""
        body: dict[str, Any] = {}
        for viewer in self.scene.viewers:
            for family in asked_for(pattern, viewer):
                address = address_of(pattern, self.scene, family or "practice")
                if viewer.token and not address.startswith((*MACHINE_DOORS, "/worklist/")):
                    continue  # a page takes no token: the worklist's stand for all
                got = self.cell(pattern, family, viewer, "get", address)
                if not body and got.status_code == 200 and "html" in got["Content-Type"]:
                    body = body_of(got.content.decode(), address)
                self.cell(pattern, family, viewer, "post", address, body)
            self.ask_more(pattern, viewer)

    def ask_more(self, pattern: URLPattern, viewer: Viewer) -> None:
        """The parts of a page that an address has behind its question mark."""
        for query in QUERIES.get(pattern.name or "", ()) if not viewer.token else ():
            reference = self.scene.cases["restricted"].reference
            address = address_of(pattern, self.scene, "practice") + query.format(reference=reference)
            self.cell(pattern, "", viewer, "get", address)

    def cell(
        self, pattern: URLPattern, family: str, viewer: Viewer, method: str, address: str, body: Any = None
    ) -> Any:
        with undone():
            answer = viewer.ask(method, address, body)
            self.cells += 1
            for fault in self.judge(pattern, family, viewer, answer):
                self.faults.append(f"{method} {address} as {viewer.name}: {answer.status_code}, {fault}")
        return answer

    def judge(self, pattern: URLPattern, family: str, viewer: Viewer, answer: Any) -> Iterator[str]:
        status, may_see = answer.status_code, SIGHT[viewer.name].sees
        if status >= 500 and pattern.name not in UNREADY:
            yield "it broke"
        family = SAME_PERSON.get(family, family)
        nameless = viewer.name == "lead" and pattern.name in NAMELESS
        if family and family not in may_see and status not in REFUSED and not nameless:
            yield "a foreign case was not refused"
        if viewer.name == "nobody" and pattern.name not in PUBLIC and status not in REFUSED:
            yield "open to somebody who is not signed in"
        if (
            viewer.name == "nobody"
            and status == 302
            and pattern.name not in PUBLIC
            and "/accounts/" not in answer["Location"]
        ):
            yield f"leads to {answer['Location']}"
        shown = self.shown_in(answer)
        if family and status == 200 and "html" not in answer.get("Content-Type", ""):
            shown |= {family} if "json" not in answer.get("Content-Type", "") else set()  # a letter as PDF
        if foreign := shown - may_see:
            yield f"shows {', '.join(foreign)}"
        self.shown += len(shown)
        unseen = {name for name in shown if not self.has_line(name, viewer)}
        if unseen:
            yield f"shows {', '.join(sorted(unseen))} without a line in the ledger"

    def shown_in(self, answer: Any) -> set[str]:
        """Whose family name or NHS number stands in the answer, or in an address or a cookie that it sends."""
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        heads = " ".join([*map(str, answer.headers.values()), answer.cookies.output()])
        text = (content.decode(errors="replace") + heads).lower()
        digits = text.replace(" ", "").replace("&nbsp;", "").replace("\u00a0", "")
        shown = {
            name
            for name, family in FAMILIES.items()
            if family.lower() in text or self.scene.cases[name].patient.nhs_number in digits
        }
        return shown | ({"restricted"} if any(mark in text for mark in MARKS) else set())

    def has_line(self, name: str, viewer: Viewer) -> bool:
        """Whether this caller's view of a case of this family has a line in the ledger."""
        numbers = {
            case.pk for family, case in self.scene.cases.items() if SAME_PERSON.get(family, family) == name
        }
        return any(
            line.case in numbers or numbers & set(line.facts.get("cases", ()))
            for line in views_since(self.newest, by=viewer.key)
        )


def test_nobody_sees_a_foreign_patient_and_every_view_is_a_line() -> None:
    matrix = Matrix(build())
    for pattern in every_pattern():
        matrix.ask(pattern)
    assert not matrix.faults, "\n".join(matrix.faults)
    assert matrix.cells > 1500
    assert matrix.shown > 100, "the right people must have been shown their patients, or nothing was proven"
