"""The pages of the MDT: who may, what is refused and where its problem leads, how many queries they run."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel.refusals import OutOfTurn
from kernel.time import now
from mdt.models import Meeting, Opinion
from mdt.usecases.keep_plan import keep_plan
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.plan_meeting import end_meeting, plan_meeting
from mdt.usecases.put_on_agenda import assemble, put_by_hand
from referrals.case.models import Referral
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.record_step import record_step
from tests.builders import act_by, actor, again, report, scan, set_the_scene, triaged
from tests.doors.forms import signed_in
from tests.doors.markup import read
from tests.usecases.mdt_acts import WHOLE_PLAN, decided, said

PAGES = ("mdt_case", "mdt_summary", "mdt_treatment", "mdt_plan", "mdt_outcomes")


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    set_the_scene(at=now())


def listed() -> Referral:
    at = now()
    case = triaged("weakness", at=at - timedelta(hours=2))
    report(case, "mri_reported", at=at - timedelta(hours=1), result="mscc")
    list_for_mdt(
        case.reference,
        question="surgery",
        text="Unstable?",
        discussion="virtual_urgent",
        asked=("spinal_surgery",),
        act=act_by("coordinator", at),
    )
    return case


def meeting_of(case: Referral) -> Meeting:
    at = now()
    meeting = plan_meeting(
        starts_at=at + timedelta(hours=3),
        cut_off_at=at + timedelta(hours=2),
        place="Room",
        by=actor("coordinator"),
        at=at,
    )
    assemble(meeting, at=at)
    return meeting


def test_a_case_that_a_rule_lists_says_so_where_a_question_would_stand() -> None:
    at = now()
    case = triaged("weakness", at=at - timedelta(hours=2))
    report(case, "mri_reported", at=at - timedelta(hours=1), result="mscc")
    meeting_of(case)
    assert "No question: a rule of the service listed it" in seen_by("mdt", "mdt")


def test_an_opinion_without_words_is_asked_for_by_the_label_of_its_field() -> None:
    case = listed()
    answer = signed_in("mdt").post(reverse("give_opinion", args=[case.reference]), {"opinion.text": " "})
    assert answer.status_code == 422
    assert "Fill in “Opinion”" in read(answer.content.decode()).one(class_="nhsuk-error-summary").words


def leads_somewhere(page: str) -> bool:
    """Every problem of the error summary links to something on the page."""
    shown = read(page)
    links = shown.one(class_="nhsuk-error-summary").all("a")
    return bool(links) and all(shown.all(id=link.get("href").removeprefix("#")) for link in links)


def test_the_summary_says_what_is_known_of_the_spine_and_how_sure_each_report_is() -> None:
    at = now() - timedelta(hours=1)
    case = triaged("weakness", at=at - timedelta(hours=1))
    scan(case, at=at, regions=["thoracic", "lumbar"])
    report(case, "mri_reported", at=at, result="mscc", regions=["thoracic"], status="final", report="R1")
    report(case, "mri_reported", at=at, result="no_malignant_disease", regions=["lumbar"])
    report(case, "mri_reported", at=at, status="withdrawn", report="R1")
    page = signed_in("coordinator").get(reverse("mdt_summary", args=[case.reference])).content.decode()
    shown = read(page).one("section", aria_labelledby="s-imaging").words
    assert "It stands until a final report or a named person takes it away" in shown
    assert "Cervical: Not scanned" in shown
    for line in (
        "metastatic spinal cord compression, final, thoracic",
        "no malignant disease, provisional, lumbar",
        ": withdrawn",
    ):
        assert line in shown, line


@pytest.mark.parametrize("username", ["gp", "ward", "lead", "admin", "mdt-radiology"])
def test_nobody_else_reads_or_writes_what_the_mdt_does(username: str) -> None:
    case = triaged("weakness", at=now())  # listed for nobody, asked of nobody
    client = signed_in(username)
    for name in PAGES:
        assert client.get(reverse(name, args=[case.reference])).status_code in (403, 404)
    for name, more in (
        ("give_opinion", []),
        ("record_decision", []),
        ("decide_treatment", ["rfa"]),
        ("mdt_plan", []),
        ("mdt_outcomes", []),
    ):
        answer = client.post(
            reverse(name, args=[case.reference, *more]), {"do": "keep", "plan.key_worker": "X"}
        )
        assert answer.status_code in (403, 404), (name, answer.status_code)
    assert again(case).version == case.version


def test_an_mdt_member_finds_what_is_asked_and_signs_for_the_own_specialty() -> None:
    case = listed()
    surgeon = signed_in("mdt")
    assert case.reference in surgeon.get(reverse("mdt")).content.decode()
    page = surgeon.get(reverse("mdt_case", args=[case.reference])).content.decode()
    assert "Give the opinion of spinal surgery" in page
    sent = {
        "opinion.given_by": "Mr Price",
        "opinion.words": "Stabilise",
        "specialty": "oncology",
        "seen.spinal_surgery": "0",
    }
    at = now()
    sent |= {
        "opinion.given_at.day": str(at.day),
        "opinion.given_at.month": str(at.month),
        "opinion.given_at.year": str(at.year),
        "opinion.given_at.time": f"{at:%H:%M}",
    }
    assert surgeon.post(reverse("give_opinion", args=[case.reference]), sent).status_code == 302
    assert Opinion.objects.get().specialty == "spinal_surgery"  # whatever the form says


def test_the_opinion_asks_first_what_the_specialty_answers_and_folds_the_rest() -> None:
    case = listed()
    surgeon, oncologist = signed_in("mdt"), signed_in("mdt-oncology")
    address = reverse("mdt_case", args=[case.reference])

    def parts(page: str) -> tuple[str, str]:
        first, folded = re.split(
            r"<summary[^>]*><span[^>]*>More: ", page.split('id="opinion-form"')[1], maxsplit=1
        )
        return first, folded.split("</details>")[0]

    first, folded = parts(surgeon.get(address).content.decode())
    assert 'name="opinion.surgery_suitable"' in first and 'name="opinion.prognosis"' in folded
    assert 'name="opinion.given_at.time"' in first  # a clock stops at it
    assert first.rstrip().endswith('<details class="nhsuk-details">')
    first, folded = parts(oncologist.get(address).content.decode())
    assert 'name="opinion.prognosis"' in first and 'name="opinion.surgery_suitable"' in folded
    # what was answered under the fold and refused stands there open, on this page and on a later visit
    refused = surgeon.post(reverse("give_opinion", args=[case.reference]), {"opinion.prognosis": "poor"})
    assert refused.status_code == 422
    for answer in (refused, surgeon.get(address)):
        first, folded = parts(answer.content.decode())
        assert first.rstrip().endswith('<details class="nhsuk-details" open>')
        assert re.search(r'value="poor"[^>]*checked', folded)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("give_opinion", {}),
        ("record_decision", {}),
        ("decide_treatment", {}),
        ("mdt_plan", {"do": "sign"}),
        ("mdt_plan", {"do": "send"}),
        ("mdt_outcomes", {}),
    ],
)
def test_what_is_refused_leads_to_the_field_that_mends_it(name: str, sent: dict[str, str]) -> None:
    case = listed()
    client = signed_in("coordinator")
    if sent.get("do") == "send":
        _signed(case)
    more = ["rt_multifraction"] if name == "decide_treatment" else []
    answer = client.post(
        reverse(name, args=[case.reference, *more]), {**sent, "seen": "9" * 5000, "kind": "plan_person"}
    )
    assert answer.status_code in (409, 422)
    assert leads_somewhere(answer.content.decode())


def _signed(case: Referral) -> None:
    today = f"{now():%Y-%m-%d}"
    sent = {f"plan.{k}": today if k.endswith("_on") else v for k, v in WHOLE_PLAN.items()}
    keep_plan(case.reference, sent, sign=True, act=act_by("coordinator", now()))


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "off", "reason": ""},
        {"do": "put", "reference": "MSCC-XXXXX-X"},
        {"do": "move", "place": "Room"},
        {"do": "end"},
    ],
)
def test_what_a_meeting_refuses_leads_to_its_field(sent: dict[str, str]) -> None:
    case = listed()
    meeting = meeting_of(case)
    answer = signed_in("coordinator").post(
        reverse("mdt_meeting", args=[meeting.pk]), {"reference": case.reference, **sent}
    )
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert leads_somewhere(page)
    if sent["do"] == "move":
        assert re.search(r"<details[^>]* open[^>]*>\s*<summary[^>]*><span[^>]*>Move the meeting", page)


def test_a_late_case_that_nobody_approves_can_be_taken_off_again() -> None:
    case, late, at = listed(), triaged("pain_only", at=now()), now()
    meeting = meeting_of(case)
    plan_meeting(
        starts_at=meeting.starts_at,
        cut_off_at=at - timedelta(minutes=1),
        place="Room",
        number=meeting.pk,
        by=actor("coordinator"),
        at=at,
    )
    put_by_hand(meeting.pk, late.reference, text="Worse", by=actor("coordinator"), at=at)
    client = signed_in("coordinator")
    address = reverse("mdt_meeting", args=[meeting.pk])
    assert "Take off: added in error" in client.get(address).content.decode()
    client.post(address, {"do": "withdraw", "reference": late.reference})
    assert "Added in error" in client.get(address, follow=True).content.decode()
    assert again(late).listed_for_mdt_at is None


def test_the_address_of_a_form_leads_back_to_its_page() -> None:
    case, client = listed(), signed_in("coordinator")
    assert client.get(reverse("list_for_mdt", args=[case.reference])).status_code == 200  # a page of its own
    for name, where in (("give_opinion", "mdt_case"), ("record_decision", "mdt_case")):
        answer = client.get(reverse(name, args=[case.reference]))
        assert (answer.status_code, answer["Location"]) == (302, reverse(where, args=[case.reference]))


def test_a_draft_of_a_plan_does_not_write_over_what_came_meanwhile() -> None:
    case = listed()
    client = signed_in("coordinator")
    address = reverse("mdt_plan", args=[case.reference])
    client.post("/drafts/", {"place": address, "seen": "0", "plan.key_worker": "Kit Barlow"})
    _signed(case)
    page = client.get(address).content.decode()
    assert 'name="seen" value="0"' in page
    assert "has since written version 1" in page
    answer = client.post(address, {"do": "keep", "seen": "0", "plan.key_worker": "Kit Barlow"})
    assert answer.status_code == 409
    assert 'name="seen" value="1"' in answer.content.decode()
    assert "Kit Barlow" in answer.content.decode()


@pytest.mark.parametrize("name", ["mdt", "mdt_meeting"])
def test_a_list_runs_a_constant_number_of_queries(name: str, django_assert_max_num_queries: Any) -> None:
    client: Client = signed_in("coordinator")
    meeting = meeting_of(listed())
    address = reverse(name, args=[meeting.pk] if name == "mdt_meeting" else [])
    client.get(address)
    with django_assert_max_num_queries(40) as few:
        client.get(address)
    for _ in range(3):
        listed()
    assemble(meeting, at=now())
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(address)


def seen_by(username: str, name: str, *args: object) -> str:
    """A page as somebody reads it: tags off, spaces single."""
    page = signed_in(username).get(reverse(name, args=args)).content.decode()
    return read(page).one("main").words


def test_D12_what_is_asked_now_stands_above_the_next_meetings_cases_with_who_owes_it() -> None:
    at = now()
    scheduled, urgent = triaged("weakness", at=at - timedelta(hours=2)), listed()
    list_for_mdt(
        scheduled.reference, question="surgery", text="", act=act_by("coordinator", at - timedelta(hours=1))
    )
    decided_one = listed()
    decided(decided_one, "no_action", at=at + timedelta(seconds=1))
    for username in ("coordinator", "mdt"):
        page = seen_by(username, "mdt")
        groups = page.split("Listed for discussion")[1]
        where = [groups.index(case.reference) for case in (urgent, scheduled, decided_one)]
        titles = [groups.index(title) for title in ("Now", "For the next meeting", "Decided")]
        assert sorted([*where, *titles]) == [n for pair in zip(titles, where, strict=True) for n in pair]
        assert "Spinal surgery: opinion, Mr Alun Price on call, " in groups
        assert page.index("Spinal surgery: opinion") < page.index("Listed for discussion")


def test_the_facts_stand_beside_the_opinion_and_say_what_nobody_assessed() -> None:
    case, at = listed(), now()
    record_step(
        case.reference,
        "images_received",
        {"site": "Spinal centre"},
        occurred_at=at,
        by=actor("coordinator"),
        at=at,
    )
    report(case, "neurology_changed", at=at, walking_now="with_aid")
    page = seen_by("mdt", "mdt_case", case.reference)
    facts = page.split("The facts")[1].split("Questions for the MDT")[0]
    for words in (
        "Unstable?",
        "Weakness of an arm or leg",
        "Not assessed:",
        "Now: ",
        "Two weeks before the referral:",
        "Steroid No dexamethasone given",
        "Anticoagulant or antiplatelet Not recorded",
        "Infection No",
        "Cervical:",
        "Images received",
        "Spinal centre",
        "Nobody has recorded what the person wants",
    ):
        assert words.lower() in facts.lower(), words


def test_the_page_of_opinions_names_once_who_is_asked_and_folds_the_clocks_of_the_case() -> None:
    case = listed()
    page = read(signed_in("mdt").get(reverse("mdt_case", args=[case.reference])).content.decode())
    assert len(page.one("section", aria_labelledby="owed").all("li")) == 1
    assert page.one("section", aria_labelledby="opinions").all("li") == []
    clocks = page.one("details", id="clocks")
    assert "open" not in clocks.attributes
    assert clocks.one("summary").words.startswith("Running clocks of the case: ")


def test_a_decision_asks_first_who_gave_an_opinion_and_folds_the_rest_unless_nobody_did() -> None:
    case = listed()
    address = reverse("mdt_case", args=[case.reference])

    def others(client: Client, address: str = address, **sent: str) -> Any:
        answer = client.post(address, sent) if sent else client.get(address)
        return read(answer.content.decode()).one("details", id="others")

    coordinator = signed_in("coordinator")
    nobody = others(coordinator)
    assert ("open" in nobody.attributes, len(nobody.all("fieldset", class_="voice"))) == (True, 8)
    said(case, "spinal_surgery", at=now())
    rest = others(coordinator)
    assert ("open" in rest.attributes, len(rest.all("fieldset", class_="voice"))) == (False, 7)
    assert "spinal surgery" not in rest.one("summary").words
    decide = reverse("record_decision", args=[case.reference])
    typed = others(
        coordinator, decide, **{"spoken.radiology.name": "Dr Grey", "discussion": "virtual_urgent"}
    )
    assert len(typed.all("fieldset", class_="voice")) == 6


def test_on_the_page_of_opinions_advice_is_folded_and_a_warning_is_not() -> None:
    case = triaged("weakness", at=now(), presentation__imaging_finding="non_malignant_compression")
    page = signed_in("coordinator").get(reverse("mdt_case", args=[case.reference])).content.decode()
    says = page.split("What the guideline says now")[1]
    open_part = re.sub(r"<details.*?</details>", "", says, flags=re.S)
    assert "advice__item" in says
    assert "advice__item" not in open_part
    assert "guidance__warning" in open_part
    assert says.count("guidance__warning") == open_part.count("guidance__warning")


def test_after_treatment_no_first_step_is_offered_until_neurology_is_worse_again() -> None:
    at = now()
    case = triaged("weakness", at=at - timedelta(hours=9))
    first = ("Offer a first dose of dexamethasone", "Offer MRI of the whole spine")
    before = seen_by("coordinator", "mdt_treatment", case.reference)
    assert all(words in before for words in first)
    report(case, "radiotherapy_started", at=at - timedelta(hours=2))
    for name in ("mdt_case", "mdt_treatment"):
        page = seen_by("coordinator", name, case.reference)
        offered, past = page.split("What the guideline says now")[1].split("First steps, now past")
        assert not any(words in offered for words in first)
        assert all(words in past for words in first)
        assert "Radiotherapy started" in offered.split("Emergency")[0]
    assert not any(words in seen_by("coordinator", "mdt_summary", case.reference) for words in first)
    report(
        case,
        "neurology_changed",
        at=at - timedelta(hours=1),
        neurology={"limb_weakness": "yes"},
        worse=["limb_weakness"],
    )
    again_said = seen_by("coordinator", "mdt_treatment", case.reference)
    assert all(words in again_said for words in first)
    assert "First steps, now past" not in again_said


def test_a_decision_or_an_error_ends_a_case_on_the_list_and_leaves_nothing_to_do_there() -> None:
    at = now()
    cases = [triaged("weakness", at=at - timedelta(hours=2)) for _ in range(3)]
    for case in cases:
        report(case, "mri_reported", at=at - timedelta(hours=1), result="mscc")
    waits, signed, wrong = cases
    meeting = meeting_of(waits)
    decided(signed, "radiotherapy", at=now())
    mark_entered_in_error(wrong.reference, text="Another person", by=actor("coordinator"), at=now())
    page = signed_in("mdt").get(reverse("mdt_meeting", args=[meeting.pk])).content.decode()
    waiting, ended = page.split('id="decided"')
    assert waits.reference in waiting
    assert f"{waits.reference}/?meeting={meeting.pk}#decision" in waiting
    for case, words in ((signed, "Decided: Radiotherapy"), (wrong, "Entered in error")):
        assert case.reference not in waiting
        assert words in ended.rpartition(case.reference)[2].split("</tr>")[0]
    assert "Decide<" not in ended
    with pytest.raises(OutOfTurn, match=f"Not decided yet: {waits.reference}. "):
        end_meeting(meeting.pk, by=actor("coordinator"), at=now())


@pytest.mark.parametrize(
    ("form", "shown_on", "field"),
    [
        ("give_opinion", "mdt_case", "opinion.words"),
        ("record_decision", "mdt_case", "decision.recommendation"),
        ("decide_treatment", "decide_treatment", "treatment.decided_by"),
        ("mdt_plan", "mdt_plan", "plan.goals"),
        ("mdt_outcomes", "mdt_outcomes", "outcome.pain"),
    ],
)
def test_what_was_typed_and_refused_is_back_on_a_later_visit_until_it_is_thrown_away(
    form: str, shown_on: str, field: str
) -> None:
    case, client = listed(), signed_in("coordinator")
    more = ["rt_single_8gy"] if form == "decide_treatment" else []
    address, page_address = (
        reverse(form, args=[case.reference, *more]),
        reverse(shown_on, args=[case.reference, *more]),
    )
    typed = "77" if field == "outcome.pain" else "Half a sentence"
    assert client.post(address, {field: typed, "do": "sign"}).status_code == 422
    page = client.get(page_address).content.decode()
    assert re.search(rf'[>"]{typed}[<"]', page)
    assert re.search(r"You started this at \d\d:\d\d \w+ but did not send it\.", page)
    assert re.search(rf'<form method="post" action="{address}">.*name="throw_away"', page)
    page = client.post(address, {"throw_away": "yes"}, follow=True).content.decode()
    assert not re.search(rf'[>"]{typed}[<"]', page)
    assert "You started this" not in page
    assert "What you typed has been deleted" in page


def test_measures_open_the_list_behind_each_number_and_a_wrong_period_is_said() -> None:
    listed()
    lead = signed_in("lead")
    page = lead.get(reverse("governance")).content.decode()
    addresses = {a.replace("&amp;", "&") for a in re.findall(r'href="(/governance/measures/[^"]+)"', page)}
    assert len(addresses) >= 42  # seven measures, two ways, three lists
    assert all(lead.get(address).status_code == 200 for address in addresses)
    assert lead.get(reverse("governance"), {"from": "2026-13-01"}).status_code == 422
    assert lead.get(reverse("measure", args=["1"])).status_code == 404
    assert lead.get(reverse("measure", args=["3"]), {"part": "x"}).status_code == 404
    assert signed_in("coordinator").get(reverse("governance")).status_code == 403
