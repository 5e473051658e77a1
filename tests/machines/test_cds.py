"""CDS Hooks: a hospital record is opened or orders are signed, and the guideline speaks in its own words."""

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from jwt.algorithms import ECAlgorithm

from accounts import service as services
from api.exchange.models import Card, CardFeedback, CardLink
from api.fhir import systems
from kernel.time import now, rfc3339
from tests.builders import set_the_scene
from tests.doors.forms import signed_in
from tests.machines.fhir import field, validated

pytestmark = pytest.mark.django_db
VIEW, SIGN = "/cds-services/mscc-patient-view", "/cds-services/mscc-order-sign"
BREAST = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C50.9"}]}
PERSON = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": systems.NHS_NUMBER, "value": "9990000018"}],
    "name": [{"family": "Larkspur", "given": ["Edith"]}],
    "birthDate": "1958-02-03",
    "gender": "female",
}


@pytest.fixture
def people() -> None:
    set_the_scene(at=now())


def bundle(*found: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": row} for row in found],
        **more,
    }


def condition(code: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": code, **more}


def imaging(words: str) -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "code": {"text": words}}


def medicine(words: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "medicationCodeableConcept": {"text": words},
    }


def call(
    hook: str = "patient-view", *, prefetch: Any = None, orders: Any = None, **more: Any
) -> dict[str, Any]:
    context = {"userId": "Practitioner/1", "patientId": "p1"}
    if hook == "order-sign":
        context["draftOrders"] = orders or bundle()
    body = {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, **more}
    return body if prefetch is None else body | {"prefetch": prefetch}


def post(path: str, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    answer = Client(raise_request_exception=False).post(
        path, content, content_type="application/json", headers=headers
    )
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        found = answer.json()
        assert found["resourceType"] == "OperationOutcome", found
        assert services.current().telephone in found["issue"][-1]["details"]["text"]
        validated(found)
    return answer


def cards(path: str, body: Any) -> list[dict[str, Any]]:
    answer = post(path, body)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["cards"]
    for card in found:
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in ("info", "warning", "critical")
        assert card["source"]["label"]
        assert card["source"]["url"] == "https://www.nice.org.uk/guidance/ng234"
        assert services.current().telephone in card["detail"]
        assert all(reason["display"] for reason in card["overrideReasons"])
        assert "suggestions" not in card
        assert not {None, ""} & {value for value in card.values() if not isinstance(value, list | dict)}
    return found


def known(*more: dict[str, Any], **prefetch: Any) -> dict[str, Any]:
    """A prefetch of somebody with breast cancer, and these findings."""
    return {"patient": PERSON, "conditions": bundle(condition(BREAST)), "findings": bundle(*more), **prefetch}


def weakness(value: str = "yes", *, days_ago: int = 0) -> dict[str, Any]:
    return field("neurology.limb_weakness", value, at=now() - timedelta(days=days_ago))


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/"])
def test_the_services_are_found_with_and_without_the_last_stroke(path: str) -> None:
    answer = Client().get(path, headers={"Authorization": "Bearer of.some.client"})
    assert answer.status_code == 200
    found = {row["id"]: row for row in answer.json()["services"]}
    assert {name: row["hook"] for name, row in found.items()} == {
        "mscc-patient-view": "patient-view",
        "mscc-order-sign": "order-sign",
    }
    assert all(row["description"] and row["prefetch"]["conditions"] for row in found.values())
    assert found["mscc-patient-view"]["prefetch"]["patient"] == "Patient/{{context.patientId}}"
    assert "status=active" not in found["mscc-order-sign"]["prefetch"]["conditions"], "a past cancer counts"


def test_weakness_and_cancer_is_a_critical_card_in_the_words_of_the_rule() -> None:
    (card,) = cards(f"{VIEW}/", call(prefetch=known(weakness())))
    assert card["indicator"] == "critical"
    assert services.current().telephone in card["summary"]
    assert (
        "Neurological symptoms or signs in somebody who has or had cancer are an oncological emergency"
        in card["detail"]
    )
    assert "NG234 1.3.2" in card["detail"]
    assert "Ring the MSCC coordinator now" in card["detail"]


def test_a_card_holds_no_word_of_the_person() -> None:
    marked = condition({**BREAST, "text": "Larkspur <script>alert(1)</script>"})
    answer = post(VIEW, call(prefetch={**known(weakness()), "conditions": bundle(marked)}))
    assert answer.json()["cards"]
    for words in ("Larkspur", "9990000018", "script", "1958"):
        assert words not in answer.content.decode()


def test_cancer_alone_asks_and_no_cancer_is_no_card() -> None:
    (card,) = cards(VIEW, call(prefetch=known()))
    assert (card["indicator"], card["source"]["topic"]["code"]) == ("info", "cancer-known")
    assert "Ask next" in card["detail"]
    assert cards(VIEW, call(prefetch=known(conditions=bundle(condition({"text": "Asthma"}))))) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (condition({"text": "Metastatic prostate cancer"}), "current"),
        (condition({"coding": [{"display": "Malignant neoplasm of lung"}]}), "current"),
        (condition({"text": "Personal history of breast cancer"}), "past"),
        (condition(BREAST, clinicalStatus={"coding": [{"code": "remission"}]}), "past"),
        (condition({"text": "Suspected cancer"}), "suspected"),
        (condition(BREAST, verificationStatus={"coding": [{"code": "provisional"}]}), "suspected"),
        (condition(BREAST, verificationStatus={"coding": [{"code": "refuted"}]}), "none_known"),
        (condition({"text": "Family history of breast cancer"}), "none_known"),
        (condition({"text": "Breast cancer screening"}), "none_known"),
        (condition({"text": "Benign neoplasm of colon"}), "none_known"),
        (condition(None), "none_known"),
        (condition([None, 7, {"coding": "C50", "text": ["cancer"]}]), "none_known"),
    ],
)
def test_a_condition_is_read_as_a_cancer_or_not(row: dict[str, Any], expected: str) -> None:
    from api.cds.hospital_record import cancer_of

    assert cancer_of(bundle(row))[0] == expected


def test_a_finding_counts_for_a_week_and_the_newest_of_each_counts() -> None:
    (old,) = cards(VIEW, call(prefetch=known(weakness(days_ago=9))))
    assert old["indicator"] == "info"
    (gone,) = cards(VIEW, call(prefetch=known(weakness("no"), weakness(days_ago=2))))
    assert gone["indicator"] == "info"
    (come,) = cards(VIEW, call(prefetch=known(weakness(), weakness("no", days_ago=2))))
    assert come["indicator"] == "critical"


@pytest.mark.parametrize(
    "conditions",
    [None, {"resourceType": "OperationOutcome"}, bundle(link=[{"relation": "next", "url": "x"}]), [], "x"],
)
def test_without_the_conditions_nobody_is_said_to_have_no_cancer(conditions: Any) -> None:
    answer = post(VIEW, call(prefetch={"patient": PERSON, "conditions": conditions}))
    assert answer.status_code == 412
    assert "conditions" in answer.json()["issue"][0]["details"]["text"]
    assert post(VIEW, call()).status_code == 412
    (card,) = cards(VIEW, call(prefetch={"conditions": conditions, "findings": bundle(weakness())}))
    assert card["indicator"] == "critical", "an emergency is said, whatever else is missing"


@pytest.mark.parametrize(
    ("order", "topic", "indicator", "words"),
    [
        (imaging("MRI whole spine"), "mri-spine", "warning", "Radiology scans the whole spine"),
        (imaging("X-ray thoracic spine"), "xray-spine", "warning", "Do not rely on plain X-rays"),
        (medicine("Dexamethasone 2 mg tablets"), "dexamethasone", "info", "16 mg of dexamethasone"),
    ],
)
def test_an_order_in_somebody_with_cancer_has_its_card(
    order: dict[str, Any], topic: str, indicator: str, words: str
) -> None:
    (card,) = cards(SIGN, call("order-sign", prefetch=known(), orders=bundle(order)))
    assert (card["source"]["topic"]["code"], card["indicator"]) == (topic, indicator)
    assert words in card["detail"]
    without = known(conditions=bundle(condition({"text": "Asthma"})))
    assert cards(SIGN, call("order-sign", prefetch=without, orders=bundle(order))) == []
    (general,) = cards(SIGN, call("order-sign", orders=bundle(order)))
    assert general["indicator"] == "info"
    assert "For somebody who has or had cancer. This record was not read" in general["detail"]
    assert general["links"][0]["url"].endswith("/referrals/new/")


@pytest.mark.parametrize(
    "order",
    [
        imaging("MRI knee"),
        imaging("X-ray chest"),
        medicine("Dexamethasone eye drops 0.1%"),
        medicine("Paracetamol"),
        imaging("MRI whole spine") | {"status": "revoked"},
        imaging("MRI whole spine") | {"doNotPerform": True},
    ],
)
def test_other_orders_have_no_card(order: dict[str, Any]) -> None:
    assert cards(SIGN, call("order-sign", prefetch=known(), orders=bundle(order))) == []


def test_the_link_fills_the_form_once_and_holds_no_person(people: None) -> None:
    (card,) = cards(VIEW, call(prefetch=known(weakness())))
    address = card["links"][0]["url"].removeprefix(systems.settings.BASE_URL)
    stored = CardLink.objects.get()
    assert b"Larkspur" not in bytes(stored.sealed)
    anybody = Client().get(address)
    assert anybody.status_code == 200
    assert "Larkspur" not in anybody.content.decode()
    Client().post(address)
    signed_in("admin").post(address)
    assert CardLink.objects.get().used_at is None, "somebody who cannot refer uses no link up"
    gp = signed_in("gp")
    first = gp.post(address)
    assert first.status_code == 302, first.content
    page = first["Location"].rsplit("/", 2)[0] + "/patient/"
    shown = gp.get(page).content.decode()
    assert "Larkspur" in shown
    assert gp.post(address).status_code == 409
    assert bytes(CardLink.objects.get().sealed) == b""


def test_half_characters_and_a_year_alone_in_a_record_open_as_a_form(people: None) -> None:
    odd = PERSON | {"name": [{"family": "Lark\x00spur\ud800", "given": ["E"]}], "birthDate": "1958"}
    (card,) = cards(VIEW, call(prefetch=known(weakness(), patient=odd)))
    gp = signed_in("gp")
    first = gp.post(card["links"][0]["url"].removeprefix(systems.settings.BASE_URL))
    assert first.status_code == 302
    shown = gp.get(first["Location"].rsplit("/", 2)[0] + "/patient/").content.decode()
    assert "Larkspur" in shown
    assert 'value="1958"' in shown
    assert 'value="07"' not in shown


def test_a_link_runs_out(people: None) -> None:
    cards(VIEW, call(prefetch=known(weakness())))
    (card,) = cards(VIEW, call(prefetch=known(weakness())))
    CardLink.objects.update(expires_at=now() - timedelta(seconds=1))
    address = card["links"][0]["url"].removeprefix(systems.settings.BASE_URL)
    assert signed_in("gp").post(address).status_code == 409
    cards(VIEW, call(prefetch=known(weakness())))
    assert CardLink.objects.exclude(sealed=b"").count() == 1, "what has run out is deleted"


def test_feedback_is_kept_once_however_often_it_is_sent() -> None:
    (card,) = cards(VIEW, call(prefetch=known(weakness())))
    row = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": rfc3339(now())}
    reason = {"reason": {"code": card["overrideReasons"][0]["code"]}, "userComment": "Known\x00 here"}
    for body in (row | {"overrideReason": reason}, row, row):
        assert post(f"{VIEW}/feedback", {"feedback": [body]}).status_code == 200
    kept = CardFeedback.objects.get()
    assert (kept.card.topic, kept.outcome, kept.reason, kept.comment) == (
        "emergency",
        "overridden",
        "already-referred",
        "Known here",
    )
    other = row | {"card": str(uuid.uuid4())}
    assert post(f"{VIEW}/feedback", {"feedback": [other]}).status_code == 404
    assert post(f"{SIGN}/feedback", {"feedback": [row]}).status_code == 404


def test_the_lead_sees_how_cards_were_received_and_no_comment(people: None) -> None:
    first, second = (cards(VIEW, call(prefetch=known(weakness())))[0] for _ in range(2))
    row = {"outcome": "overridden", "outcomeTimestamp": rfc3339(now())}
    reason = {"reason": {"code": "known-and-assessed"}, "userComment": "Mrs Larkspur"}
    for body in (row | {"card": first["uuid"], "overrideReason": reason}, row | {"card": second["uuid"]}):
        assert post(f"{VIEW}/feedback", {"feedback": [body]}).status_code == 200
    lead = signed_in("lead")
    shown = lead.get("/governance/cards/").content.decode()
    cells = '<td>emergency</td><td data-label="Level">critical</td>\n<td data-label="Shown">2</td>'
    assert cells in shown
    assert "Known and assessed: 1" in shown
    assert "No reason given: 1" in shown
    assert "Larkspur" not in shown
    assert "/governance/cards/" in lead.get("/governance/audit/").content.decode()
    assert signed_in("gp").get("/governance/cards/").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        call("order-sign"),
        call() | {"hookInstance": "x"},
        call() | {"context": []},
        call() | {"context": {"userId": "u", "patientId": ""}},
        call() | {"prefetch": []},
        call() | {"fhirAuthorization": {}},
    ],
)
def test_a_body_that_is_no_call_is_refused_with_its_faults(body: Any) -> None:
    assert post(VIEW, body).status_code == 400
    assert post(f"{VIEW}/feedback", body).status_code == 400
    assert not Card.objects.exists()


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], {}, [[]], {"resourceType": []}, {"entry": {"resource": 3}}]
)
def test_prefetch_of_any_shape_breaks_nothing(junk: Any) -> None:
    names = ("patient", "conditions", "findings", "orders")
    rows = [
        {"resourceType": kind, name: junk}
        for kind in (
            "Condition",
            "Observation",
            "ServiceRequest",
            "Medication",
            "MedicationRequest",
            "Patient",
        )
        for name in ("code", "status", "contained", "medicationReference", "effectiveDateTime", "identifier")
    ]
    for name in names:
        post(VIEW, call(prefetch=known(**{name: junk})))
        post(VIEW, call(prefetch=known(**{name: bundle(*rows)})))
    drafts = bundle(*rows)
    post(SIGN, call("order-sign", prefetch=known(), orders=drafts))


class Record:
    """A hospital record with a key of its own, which the installation knows."""

    issuer = "https://record.example.nhs.uk"

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP384R1())
        public = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        self.file = folder / "keys.json"
        self.file.write_text(json.dumps({"keys": [{**public, "kid": "k1"}]}))

    def token(
        self, path: str, *, key: Any = None, algorithm: str = "ES384", kid: str = "k1", **claims: Any
    ) -> str:
        at = int(now().timestamp())
        content = {
            "iss": self.issuer,
            "aud": systems.settings.BASE_URL + path,
            "iat": at,
            "exp": at + 120,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        content = {name: value for name, value in content.items() if value is not None}
        signer = self.key if key is None else key
        return jwt.PyJWS().encode(
            json.dumps(content).encode(), signer, algorithm=algorithm, headers={"kid": kid}
        )


@pytest.fixture
def record(tmp_path: Path, settings: LazySettings) -> Record:
    found = Record(tmp_path)
    settings.CDS_CLIENTS = {found.issuer: str(found.file)}
    return found


def test_a_signed_call_is_answered_and_its_token_holds_once(record: Record) -> None:
    token = record.token(VIEW)
    body = call(prefetch=known(weakness()))
    answer = post(VIEW, body, Authorization=f"Bearer {token}")
    assert answer.status_code == 200
    assert post(VIEW, body, Authorization=f"Bearer {token}").status_code == 401
    row = {
        "card": answer.json()["cards"][0]["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": rfc3339(now()),
    }
    for path, status in ((VIEW, 401), (f"{VIEW}/feedback", 200)):
        sent = post(f"{VIEW}/feedback", {"feedback": [row]}, Authorization=f"Bearer {record.token(path)}")
        assert sent.status_code == status, "each address has an audience of its own"
    assert Client().get("/cds-services").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": ["x"]},
        {"aud": "https://other.example/cds-services/mscc-patient-view"},
        {"aud": None},
        {"exp": 1},
        {"exp": 99999999999},
        {"exp": None},
        {"iat": None},
        {"iat": 99999999999},
        {"jti": None},
        {"jti": 7},
        {"kid": "k2"},
        {"key": ec.generate_private_key(ec.SECP384R1())},
        {"key": "secret" * 10, "algorithm": "HS256"},
        {"key": "", "algorithm": "none"},
    ],
)
def test_any_other_token_is_refused(record: Record, claims: dict[str, Any]) -> None:
    token = record.token(VIEW, **claims)
    answer = post(VIEW, call(prefetch=known()), Authorization=f"Bearer {token}")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not Card.objects.exists()


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer a.b.c"}, {"Authorization": "Basic eA=="}],
)
def test_without_a_token_nothing_is_answered_where_clients_are_named(
    record: Record, header: dict[str, str]
) -> None:
    assert post(VIEW, call(prefetch=known()), **header).status_code == 401


def test_a_key_set_that_cannot_be_read_refuses(record: Record) -> None:
    for content in ("", "[]", '{"keys": []}'):
        record.file.write_text(content)
        assert post(VIEW, call(), Authorization=f"Bearer {record.token(VIEW)}").status_code == 401
    record.file.unlink()
    assert post(VIEW, call(), Authorization=f"Bearer {record.token(VIEW)}").status_code == 401


def test_in_production_without_clients_nobody_is_answered(settings: LazySettings) -> None:
    settings.DEMO = False
    assert post(VIEW, call(prefetch=known())).status_code == 401


def test_browsers_of_named_origins_may_call_and_no_others(settings: LazySettings) -> None:
    settings.CDS_ORIGINS, origin = ["https://record.example.nhs.uk"], "https://record.example.nhs.uk"
    asked = Client().options(VIEW, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, origin)
    assert "Authorization" in asked["Access-Control-Allow-Headers"]
    assert "Content-Type" in asked["Access-Control-Allow-Headers"]
    assert post(VIEW, "{", Origin=origin)["Access-Control-Allow-Origin"] == origin
    other = Client().get("/cds-services", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in other
    assert "Origin" in other["Vary"]


def test_the_page_of_cards_opens_with_codes_of_a_later_version() -> None:
    set_the_scene(at=now())
    card = Card.objects.create(
        number=uuid.uuid4(),
        client="c",
        service="s",
        topic="new-topic",
        indicator="new_level",
        ruleset="r",
        shown_at=now(),
    )
    for number, (outcome, reason) in enumerate((("overridden", "new_reason"), ("new_end", ""))):
        CardFeedback.objects.create(
            card=card,
            outcome=outcome,
            reason=reason,
            outcome_at=now() + timedelta(seconds=number),
            received_at=now(),
        )
    page = signed_in("lead").get(reverse("card_receptions"))
    assert page.status_code == 200
    for words in ("new topic", "new_level", "Another reason: 1"):
        assert words in page.content.decode()
