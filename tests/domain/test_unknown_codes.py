"""A code that a later version stored opens every page: it is shown as it is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.people import role_in_words
from governance.audit_words import own_details
from kernel.words import Words
from ledger.kinds import Kind
from ledger.read import Entry
from referrals.case.line_words import DETAILS, details_of, title_of
from referrals.intake import codes
from tests.guideline.answers import NIGHT, ask
from triage.web.guidance import guidance

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LINE = Entry(
    number=1,
    case=1,
    kind=Kind.EVENT_RECORDED,
    at=AT,
    witnessed_at=AT,
    actor="user:1",
    role="coordinator",
    organisation="RXX01",
    facts={},
    hash="",
)
REPORT = {"event": "mri_reported", "occurred_at": "2026-11-20T11:00:00Z", "result": "mscc", "status": "final"}


def test_words_show_what_they_do_not_know_as_it_is() -> None:
    words = Words({"mri": "MRI"})
    assert (words["mri"], words["pet_ct"]) == ("MRI", "pet ct")
    assert "pet_ct" not in words, "it is still refused where it is sent"


def test_a_role_in_words_keeps_the_letters_of_an_abbreviation() -> None:
    roles = ("mdt", "coordinator", "lead", "later_role")
    assert [role_in_words(role) for role in roles] == [
        "MDT member",
        "MSCC coordinator",
        "clinical lead and governance",
        "later_role",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"result": "new_result"},
        {"status": "new_status"},
        {"regions": ["new_region"]},
        {"event": "new_event"},
        {"regions": ["thoracic"], "modality": "new_modality"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_line_of_the_timeline_opens(changed: dict[str, Any]) -> None:
    line = replace(LINE, facts={**REPORT, **changed})
    said = " ".join([title_of(line), *details_of(line, {})])
    assert "new" in said
    assert "cannot put into words" not in said


def test_facts_of_an_unknown_shape_leave_the_rest_of_the_timeline() -> None:
    assert details_of(replace(LINE, facts={"event": "mri_reported"}), {}) == (
        "with 'occurred_at', which this version cannot put into words",
    )


def test_what_is_known_is_put_into_words() -> None:
    assert Kind.EVENT_RECORDED in DETAILS
    for result in codes.MRI_RESULTS:
        said = " ".join(
            details_of(replace(LINE, facts={**REPORT, "result": result, "regions": ["thoracic"]}), {})
        )
        assert "cannot put into words" not in said


NAMES_OF_FACTS = (
    "event",
    "occurred_at",
    "result",
    "status",
    "regions",
    "modality",
    "clock",
    "due_at",
    "because",
    "breached",
    "stream",
    "suggested",
    "provisional",
    "override",
    "investigations",
    "urgency",
    "advice",
    "worse",
    "neurology",
    "walking_now",
    "finding",
    "contradictions",
    "changed",
    "source",
    "disposition",
    "ambulance_category",
    "with_referrer",
    "channel",
    "outcome",
    "duty",
    "route",
    "code",
    "answer",
    "score",
    "total",
    "judged",
    "reason",
    "fields",
    "until",
    "accepted_at",
    "to_referrer",
    "within",
    "notice",
    "clean",
    "letter",
    "version",
    "received_at",
    "organisation",
    "agreed",
    "done_at",
    "setting",
    "from",
    "to",
    "of",
    "recipient",
    "holder",
    "starts_at",
    "ends_at",
    "alarm",
    "about",
    "row",
    "number",
    "ruleset",
    "subject",
    "booked_for",
    "without_plan",
)
STRANGE = ("new_code", "user:99", 7, None, True, ["new_code"], {"new": "code"}, "2026-11-20T11:00:00Z")


@pytest.mark.parametrize("kind", [*Kind, "new_kind"])
def test_no_fact_of_another_version_closes_the_timeline_or_the_audit_trail(kind: str) -> None:
    shapes: list[dict[str, Any]] = [{}, *(dict.fromkeys(NAMES_OF_FACTS, value) for value in STRANGE)]
    shapes += [{**shapes[1], name: value} for name in NAMES_OF_FACTS for value in STRANGE[2:]]
    for facts in shapes:
        line = replace(LINE, kind=kind, facts=facts)
        said = [title_of(line), *details_of(line, {}), *own_details(line, {})]
        assert all(isinstance(words, str) for words in said), (kind, facts)


def test_a_limit_that_is_not_known_is_shown_as_it_is() -> None:
    result = ask({"limb_weakness": "yes"}, NIGHT).as_json()
    result["clocks"] = [{**result["clocks"][0], "kind": "new_clock"}]
    assert [limit.label for limit in guidance(result, at=AT).limits] == ["new clock"]


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (
            Kind.RECORD_ERASED,
            {"erased": ["referrals_patient 7"], "because": "person_asked"},
            ["1 record", "the person asked for it"],
        ),
        (
            Kind.RECORD_ERASED,
            {"erased": ["a 1", "b 2"], "because": "new_reason"},
            ["2 records", "new reason"],
        ),
        (Kind.RECORDS_BOUND, {"rows": {"referrals_note": 12, "mdt_plan": 3}}, ["15 records of 2 tables"]),
        (Kind.PURPOSE_STATED, {"purpose": "complaint"}, ["a complaint or a claim"]),
        (Kind.PURPOSE_STATED, {"purpose": "new_purpose"}, ["new purpose"]),
        (Kind.AUDIT_VIEWED, {"purpose": "incident"}, ["an incident or a near miss"]),
        (Kind.AUDIT_VIEWED, {"kind": ""}, []),
    ],
)
def test_the_audit_trail_says_what_was_erased_bound_and_looked_at(
    kind: Kind, facts: dict[str, Any], words: list[str]
) -> None:
    assert list(own_details(replace(LINE, kind=kind, facts=facts), {})) == words


@pytest.mark.parametrize(
    ("reason", "words"), [("safety", "the patient may come to harm"), ("new_one", "new one")]
)
def test_an_opening_with_an_unknown_reason_opens(reason: str, words: str) -> None:
    facts = {"reason": reason, "until": "2026-11-20T13:00:00Z"}
    assert details_of(replace(LINE, kind=Kind.RECORD_OPENED, facts=facts), {})[0] == words
