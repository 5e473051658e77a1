"""REST version 1, as a hospital system meets it."""

from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.urls import reverse

from kernel.time import now, rfc3339
from ledger.read import Search, entries
from oncall.models import Page
from referrals.case.models import Event, Referral, UnmatchedFact
from referrals.usecases.merge_cases import merge_cases
from tests.builders import ONE_PERSON, act_by, actor, body, clock, set_the_scene, submitted
from tests.doors.forms import every_view, signed_in
from tests.doors.machines import Machine, other_hospital

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


@pytest.fixture
def hospital() -> Machine:
    return Machine()


def sent(presentation: Any = "weakness", **changes: Any) -> dict[str, Any]:
    made = body(presentation, at=now(), **changes)
    made["referrer"]["organisation_ods"] = changes.get("referrer__organisation_ods", "RXX01")
    return made


def document() -> dict[str, Any]:
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    return answer.json()


def fits(shape: str, instance: Any) -> None:
    """The instance is as the OpenAPI document says."""
    schema = {"$ref": f"#/components/schemas/{shape}", "components": document()["components"]}
    jsonschema.validate(instance, schema)


class TestEvaluate:
    def test_it_gives_the_result_and_stores_an_access_line_alone(self, hospital: Machine) -> None:
        presentation = {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}}
        suspected = now() - timedelta(hours=30)
        answer = hospital.post(
            "triage/evaluate/",
            {"presentation": presentation, "clinician_suspected_at": rfc3339(suspected)},
            key=None,
        )
        assert answer.status_code == 200
        found = answer.json()
        fits("TriageResult", found)
        assert found["stream"] == "emergency"
        assert {warning["code"] for warning in found["warnings"]} == {"suspected_over_limit"}
        mri = next(clock for clock in found["clocks"] if clock["kind"] == "mri")
        assert mri["due_at"] == rfc3339(suspected + timedelta(hours=24))
        assert not Referral.objects.exists()
        assert [entry.kind for entry in entries(Search(actor=actor("client").key))] == [
            "presentation_evaluated"
        ]

    def test_without_the_suspicion_no_limit_has_an_instant(self, hospital: Machine) -> None:
        answer = hospital.post(
            "triage/evaluate/", {"presentation": {"cancer_context": "current"}}, key=None
        ).json()
        assert all(clock["due_at"] is None for clock in answer["clocks"])

    def test_every_problem_is_named(self, hospital: Machine) -> None:
        wrong = {"presentation": {"cancer_context": "x", "neurology": {"limb_weakness": 1}}, "extra": 1}
        answer = hospital.post("triage/evaluate/", wrong, key=None)
        assert answer.status_code == 422
        assert set(answer.json()["errors"]) == {
            "extra",
            "presentation.cancer_context",
            "presentation.neurology.limb_weakness",
        }


class TestSubmit:
    def test_a_referral_is_sent_once_whatever_is_repeated(self, hospital: Machine) -> None:
        made = sent()
        first = hospital.post("referrals/", made, key="one")
        again = hospital.post("referrals/", made, key="one")
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["reference"] == again.json()["reference"]
        assert Referral.objects.count() == 1
        assert first["Location"] == first.json()["links"]["self"]
        fits("Referral", first.json())

    def test_the_answer_has_what_the_sender_needs_now(self, hospital: Machine) -> None:
        found = hospital.post("referrals/", sent()).json()
        assert (found["status"], found["stream"], found["triage"]["stream"]) == (
            "submitted",
            "emergency",
            "emergency",
        )
        assert found["on_call"] == {"role": "MSCC coordinator", "telephone": "01632 960999"}
        assert {one["kind"] for one in found["clocks"]} == {"acknowledge", "voice_contact", "mri"}
        assert all(one["stopped_because"] is None and not one["breached"] for one in found["clocks"])
        assert "clinical.walking_now" in found["incomplete"]
        assert found["presentation"]["neurology"]["limb_weakness"] == "yes"

    def test_the_same_key_with_other_content_is_a_conflict(self, hospital: Machine) -> None:
        hospital.post("referrals/", sent(), key="one")
        assert hospital.post("referrals/", sent("pain_only"), key="one").status_code == 409

    def test_a_refused_attempt_does_not_use_the_key_up(self, hospital: Machine) -> None:
        made = sent(patient__nhs_number="9990000019")
        assert hospital.post("referrals/", made, key="one").status_code == 422
        made["patient"]["nhs_number"] = "9990000018"
        assert hospital.post("referrals/", made, key="one").status_code == 201

    def test_what_cannot_be_read_is_shown_as_it_was_sent(self, hospital: Machine) -> None:
        found = hospital.post("referrals/", sent(clinical__walking_now="maybe")).json()
        assert found["clinical"]["walking_now"] == "maybe"
        assert "clinical.walking_now" in found["incomplete"]

    def test_another_organisation_cannot_be_spoken_for(self, hospital: Machine) -> None:
        answer = hospital.post("referrals/", sent(referrer__organisation_ods="Y12345"))
        assert answer.status_code == 403
        assert not Referral.objects.exists()

    def test_nothing_is_stored_when_something_is_wrong(self, hospital: Machine) -> None:
        answer = hospital.post("referrals/", {**sent(), "extra": 1})
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        fits("Problem", answer.json())
        assert not Referral.objects.exists()


class TestMalformed:
    def test_what_no_calendar_or_number_can_hold_is_named_by_its_field(self, hospital: Machine) -> None:
        dotted = {**sent()["presentation"], "pain.progressive": "yes"}
        for changes, path in (
            ({"clinician_suspected_at": "0001-01-01T00:00:00Z"}, "clinician_suspected_at"),
            ({"presentation": dotted}, "presentation.pain.progressive"),
        ):
            answer = hospital.post("referrals/", {**sent(), **changes}, key="k")
            assert answer.status_code == 422
            assert path in answer.json()["errors"]

    @pytest.mark.parametrize(
        ("raw", "status"),
        [
            ("{", 400),
            ('{"a": 1, "a": 2}', 400),
            ('{"a": NaN}', 400),
            ('{"a": Infinity}', 400),
            ('{"a": -Infinity}', 400),
            ('{"a": 1e999}', 400),
            (r'{"\ud800": 1}', 422),
            (b"\xff", 400),
            ("[" * 100_000, 400),
            ('"' + "x" * 262_200 + '"', 413),
            ("[]", 422),
            ("null", 422),
        ],
    )
    def test_bodies_that_are_not_what_they_should_be(self, hospital: Machine, raw: Any, status: int) -> None:
        answer = hospital.post("referrals/", raw, key="k")
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status

    def test_other_errors_have_their_own_names(self, hospital: Machine) -> None:
        path = "referrals/"
        assert hospital.post(path, sent(), key=None).status_code == 428
        assert hospital.post(path, "a=1", key="k", **{"Content-Type": "text/plain"}).status_code == 415
        assert hospital.post(path, sent(), key="k" * 256).status_code == 422
        assert hospital.get("referrals/", foo="1").status_code == 400
        assert hospital.get("referrals/", status="x").status_code == 422
        assert hospital.get("referrals/", limit="0").status_code == 422
        assert hospital.get("referrals/", limit="201").status_code == 422
        assert hospital.get("referrals/", limit="9" * 5000).status_code == 422
        nowhere = hospital.get("nothing/")
        assert (nowhere.status_code, nowhere["Content-Type"]) == (404, "application/problem+json")
        assert hospital.get("referrals/", cursor="???").status_code == 422
        assert hospital.get("referrals/", updated_since="yesterday").status_code == 422
        assert hospital.get("referrals/MSCC-00000-0/").status_code == 404
        refused = hospital.http.delete(
            f"/api/v1/{path}", headers={"Authorization": f"Bearer {hospital.token}"}
        )
        assert refused.status_code == 405
        assert "POST" in refused["Allow"]
        accept = {"Authorization": f"Bearer {hospital.token}", "Accept": "text/html"}
        assert hospital.http.get(f"/api/v1/{path}", headers=accept).status_code == 406

    def test_tokens(self) -> None:
        http = Client()
        assert http.get("/api/v1/referrals/").status_code == 401
        wrong = http.get("/api/v1/referrals/", headers={"Authorization": "Bearer nonsense"})
        assert wrong.status_code == 401
        assert "Bearer" in wrong["WWW-Authenticate"]
        bad = {"grant_type": "client_credentials", "client_id": "demo-hospital", "client_secret": "wrong"}
        assert http.post("/oauth/token/", bad).status_code == 401

    def test_a_scope_that_was_not_given(self) -> None:
        reader = Machine(scope="referrals:read")
        assert reader.get("referrals/").status_code == 200
        assert reader.post("referrals/", sent()).status_code == 403
        assert reader.post("triage/evaluate/", {}, key=None).status_code == 403

    def test_demo_clients_are_refused_outside_demo_mode(self, hospital: Machine, settings: Any) -> None:
        settings.DEMO = False
        assert hospital.get("referrals/").status_code == 401


class TestReading:
    def test_only_ones_own(self, hospital: Machine) -> None:
        own = hospital.post("referrals/", sent()).json()["reference"]
        foreign = submitted("weakness", at=now()).reference
        other = other_hospital()
        assert [found["reference"] for found in hospital.get("referrals/").json()["results"]] == [own]
        for path in ("", "timeline/", "events/", "messages/", "record/", "files/"):
            assert hospital.get(f"referrals/{own}/{path}").status_code == 200
            assert hospital.get(f"referrals/{foreign}/{path}").status_code == 404
            assert other.get(f"referrals/{own}/{path}").status_code == 404
        event = {"kind": "mri_booked", "occurred_at": rfc3339(now())}
        assert other.post(f"referrals/{own}/events/", event).status_code == 404
        assert other.post(f"referrals/{own}/withdraw/", {"reason": "x"}, key=None).status_code == 404
        assert other.post(f"referrals/{own}/messages/", {"text": "x"}).status_code == 404
        assert other.post(f"referrals/{own}/record/", {"values": {"record.stage": "IV"}}).status_code == 404
        pdf = {"Content-Type": "application/pdf"}
        assert other.post(f"referrals/{own}/files/", b"%PDF-", key=None, **pdf).status_code == 404
        assert other.post("referrals/search/", {"nhs_number": "9990000018"}, key=None).json()["results"] == []

    def test_where_the_patient_is_sees_the_case_too(self, hospital: Machine) -> None:
        case = submitted("weakness", at=now(), location__organisation_ods="RXX01")
        assert hospital.get(f"referrals/{case.reference}/").status_code == 200

    def test_pages_by_cursor_newest_first(self, hospital: Machine) -> None:
        references = [
            hospital.post("referrals/", sent(kind)).json()["reference"]
            for kind in ("weakness", "pain_only", "no_cancer")
        ]
        first = hospital.get("referrals/", limit=2).json()
        second = hospital.get("referrals/", limit=2, cursor=first["next_cursor"]).json()
        fits("ReferralPage", first)
        assert [one["reference"] for one in first["results"] + second["results"]] == references[::-1]
        assert second["next_cursor"] is None

    def test_filters(self, hospital: Machine) -> None:
        hospital.post("referrals/", sent())
        hospital.post("referrals/", sent("pain_only"))
        assert len(hospital.get("referrals/", stream="one_week").json()["results"]) == 1
        assert hospital.get("referrals/", status="closed").json()["results"] == []
        later = rfc3339(now() + timedelta(hours=1))
        assert hospital.get("referrals/", updated_since=later).json()["results"] == []

    def test_search_takes_identifiers_in_the_body(self, hospital: Machine) -> None:
        made = sent()
        hospital.post("referrals/", made)
        number = made["patient"]["nhs_number"]
        for search in (
            {"nhs_number": f"{number[:3]} {number[3:6]} {number[6:]}"},
            {
                "family_name": made["patient"]["family_name"].lower(),
                "date_of_birth": made["patient"]["date_of_birth"],
            },
        ):
            assert len(hospital.post("referrals/search/", search, key=None).json()["results"]) == 1
        assert hospital.post("referrals/search/", {}, key=None).status_code == 422
        assert hospital.post("referrals/search/", {"nhs_number": "1"}, key=None).status_code == 422

    def test_the_timeline_says_what_happened_and_hides_whom_the_service_paged(
        self, hospital: Machine
    ) -> None:
        reference = hospital.post("referrals/", sent()).json()["reference"]
        lines = hospital.get(f"referrals/{reference}/timeline/").json()["results"]
        for line in lines:
            fits("Happening", line)
        assert [line["kind"] for line in lines][:2] == ["referral_submitted", "referral_assessed"]
        assert lines[0]["by"] == {
            "name": "Demo hospital system",
            "role": "hospital system",
            "organisation": "RXX01",
        }

    def test_every_view_is_a_line(self, hospital: Machine) -> None:
        reference = hospital.post("referrals/", sent()).json()["reference"]
        hospital.get(f"referrals/{reference}/")
        hospital.get("referrals/")
        kinds = [entry.kind for entry in entries(Search(actor=actor("client").key))]
        assert kinds[:2] == ["list_viewed", "case_viewed"]

    def test_a_list_runs_a_constant_number_of_queries(
        self, hospital: Machine, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(3):
            hospital.post("referrals/", sent())
        with django_assert_max_num_queries(6):
            assert len(hospital.get("referrals/").json()["results"]) == 3
        for _ in range(9):
            hospital.post("referrals/", sent())
        with django_assert_max_num_queries(6):
            answer = hospital.get("referrals/")
        assert len(answer.json()["results"]) == 12
        assert len(answer.content) < 12 * 60_000 / 50
        with django_assert_max_num_queries(8):
            assert len(hospital.get("referrals/", fields="full").json()["results"]) == 12

    def test_a_list_says_who_how_urgent_and_what_runs_and_gives_the_whole_on_request(
        self, hospital: Machine
    ) -> None:
        whole = hospital.post("referrals/", sent()).json()
        page = hospital.get("referrals/").json()
        fits("ReferralPage", page)
        (item,) = page["results"]
        fits("ReferralItem", item)
        for name in ("id", "reference", "status", "stream", "submitted_at", "clinician_suspected_at"):
            assert item[name] == whole[name]
        assert item["patient"].items() <= whole["patient"].items()
        assert item["triage"].items() <= whole["triage"].items()
        assert item["links"].items() <= whole["links"].items()
        assert {(one["kind"], one["due_at"]) for one in item["clocks"]} == {
            (one["kind"], one["due_at"]) for one in whole["clocks"]
        }
        page = hospital.get("referrals/", fields="full").json()
        fits("ReferralPage", page)
        assert page["results"][0].items() <= whole.items()
        assert hospital.get("referrals/", fields="most").status_code == 422

    def test_on_call(self, hospital: Machine) -> None:
        found = hospital.get("on-call/").json()
        assert found["telephone"] == "01632 960999"
        assert found["holder"] == "Sister Grace Okoro"


class TestEvents:
    def test_the_scan_stops_the_clock_and_repeats_change_nothing(self, hospital: Machine) -> None:
        reference = hospital.post("referrals/", sent()).json()["reference"]
        case = Referral.objects.get()
        done = {
            "kind": "mri_performed",
            "occurred_at": rfc3339(now()),
            "data": {"modality": "mri", "regions": ["cervical", "thoracic", "lumbar"]},
        }
        first = hospital.post(f"referrals/{reference}/events/", done, key="scan")
        again = hospital.post(f"referrals/{reference}/events/", done, key="scan")
        assert (first.status_code, again.status_code) == (201, 200)
        fits("Event", first.json())
        assert clock(case, "mri").stopped_because == "met"
        assert Event.objects.count() == 1
        assert hospital.post(f"referrals/{reference}/events/", done, key=None).status_code == 428

    @pytest.mark.parametrize(
        ("event", "path"),
        [
            ({"kind": "mri_eaten", "occurred_at": "2026-11-20T10:00:00Z"}, "kind"),
            ({"kind": "mri_booked"}, "occurred_at"),
            ({"kind": "mri_booked", "occurred_at": "0001-01-01T00:00:00Z"}, "occurred_at"),
            (
                {
                    "kind": "mri_performed",
                    "occurred_at": "2026-01-01T00:00:00Z",
                    "data": {"modality": "mri", "regions": [{}]},
                },
                "data.regions",
            ),
            ({"kind": "mri_booked", "occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
            ({"kind": "mri_booked", "occurred_at": "2026-01-01T00:00:00Z", "data": {"foo": 1}}, "data.foo"),
            ({"kind": "mri_booked", "occurred_at": "2026-01-01T00:00:00Z", "extra": 1}, "extra"),
            ({"kind": "mri_performed", "occurred_at": "2026-01-01T00:00:00Z"}, "data.modality"),
            (
                {
                    "kind": "mri_performed",
                    "occurred_at": "2026-01-01T00:00:00Z",
                    "data": {"modality": "mri", "regions": []},
                },
                "data.regions",
            ),
            (
                {
                    "kind": "mri_performed",
                    "occurred_at": "2026-01-01T00:00:00Z",
                    "data": {"modality": "mri", "regions": ["neck"]},
                },
                "data.regions",
            ),
            (
                {"kind": "mri_reported", "occurred_at": "2026-01-01T00:00:00Z", "data": {"result": "fine"}},
                "data.result",
            ),
            (
                {
                    "kind": "mri_reported",
                    "occurred_at": "2026-01-01T00:00:00Z",
                    "data": {"result": "mscc", "verified": "yes"},
                },
                "data.verified",
            ),
            (
                {
                    "kind": "neurology_changed",
                    "occurred_at": "2026-01-01T00:00:00Z",
                    "data": {"neurology": {"x": "yes"}},
                },
                "data.neurology",
            ),
            ({"kind": "died", "occurred_at": "2026-01-01T00:00:00Z", "data": []}, "data"),
        ],
    )
    def test_a_wrong_event_is_named_and_nothing_is_stored(
        self, hospital: Machine, event: dict[str, Any], path: str
    ) -> None:
        reference = hospital.post("referrals/", sent()).json()["reference"]
        answer = hospital.post(f"referrals/{reference}/events/", event, key="k")
        assert answer.status_code == 422
        assert path in answer.json()["errors"]
        assert not Event.objects.exists()

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            ({"result": "mscc", "status": "final", "verified": False}, "data.verified"),
            ({"result": "mscc", "status": "amended", "verified": False}, "data.verified"),
            ({"result": "mscc", "status": "provisional", "verified": True}, "data.verified"),
            ({"result": "mscc", "status": "certain"}, "data.status"),
            ({"result": "mscc", "regions": []}, "data.regions"),
            ({"status": "final"}, "data.result"),
        ],
    )
    def test_a_report_that_contradicts_itself_is_refused(
        self, hospital: Machine, data: dict[str, Any], path: str
    ) -> None:
        reference = hospital.post("referrals/", sent()).json()["reference"]
        event = {"kind": "mri_reported", "occurred_at": rfc3339(now()), "data": data}
        answer = hospital.post(f"referrals/{reference}/events/", event, key="k")
        assert answer.status_code == 422
        assert set(answer.json()["errors"]) == {path}
        fits("Problem", answer.json())
        assert answer.json()["on_call"]["telephone"] == "01632 960999"
        assert not Event.objects.exists()

    def test_a_fact_for_a_merged_referral_goes_to_the_one_that_goes_on(self, hospital: Machine) -> None:
        kept, ended = (submitted("weakness", at=now(), by="client", **ONE_PERSON) for _ in range(2))
        merge_cases(kept.reference, other=ended.reference, text="One", act=act_by("coordinator", now()))
        report = {"kind": "mri_reported", "occurred_at": rfc3339(now()), "data": {"result": "mscc"}}
        answer = hospital.post(f"referrals/{ended.reference}/events/", report, key="one")
        assert answer.status_code == 201
        fits("Event", answer.json())
        assert (answer.json()["reference"], answer.json()["merged_into"]) == (kept.reference, kept.reference)
        assert hospital.get(f"referrals/{ended.reference}/").json()["merged_into"] == kept.reference
        assert (
            hospital.get(f"referrals/{kept.reference}/").json()["imaging"]["findings"][0]["finding"] == "mscc"
        )
        assert hospital.post(f"referrals/{ended.reference}/events/", report, key="one").status_code == 200
        page = every_view(signed_in("coordinator"), kept)
        assert "Scan reported (Metastatic spinal cord compression; provisional)" in page

    def test_withdrawal_of_an_emergency_waits_for_a_coordinator(self, hospital: Machine) -> None:
        reference = hospital.post("referrals/", sent()).json()["reference"]
        answer = hospital.post(f"referrals/{reference}/withdraw/", {"reason": "Wrong patient"}, key=None)
        assert (answer.status_code, answer.json()["status"]) == (202, "submitted")
        quiet = hospital.post("referrals/", sent("no_cancer")).json()["reference"]
        answer = hospital.post(f"referrals/{quiet}/withdraw/", {"reason": "Wrong patient"}, key=None)
        assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
        case = Referral.objects.get(reference=quiet)
        assert len(entries(Search(case=case.pk, kind="case_viewed"))) == 1, (
            "the answer holds the whole referral"
        )
        assert hospital.post(f"referrals/{quiet}/withdraw/", {}, key=None).status_code == 422


class TestFactsBeforeAReferral:
    PERSON = {"family_name": "Marlowe", "given_name": "Ruth", "date_of_birth": "1950-05-06", "sex": "female"}

    def told(self, kind: str = "mri_reported", **data: Any) -> dict[str, Any]:
        return {"patient": self.PERSON, "kind": kind, "occurred_at": rfc3339(now()), "data": data}

    def test_it_is_kept_once_and_says_nothing_of_who_is_here(self, hospital: Machine) -> None:
        submitted("weakness", at=now(), **ONE_PERSON)
        event = self.told(result="no_malignant_disease")
        first, again = (hospital.post("events/", event, key="one") for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        fits("UnmatchedEvent", first.json())
        assert [notice["code"] for notice in first.json()["notices"]] == ["kept_unmatched"]
        assert first.json()["on_call"]["telephone"] == "01632 960999"
        assert "MSCC-" not in first.content.decode()
        assert UnmatchedFact.objects.count() == 1
        assert not Event.objects.exists()
        other = self.told(result="mscc")
        assert hospital.post("events/", other, key="one").status_code == 409
        assert hospital.post("events/", event, key=None).status_code == 428
        assert Machine(scope="referrals:read").post("events/", event).status_code == 403

    @pytest.mark.parametrize(
        ("event", "pages"),
        [
            (("mri_reported", {"result": "mscc"}), True),
            (("mri_reported", {"result": "impending_compression", "status": "final"}), True),
            (("neurology_changed", {"worse": ["limb_weakness"]}), True),
            (("mri_reported", {"result": "no_malignant_disease", "status": "final"}), False),
            (("mri_requested", {}), False),
        ],
    )
    def test_compression_and_worse_neurology_page_the_coordinator(
        self, hospital: Machine, event: tuple[str, dict[str, Any]], pages: bool
    ) -> None:
        kind, data = event
        assert hospital.post("events/", self.told(kind, **data), key="one").status_code == 201
        paged = Page.objects.filter(alarm__startswith="unmatched:", recipient__username="coordinator")
        assert paged.exists() is pages

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"patient": {}}, "patient"),
            ({"patient": {"family_name": "Marlowe"}}, "patient"),
            ({"patient": []}, "patient"),
            ({"patient": {"nhs_number": "9990000019"}}, "patient.nhs_number"),
            ({"patient": {"nhs_number": "9990000018", "shoe_size": "4"}}, "patient.shoe_size"),
            ({"kind": "mri_eaten"}, "kind"),
            ({"data": {"result": "fine"}}, "data.result"),
            ({"extra": 1}, "extra"),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_kept(
        self, hospital: Machine, changes: dict[str, Any], path: str
    ) -> None:
        answer = hospital.post("events/", {**self.told(result="mscc"), **changes}, key="one")
        assert answer.status_code == 422
        assert path in answer.json()["errors"]
        assert not UnmatchedFact.objects.exists()

    def test_the_coordinator_links_it_to_the_case_where_it_counts(self, hospital: Machine) -> None:
        assert hospital.post("events/", self.told(result="mscc"), key="one").status_code == 201
        case = submitted("weakness", at=now(), **ONE_PERSON)
        fact = UnmatchedFact.objects.get()
        coordinator = signed_in("coordinator")
        board = coordinator.get(reverse("worklist")).content.decode()
        assert "1 from hospital systems to look at" in board
        page = coordinator.get(reverse("unmatched")).content.decode()
        assert "MARLOWE, Ruth, born 1950-05-06" in page
        assert f"{case.reference}: MARLOWE, Ruth, born 6 May 1950." in page
        coordinator.post(reverse("unmatched"), {"fact": fact.pk, "reference": case.reference})
        fact.refresh_from_db()
        assert fact.linked_to_id == case.pk
        assert Event.objects.get(referral=case).occurred_at == fact.occurred_at
        assert Referral.objects.get(pk=case.pk).presentation["imaging_finding"] == "mscc"
        assert "Nothing is waiting." in coordinator.get(reverse("unmatched")).content.decode()

    def test_or_says_why_it_belongs_to_nobody_here(self, hospital: Machine) -> None:
        assert hospital.post("events/", self.told("mri_requested"), key="one").status_code == 201
        fact, coordinator = UnmatchedFact.objects.get(), signed_in("coordinator")
        for typed, says in (
            ({"other": "MSCC-2222"}, 'value="MSCC-2222"'),
            ({"other": ""}, "Choose the case, or write its reference"),
            ({"dismiss": "yes", "text": ""}, "Write why it belongs to no case here"),
        ):
            answer = coordinator.post(reverse("unmatched"), {"fact": fact.pk, **typed})
            assert answer.status_code == 422
            assert says in answer.content.decode()
        coordinator.post(
            reverse("unmatched"), {"fact": fact.pk, "dismiss": "yes", "text": "Another service's"}
        )
        fact.refresh_from_db()
        assert (fact.settled_because, fact.settled_by_name) == ("Another service's", "Sister Grace Okoro")
        assert signed_in("gp").get(reverse("unmatched")).status_code == 403


def test_the_document_is_valid_and_names_every_answer() -> None:
    found = document()
    assert found["openapi"].startswith("3.")
    calls = [(path, method) for path, methods in found["paths"].items() for method in methods]
    assert {("/api/v1/referrals/", "post"), ("/api/v1/events/", "post")} <= set(calls)
    assert all(path.startswith("/api/v1/") for path, _ in calls)
    submit = found["paths"]["/api/v1/referrals/"]["post"]
    assert {"200", "201", "400", "401", "403", "409", "413", "415", "422", "428", "429"} <= set(
        submit["responses"]
    )
    for shape in found["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(shape)


def test_the_reference_page_opens() -> None:
    answer = Client().get("/api/docs/")
    assert answer.status_code == 200
    assert "/api/v1/triage/evaluate/" in answer.content.decode()
