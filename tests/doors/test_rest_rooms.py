"""REST beyond referral and events: messages, record, files, measures; the state that a caller has, and its limits."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from api.rest.event_shapes import FIELDS
from api.rest.examples import EVENTS, EXAMPLES, REFERRAL
from kernel.identifiers import NhsNumber
from kernel.time import now, rfc3339
from ledger.read import Search, entries
from referrals.case.models import Attachment, Detail, Message, Referral
from referrals.evidence.events import DATA
from tests.builders import actor, clock, set_the_scene, submitted
from tests.doors.forms import every_view, signed_in
from tests.doors.machines import Machine, other_hospital
from tests.doors.test_rest import fits, sent

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a report"


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


@pytest.fixture
def hospital() -> Machine:
    return Machine()


@pytest.fixture
def reference(hospital: Machine) -> str:
    return hospital.post("referrals/", sent()).json()["reference"]


def problem(answer: Any) -> tuple[int, str]:
    fits("Problem", answer.json())
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


class TestMessages:
    def test_a_question_starts_the_clock_of_its_answer_and_is_news(
        self, hospital: Machine, reference: str
    ) -> None:
        question = {"text": "May she sit up?", "answer_within_hours": 1}
        first, again = (
            hospital.post(f"referrals/{reference}/messages/", question, key="q") for _ in range(2)
        )
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        fits("Message", first.json())
        case = Referral.objects.get(reference=reference)
        asked = clock(case, "question")
        assert asked.due_at - asked.started_at == timedelta(hours=1)
        assert first.json()["question"] == {"answer_by": rfc3339(asked.due_at), "settled_at": None}
        assert case.news_since is not None
        assert Message.objects.get().by_name == "Demo hospital system"
        assert "May she sit up?" in every_view(signed_in("coordinator"), case)
        page = hospital.get(f"referrals/{reference}/messages/").json()
        fits("MessagePage", page)
        assert [row["text"] for row in page["results"]] == ["May she sit up?"]

    def test_a_key_with_another_message_is_its_own_problem(self, hospital: Machine, reference: str) -> None:
        path = f"referrals/{reference}/messages/"
        hospital.post(path, {"text": "One"}, key="q")
        assert problem(hospital.post(path, {"text": "Two"}, key="q")) == (409, "idempotency_key_reused")
        assert problem(hospital.post(path, {"text": "Two"}, key=None)) == (428, "idempotency_key_missing")

    @pytest.mark.parametrize(
        ("message", "path"),
        [
            ({}, "text"),
            ({"text": 1}, "text"),
            ({"text": " "}, "text"),
            ({"text": "x", "answer_within_hours": 3}, "answer_within_hours"),
            ({"text": "x", "answer_within_hours": True}, "answer_within_hours"),
            ({"text": "x", "answers": 4711}, "answers"),
            ({"text": "x", "reason": "because"}, "reason"),
            ({"text": "x", "to": "gp"}, "to"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, hospital: Machine, reference: str, message: dict[str, Any], path: str
    ) -> None:
        answer = hospital.post(f"referrals/{reference}/messages/", message, key="q")
        assert answer.status_code == 422
        assert path in answer.json()["errors"]
        assert not Message.objects.exists()


class TestRecord:
    def test_values_carry_their_author_and_time_like_those_of_people(
        self, hospital: Machine, reference: str
    ) -> None:
        path = f"referrals/{reference}/record/"
        values = {"values": {"record.stage": "IV", "clinical.walking_now": "no_power"}}
        answer = hospital.post(path, values, key=None)
        assert answer.status_code == 200, answer.content
        assert answer.json() == {"changed": ["clinical.walking_now", "record.stage"]}
        assert hospital.post(path, values, key=None).json() == {"changed": []}
        row = Detail.objects.get(path="record.stage")
        assert (row.by, row.by_name, row.by_role) == (
            actor("client").key,
            "Demo hospital system",
            "client",
        )
        page = hospital.get(path)
        fits("Record", page.json())
        shown = {field["path"]: field for field in page.json()["fields"]}
        assert shown["record.stage"]["value"] == "IV"
        assert shown["record.stage"]["by"]["name"] == "Demo hospital system"
        assert shown["record.histology"]["by"] is None
        assert "record.exceptions" not in shown
        kinds = [entry.kind for entry in entries(Search(actor=actor("client").key))]
        assert kinds[0] == "document_viewed"
        assert "details_recorded" in kinds

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"values": {}}, "values"),
            ({"values": {"record.exceptions": ["dying"]}}, "record.exceptions"),
            ({"values": {"record.nothing": "x"}}, "record.nothing"),
            ({"values": {"record.plantars": "up"}}, "record.plantars"),
            ({"values": {"record.weight_kg": "80"}}, "record.weight_kg"),
            ({"record.stage": "IV"}, "record.stage"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, hospital: Machine, reference: str, body: dict[str, Any], path: str
    ) -> None:
        answer = hospital.post(f"referrals/{reference}/record/", body, key=None)
        assert answer.status_code == 422
        assert path in answer.json()["errors"]
        assert not Detail.objects.exists()


class TestFiles:
    def send(self, hospital: Machine, reference: str, content: bytes, kind: str, name: str = "") -> Any:
        headers = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name or "x.pdf"}"'}
        return hospital.post(f"referrals/{reference}/files/", content, key=None, **headers)

    def test_a_file_is_sent_as_it_is_held_and_fetched_when_it_is_clean(
        self, hospital: Machine, reference: str
    ) -> None:
        first, again = (
            self.send(hospital, reference, PDF, "application/pdf", "MRI report.pdf") for _ in range(2)
        )
        assert (first.status_code, again.status_code) == (201, 200)
        fits("File", first.json())
        assert (first.json()["name"], first.json()["state"]) == ("MRI report.pdf", "held")
        path = f"referrals/{reference}/files/{first.json()['id']}/"
        assert problem(hospital.get(path)) == (409, "out_of_turn")
        row = Attachment.objects.get()
        row.state, row.scanned_at = Attachment.CLEAN, now()
        row.save()
        found = hospital.get(path)
        assert (found.content, found["Content-Type"]) == (PDF, "application/pdf")
        assert "attachment" in found["Content-Disposition"]
        page = hospital.get(f"referrals/{reference}/files/").json()
        fits("FilePage", page)
        assert [each["state"] for each in page["results"]] == ["clean"]
        assert other_hospital().get(path).status_code == 404

    def test_what_is_no_file_that_the_service_takes(self, hospital: Machine, reference: str) -> None:
        assert self.send(hospital, reference, b"<html>", "application/pdf").status_code == 422
        assert self.send(hospital, reference, PDF, "text/html").status_code == 415
        assert self.send(hospital, reference, b"{}", "application/json").status_code == 415
        assert self.send(hospital, reference, b"", "application/pdf").status_code == 400
        assert (
            self.send(hospital, reference, PDF + b"x" * 10 * 1024 * 1024, "application/pdf").status_code
            == 413
        )
        assert not Attachment.objects.exists()


class TestMeasures:
    def test_they_count_the_episodes_that_ones_own_organisation_referred(self, hospital: Machine) -> None:
        hospital.post("referrals/", sent())
        submitted("weakness", at=now(), by="gp")
        answer = hospital.get("measures/")
        assert answer.status_code == 200, answer.content
        fits("Measures", answer.json())
        by_id = {measure["id"]: measure for measure in answer.json()["measures"]}
        assert set(by_id) == {"2a", "2b", "3", "4", "5", "6", "7"}
        third = by_id["3"]
        assert third["literal"]["denominator"] + third["running"] == 1
        assert entries(Search(actor=actor("client").key))[0].kind == "measures_viewed"

    def test_the_period_is_read_strictly(self, hospital: Machine) -> None:
        assert hospital.get("measures/", **{"from": "2026-13-01"}).status_code == 422
        assert hospital.get("measures/", **{"from": "2026-02-01", "to": "2026-01-01"}).status_code == 422
        assert hospital.get("measures/", since="2026-01-01").status_code == 400
        assert Machine(scope="referrals:read").get("measures/").status_code == 403


class TestPages:
    def test_timeline_and_events_come_in_pages_that_follow_each_other(
        self, hospital: Machine, reference: str
    ) -> None:
        for kind in ("mri_requested", "mri_booked", "admitted"):
            report = {"kind": kind, "occurred_at": rfc3339(now()), "data": {}}
            assert hospital.post(f"referrals/{reference}/events/", report, key=kind).status_code == 201
        for path, shape in (("timeline", "HappeningPage"), ("events", "FactPage")):
            whole = hospital.get(f"referrals/{reference}/{path}/", limit=200).json()
            fits(shape, whole)
            assert whole["next_cursor"] is None
            followed, cursor = [], {}
            while cursor is not None:
                page = hospital.get(f"referrals/{reference}/{path}/", limit=2, **cursor).json()
                followed += page["results"]
                cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
            assert followed == whole["results"]
            assert len(followed) >= 3
        kinds = [fact["kind"] for fact in followed]
        assert kinds == ["mri_requested", "mri_booked", "admitted"]

    def test_a_delta_misses_nothing_that_changes_while_it_is_read(self, hospital: Machine) -> None:
        began = now()
        with time_machine.travel(began, tick=False) as time:
            references = []
            for _ in range(3):
                time.shift(1)
                references.append(hospital.post("referrals/", sent()).json()["reference"])
            since = {"updated_since": rfc3339(began), "limit": 1}
            first = hospital.get("referrals/", **since).json()
            fits("ReferralPage", first)
            assert (first["results"][0]["reference"], first["resume_from"]) == (references[0], None)
            time.shift(5)
            hospital.post(f"referrals/{references[0]}/record/", {"values": {"record.stage": "IV"}}, key=None)
            found, cursor = [], first["next_cursor"]
            while cursor:
                page = hospital.get("referrals/", cursor=cursor, **since).json()
                found += [each["reference"] for each in page["results"]]
                cursor = page["next_cursor"]
            assert found == [references[1], references[2], references[0]]
            assert page["resume_from"] == rfc3339(began), "no later than the first page, less a minute"
            for wrong in ("???", "MQ==", "fHx8"):
                assert hospital.get("referrals/", cursor=wrong, **since).status_code == 422


class TestState:
    def test_what_is_read_has_a_tag_and_is_not_sent_twice(self, hospital: Machine, reference: str) -> None:
        bearer = {"Authorization": f"Bearer {hospital.token}"}
        for path in (f"referrals/{reference}/", f"referrals/{reference}/record/", "guideline/", "on-call/"):
            first = hospital.get(path)
            again = hospital.http.get(f"/api/v1/{path}", headers={**bearer, "If-None-Match": first["ETag"]})
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
            other = hospital.http.get(f"/api/v1/{path}", headers={**bearer, "If-None-Match": '"0-x"'})
            assert other.status_code == 200
        before = hospital.get(f"referrals/{reference}/")["ETag"]
        hospital.post(f"referrals/{reference}/record/", {"values": {"record.stage": "IV"}}, key=None)
        assert hospital.get(f"referrals/{reference}/")["ETag"] != before

    def test_an_act_on_a_state_that_has_changed_is_refused(self, hospital: Machine, reference: str) -> None:
        seen = hospital.get(f"referrals/{reference}/")["ETag"]
        values = {"values": {"record.stage": "IV"}}
        path = f"referrals/{reference}/"
        assert hospital.post(f"{path}record/", values, key=None, **{"If-Match": seen}).status_code == 200
        stale = {"If-Match": seen}
        other = {"values": {"record.stage": "III"}}
        for address, body in (
            ("record/", other),
            ("messages/", {"text": "Hello"}),
            ("withdraw/", {"reason": "Mistake"}),
        ):
            assert problem(hospital.post(path + address, body, **stale)) == (412, "changed_meanwhile")
        fresh = {"If-Match": hospital.get(path)["ETag"]}
        first = hospital.post(f"{path}messages/", {"text": "Hello"}, key="m", **fresh)
        again = hospital.post(f"{path}messages/", {"text": "Hello"}, key="m", **fresh)
        assert (first.status_code, again.status_code) == (201, 200), "a repeat finds its first answer"
        assert hospital.post(f"{path}record/", other, key=None, **{"If-Match": "*"}).status_code == 200

    def test_every_answer_says_what_is_left_of_the_limit(self, hospital: Machine, settings: Any) -> None:
        first, second = hospital.get("on-call/"), hospital.get("nothing/")
        assert first["RateLimit-Policy"] == '"client";q=3000;w=60'
        assert first["RateLimit"].startswith('"client";r=299')
        assert second.status_code == 404
        settings.REST_FRAMEWORK = {
            **settings.REST_FRAMEWORK,
            "DEFAULT_THROTTLE_RATES": {"client": "1/minute"},
        }
        answer = hospital.get("on-call/")
        assert problem(answer) == (429, "throttled")
        assert 0 < int(answer["Retry-After"]) <= 60
        assert answer["RateLimit"].startswith('"client";r=0;')
        assert other_hospital().get("on-call/").status_code == 200, "nobody else is slowed"


class TestBodies:
    @pytest.mark.parametrize(
        ("raw", "kind", "status"),
        [
            ("", "application/json", 400),
            ("", "", 400),
            ("{}", "text/plain", 415),
            ("{}", "text/json", 415),
            ("{}", "application/json-patch+json", 415),
            ("{}", "*/*", 415),
            ("{}", "application/*", 415),
            ("{}", "APPLICATION/JSON; charset=utf-8", 422),
        ],
    )
    def test_an_empty_body_is_no_json_and_a_type_says_what_the_body_is(
        self, hospital: Machine, raw: str, kind: str, status: int
    ) -> None:
        for path in ("referrals/", "triage/evaluate/", "events/", "referrals/search/"):
            answer = hospital.post(path, raw, key="k", **{"Content-Type": kind})
            assert answer.status_code == status, (path, answer.content)

    def test_a_minus_sign_is_not_a_dash_in_an_nhs_number(self, hospital: Machine) -> None:
        assert NhsNumber.read("999–000—0018").digits == "9990000018"
        made = sent(patient__nhs_number="999\u2212000\u22120018")
        answer = hospital.post("referrals/", made, key="k")
        assert answer.status_code == 422
        assert "patient.nhs_number" in answer.json()["errors"]

    def test_a_withdrawn_referral_is_a_conflict_of_its_own_type(self, hospital: Machine) -> None:
        quiet = hospital.post("referrals/", sent("no_cancer")).json()["reference"]
        path = f"referrals/{quiet}/withdraw/"
        assert hospital.post(path, {"reason": "Mistake"}, key=None).status_code == 200
        assert problem(hospital.post(path, {"reason": "Mistake"}, key=None)) == (409, "out_of_turn")


class TestDescription:
    def test_the_shapes_of_facts_name_what_the_readers_read(self) -> None:
        assert {kind: set(fields) for kind, fields in FIELDS.items()} == {
            kind: set(readers) for kind, readers in DATA.items()
        }
        assert set(EVENTS) == set(DATA)

    def test_every_example_is_taken(self, hospital: Machine) -> None:
        reference = hospital.post("referrals/", REFERRAL, key="r").json()["reference"]
        case = f"referrals/{reference}/"
        paths = {
            "Intake": "referrals/",
            "Evaluation": "triage/evaluate/",
            "EventReport": f"{case}events/",
            "UnmatchedReport": "events/",
            "Search": "referrals/search/",
            "MessageSent": f"{case}messages/",
            "RecordValues": f"{case}record/",
            "Withdrawal": f"{case}withdraw/",
        }
        paths["WebhookSent"] = "webhooks/"
        assert set(paths) | {"Rotation"} == set(EXAMPLES)
        for shape in paths:
            for title, example in EXAMPLES[shape].items():
                if title == "died":  # last, because the case ends with it
                    continue
                fits(shape, example)
                answer = hospital.post(paths[shape], example, key=f"{shape} {title}")
                assert answer.status_code in (200, 201, 202), (title, answer.content)
        died = hospital.post(f"{case}events/", EXAMPLES["EventReport"]["died"], key="died")
        assert died.status_code == 201
