"""The one validation: every problem at once, by field path; nothing optional blocks an emergency."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel.refusals import Invalid
from referrals.intake.validation import parse
from tests.builders import NOON, body

AT = NOON


def problems(sent: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as found:
        parse(sent, at=AT)
    return {path: list(texts) for path, texts in found.value.errors.items()}


def test_every_problem_is_reported_at_once_by_path() -> None:
    found = problems(
        {"presentation": {"pain": {"x": "yes"}}, "foo": 1, "patient": {"family_name": 5}, "clinical": []}
    )
    assert set(found) == {
        "clinical",
        "foo",
        "presentation.pain.x",
        "presentation.cancer_context",
        "patient.nhs_number",
        "patient.family_name",
        "patient.given_name",
        "patient.date_of_birth",
        "referrer.name",
        "referrer.role",
        "referrer.organisation_ods",
        "referrer.callback_number",
        "location.kind",
        "clinician_suspected_at",
    }


@pytest.mark.parametrize("sent", [None, [], "x", 1, True])
def test_a_body_that_is_no_object(sent: Any) -> None:
    assert "presentation" in problems(sent) or "body" in problems(sent)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("patient__family_name", 7),
        ("patient__nhs_number", 9990000018),
        ("patient__interpreter_needed", "yes"),
        ("clinical__performance_status", "2"),
        ("clinical__performance_status", True),
        ("clinical__notes", ["x"]),
        ("clinical__dexamethasone", "16 mg"),
        ("referrer", "Dr X"),
        ("presentation__neurology", None),
        ("presentation__neurology__limb_weakness", True),
        ("presentation__neurology__limb_weakness", None),
        ("presentation__pain_severity", "8"),
        ("presentation__pain_severity", 11),
        ("presentation__cancer_context", "maybe"),
        ("presentation__age", 70),
        ("patient__age", 70),
        ("patient__family_name", "A\x00B"),
        ("clinical__notes", "A\x07B"),
        ("patient__given_name", "\u202eevil"),
        ("patient__nhs_number", "9990000019"),
        ("patient__date_of_birth", "1958-02-30"),
        ("patient__date_of_birth", "03/02/1958"),
        ("clinician_suspected_at", "2026-11-20"),
        ("clinician_suspected_at", (AT + timedelta(minutes=6)).isoformat()),
        ("clinician_suspected_at", "1900-01-01T00:00:00Z"),
        ("referrer__role", "porter"),
        ("referrer__callback_number", "   "),
        ("location__kind", ""),
    ],
)
def test_what_is_refused_always(path: str, value: Any) -> None:
    """Even in an emergency: required fields, the presentation, JSON types, unknown keys, control characters."""
    assert any(
        name.startswith(path.replace("__", ".")) for name in problems(body("weakness", **{path: value}))
    )


OPTIONAL_FAULTS = [
    ("clinical__walking_now", "maybe"),
    ("clinical__performance_status", 7),
    ("clinical__clinical_frailty_scale", 0),
    ("clinical__neurology_onset_at", "last Tuesday"),
    ("clinical__neurology_onset_at", (AT + timedelta(days=1)).isoformat()),
    ("clinical__progression", "rapid"),
    ("patient__sex", "x"),
    ("patient__ethnic_category", "Q"),
    ("patient__postcode", "x" * 201),
    ("referrer__email", "not an address"),
    ("location__organisation_ods", "RX-01"),
    ("mscc_suspected_at", (AT + timedelta(hours=1)).isoformat()),
    ("presented_at", "1900-01-01T00:00:00Z"),
    ("clinical__notes", "x" * 10_001),
    ("referrer_concern", "panic"),
]


@pytest.mark.parametrize(("path", "value"), OPTIONAL_FAULTS)
def test_nothing_optional_blocks_an_emergency(path: str, value: Any) -> None:
    dotted = path.replace("__", ".")
    intake = parse(body("weakness", **{path: value}), at=AT)
    assert dotted in intake.incomplete
    assert dotted in intake.kept
    if isinstance(value, str) and "T" not in value:
        assert intake.kept[dotted] == value
    assert dotted in problems(body("pain_only", **{path: value}))


def test_a_worried_referrer_is_not_blocked_either() -> None:
    intake = parse(body("pain_only", referrer_concern="emergency", clinical__walking_now="maybe"), at=AT)
    assert "clinical.walking_now" in intake.kept


def test_what_is_missing_is_asked_for() -> None:
    intake = parse(body("weakness"), at=AT)
    assert {"clinical.walking_now", "clinical.performance_status", "clinical.progression"} <= set(
        intake.incomplete
    )
    known = parse(
        body(
            "weakness", clinical={"walking_now": "unaided", "performance_status": 1, "progression": "stable"}
        ),
        at=AT,
    )
    assert not {"clinical.walking_now", "clinical.performance_status", "clinical.progression"} & set(
        known.incomplete
    )


def test_somebody_under_18_is_told_where_to_go() -> None:
    found = problems(body("weakness", patient__date_of_birth="2008-11-21"))
    assert "paediatric" in found["patient.date_of_birth"][0]
    assert parse(body("weakness", patient__date_of_birth="2008-11-20"), at=AT)


def test_the_eighteenth_birthday_is_that_of_london() -> None:
    before_midnight = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)  # 23:59 BST
    sent = body("weakness", at=before_midnight, patient__date_of_birth="2008-07-01")
    with pytest.raises(Invalid):
        parse(sent, at=before_midnight)
    assert parse(sent, at=before_midnight + timedelta(minutes=2))


def test_a_person_with_one_name_has_an_empty_given_name() -> None:
    assert parse(body("weakness", patient__given_name=""), at=AT).values["patient.given_name"] == ""


def test_an_unidentified_adult_needs_no_name_birth_or_number() -> None:
    sent = body("weakness")
    sent["patient"] = {"identity_unknown": True}
    intake = parse(sent, at=AT)
    assert {"patient.nhs_number", "patient.family_name", "patient.date_of_birth"} <= set(intake.incomplete)


def test_a_reason_replaces_the_number_and_is_ignored_beside_one() -> None:
    sent = body("weakness", patient__nhs_number=None, patient__nhs_number_unknown_reason="Visitor")
    assert parse(sent, at=AT).values["patient.nhs_number"] is None
    assert parse(body("weakness", patient__nhs_number_unknown_reason="x"), at=AT).values["patient.nhs_number"]
    assert "patient.nhs_number" in problems(body("weakness", patient__nhs_number=""))


def test_a_suspicion_of_long_ago_is_questioned_and_accepted() -> None:
    old = body("pain_only", clinician_suspected_at=(AT - timedelta(days=91)).isoformat())
    assert "90 days" in parse(old, at=AT).notices[0]
    assert parse(body("pain_only"), at=AT).notices == ()


def test_a_dose_recorded_means_that_it_was_given() -> None:
    dose = {"dose_mg": 16, "route": "oral", "given_at": AT.isoformat()}
    intake = parse(body("pain_only", clinical__dexamethasone=dose), at=AT)
    assert intake.presentation.dexamethasone_given == "yes"
    intake = parse(body("weakness", clinical__dexamethasone=dose), at=AT)  # says no in the presentation
    assert intake.presentation.dexamethasone_given == "yes"
    assert "presentation.dexamethasone_given" in intake.incomplete


def test_text_is_tidied_the_same_way_everywhere() -> None:
    intake = parse(body("weakness", patient__family_name="  O\u0301 Brien ", clinical__notes="a\r\nb"), at=AT)
    assert intake.values["patient.family_name"] == "Ó Brien"
    assert intake.values["clinical.notes"] == "a\nb"


def test_what_was_entered_is_kept_as_it_was_entered() -> None:
    sent = body(
        {"cancer_context": "past", "primary_site": "lymphoma", "neurology": {"radicular_pain": "yes"}}
    )
    intake = parse(sent, at=AT)
    assert (intake.presentation.cancer_context, intake.presentation.haematological_malignancy) == (
        "past",
        "unknown",
    )


def test_what_is_stored_has_the_shape_that_its_readers_are_promised() -> None:
    from referrals.intake import stored
    from referrals.intake.fields import FIELDS

    def names(group: str) -> set[str]:
        return {field.name for field in FIELDS if field.group == group}

    assert set(stored.StoredReferrer.__annotations__) == names("referrer")
    assert set(stored.StoredLocation.__annotations__) == names("location")
    assert set(stored.StoredDexamethasone.__annotations__) == names("clinical.dexamethasone")
    assert set(stored.StoredClinical.__annotations__) == {*names("clinical"), "dexamethasone"}
