"""The case page and its forms, as a browser without JavaScript sends them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from demo.patients import NEUROLOGY
from kernel.time import LONDON, in_words, now, rfc3339
from ledger.kinds import Kind
from ledger.read import of_case
from referrals.case.access_log import record_view
from referrals.case.models import Contact, Disposition, Event, Review, SharedWith, TriageDecision
from referrals.case.reads import find_as_it_stands
from referrals.case.timeline import timeline
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.record_details import record_details
from referrals.usecases.send_message import send_message
from referrals.web.referrer.receipt import sent_referral
from tests.builders import act_by, actor, again, clock, report, running, set_the_scene, submitted
from tests.doors.forms import every_view, prefilled, signed_in, state_purpose
from tests.doors.forms import send_act as send
from tests.doors.markup import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Client:
    set_the_scene(at=now())
    return signed_in("coordinator")


def acknowledged(kind: str = "weakness", **changes: Any):
    case = submitted(kind, at=now(), **changes)
    return acknowledge_referral(case.reference, act=act_by("coordinator", now()))


def when(at: Any, name: str = "occurred_at") -> dict[str, str]:
    wall = at.astimezone(LONDON)
    return {
        f"{name}__day": str(wall.day),
        f"{name}__month": str(wall.month),
        f"{name}__year": str(wall.year),
        f"{name}__time": f"{wall:%H:%M}",
    }


def test_the_suggestion_is_taken_in_one_action(coordinator: Client) -> None:
    case = acknowledged("weakness")
    answer = send(coordinator, case, "triage")
    assert "The decision is recorded" in answer.content.decode()
    made = TriageDecision.objects.get()
    assert made.stream == "emergency"
    assert made.investigations == ["mri_whole_spine"]
    assert made.investigations_urgency == "within_24_hours"
    assert made.advice == {
        "pain": "given",
        "spinal_stability": "not_applicable",
        "immobilisation": "given",
        "dexamethasone": "given",
        "transfer": "given",
    }


def test_ct_is_prefilled_where_mri_is_contraindicated(coordinator: Client) -> None:
    send(coordinator, acknowledged("pacemaker"), "triage")
    assert TriageDecision.objects.get().investigations == ["ct_whole_spine"]


def test_an_override_without_a_reason_comes_back_with_everything_typed(coordinator: Client) -> None:
    case = acknowledged("weakness")
    answer = send(coordinator, case, "triage", stream="one_week", override_text="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert "Error:" in page.split("</title>")[0]
    assert re.search(r'value="one_week"[^>]* selected', page)
    assert 'href="#triage-override-code"' in page
    assert not TriageDecision.objects.exists()


def test_a_deviation_asks_for_its_reason_in_a_field_of_its_own(coordinator: Client) -> None:
    case = acknowledged("weakness")
    answer = send(coordinator, case, "triage", advice__dexamethasone="declined")
    assert 'name="deviations.dexamethasone"' in answer.content.decode()
    send(
        coordinator,
        case,
        "triage",
        advice__dexamethasone="declined",
        deviations__dexamethasone="Refuses steroids",
    )
    assert "Refuses steroids" in TriageDecision.objects.get().note.text


def test_a_provisional_case_opens_on_its_unanswered_questions(coordinator: Client) -> None:
    case = acknowledged("not_examined")
    page = coordinator.get(reverse("case", args=[case.reference])).content.decode()
    assert 'data-act-form="findings"' in page  # due, and open on the case itself
    inputs = read(page).one("form", data_act_form="findings").all("input")
    names = {one.get("name").removeprefix("presentation.") for one in inputs}
    asked = {name for name in names if name.startswith("neurology.")}
    assert asked == {"neurology.limb_weakness", "neurology.cord_or_cauda_equina_signs"}
    fields = {f"presentation__{path.replace('.', '__')}": "no" for path in asked}
    answer = send(coordinator, case, "findings", source="telephone", **fields)
    assert "the guideline advice is updated" in answer.content.decode()
    assert again(case).suggested_stream == "one_week"
    answer = send(coordinator, case, "triage")
    assert again(case).stream == "one_week"
    page = coordinator.get(reverse("case_treatment", args=[case.reference])).content.decode()
    assert "A second clinician has not reviewed it yet" in page


def test_before_anybody_decided_the_form_takes_the_suggestion_acknowledged_or_not(
    coordinator: Client,
) -> None:
    case = submitted("not_examined", at=now())
    answers = {f"presentation__neurology__{name}": "no" for name in NEUROLOGY}
    send(coordinator, case, "findings", source="telephone", **answers)
    assert (again(case).status, again(case).stream) == ("submitted", "emergency")
    send(coordinator, case, "triage")
    assert TriageDecision.objects.get().stream == "one_week"


def test_the_state_at_referral_is_as_it_was_sent_in_words(coordinator: Client) -> None:
    lying_since = now() - timedelta(hours=2)
    case = submitted(
        "weakness",
        at=now(),
        clinical__walking_now="unaided",
        clinical__immobilised_since=rfc3339(lying_since),
    )
    record_details(case.reference, {"clinical.walking_now": "no_power"}, act=act_by("coordinator", now()))
    page = coordinator.get(reverse("case_record", args=[case.reference])).content.decode()
    sent, since = page.split("State at referral")[1].split("Recorded since")
    assert "Walks unaided" in sent
    assert "No power" not in sent
    assert in_words(lying_since) in sent
    assert "No power" in since.split("Times")[0]


def test_what_was_sent_has_no_suspicion_that_came_later(coordinator: Client) -> None:
    case = submitted("pain_only", at=now() - timedelta(hours=3))
    report(case, "neurology_changed", at=now() - timedelta(hours=1), worse=["limb_weakness"])
    assert again(case).mscc_suspected_at is not None
    assert "MSCC suspected" not in dict(sent_referral(again(case)).people)


def test_a_second_clinician_reviews_on_the_same_page(coordinator: Client) -> None:
    case = acknowledged("not_examined")
    answers = {f"presentation__neurology__{name}": "no" for name in NEUROLOGY}
    send(coordinator, case, "findings", source="telephone", **answers)
    send(coordinator, case, "triage")
    own = send(coordinator, case, "review", agreed="yes")
    assert "A second clinician reviews this decision" in own.content.decode()
    consultant = signed_in("consultant")
    assert "Second review" in consultant.get(reverse("worklist")).content.decode()
    send(consultant, case, "review", agreed="no", text="Examine again")
    assert Review.objects.get().agreed is False


def test_a_finding_can_be_corrected(coordinator: Client) -> None:
    case = acknowledged("weakness")
    send(
        coordinator,
        case,
        "corrections",
        source="examined_by_me",
        presentation__saddle_or_sphincter_signs="yes",
    )
    case = again(case)
    assert case.presentation["saddle_or_sphincter_signs"] == "yes"
    assert case.presentation["neurology"]["limb_weakness"] == "yes"
    changed = Event.objects.get(kind="findings_completed").data
    assert changed == {"saddle_or_sphincter_signs": "yes"}


def test_the_disposition_is_checked_and_shown_to_the_referrer(coordinator: Client) -> None:
    case = acknowledged("weakness")
    answer = send(coordinator, case, "disposition", kind="ambulance")
    page = answer.content.decode()
    for words in ("Say which hospital", "Choose the ambulance category", "position for travel"):
        assert words in page
    send(
        coordinator,
        case,
        "disposition",
        kind="ambulance",
        site="Northmoor <b>",
        ambulance_category="category_1",
        position="flat",
    )
    assert Disposition.objects.count() == 1
    page = signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode()
    assert "go by ambulance" in page
    assert "Category 1 (life-threatening)" in page
    assert "Lying flat" in page
    assert "Northmoor &lt;b&gt;" in page


def test_a_call_is_logged_with_its_own_time(coordinator: Client) -> None:
    case = acknowledged("weakness")
    earlier = now() - timedelta(minutes=3)
    send(coordinator, case, "contact", outcome="spoke", text="Line one\r\nline two", **when(earlier))
    row = Contact.objects.get()
    assert row.person == "Dr Priya Anand"
    assert row.occurred_at == earlier.replace(second=0, microsecond=0)
    assert row.note.text == "Line one\nline two"
    assert "voice_contact" not in running(case)


def test_a_call_in_the_future_or_without_an_outcome_is_refused(coordinator: Client) -> None:
    case = acknowledged("weakness")
    answer = send(coordinator, case, "contact", **when(now() + timedelta(hours=1)))
    page = answer.content.decode()
    assert "This is in the future" in page
    assert "Say what came of it" in page
    assert not Contact.objects.exists()


def test_the_scan_is_recorded_step_by_step(coordinator: Client) -> None:
    case = acknowledged("weakness")
    send(coordinator, case, "triage")
    send(coordinator, case, "mri_requested", site="Northmoor")
    send(coordinator, case, "mri_booked", site="Northmoor", **when(now() + timedelta(hours=2), "booked_for"))
    assert clock(case, "mri").booked_at is not None
    answer = send(coordinator, case, "mri_performed")
    assert "List at least one of" in answer.content.decode()
    send(coordinator, case, "mri_performed", regions=["lumbar", "sacral"])
    assert "mri" in running(case)
    send(coordinator, case, "mri_performed", regions=["cervical", "thoracic"])
    assert clock(case, "mri").stopped_because == "met"
    every = ["cervical", "thoracic", "lumbar", "sacral"]
    send(coordinator, case, "mri_reported", result="no_malignant_disease", regions=every)
    assert again(case).presentation["imaging_finding"] == "none"  # a provisional report rules nothing out
    assert again(case).presentation["imaging_report"] == "provisional"
    send(coordinator, case, "mri_reported", result="no_malignant_disease", regions=every, status="final")
    assert again(case).presentation["imaging_finding"] == "no_malignant_disease"
    assert again(case).presentation["imaging_report"] == "final"
    assert Event.objects.filter(referral=case).count() == 6


def test_a_report_of_one_of_two_scans_says_which_or_makes_nothing_clean(coordinator: Client) -> None:
    case = acknowledged("weakness")
    for regions in (["cervical", "thoracic"], ["lumbar"]):
        send(coordinator, case, "mri_performed", regions=regions)
    answer = send(coordinator, case, "mri_reported", result="no_malignant_disease", status="final")
    assert "It is not known which regions this report is about" in answer.content.decode()
    assert again(case).presentation["imaging_finding"] == "none"
    for regions in (["cervical", "thoracic"], ["lumbar"]):
        send(
            coordinator, case, "mri_reported", result="no_malignant_disease", status="final", regions=regions
        )
    assert again(case).presentation["imaging_finding"] == "no_malignant_disease"


def test_a_cancelled_booking_can_be_said(coordinator: Client) -> None:
    case = acknowledged("weakness")
    send(coordinator, case, "mri_booked", site="Northmoor", **when(now() + timedelta(hours=2), "booked_for"))
    assert clock(case, "mri").booked_at is not None
    send(coordinator, case, "mri_cancelled", reason="Scanner broken")
    assert clock(case, "mri").booked_at is None


def test_a_clean_spine_of_the_week_stream_offers_to_end_its_clocks(coordinator: Client) -> None:
    case = acknowledged("pain_only")
    send(coordinator, case, "triage")
    send(coordinator, case, "mri_performed", regions=["cervical", "thoracic", "lumbar"])
    page = send(coordinator, case, "mri_reported", result="no_malignant_disease").content.decode()
    assert "End them: not needed" not in page
    page = send(
        coordinator, case, "mri_reported", result="no_malignant_disease", status="final"
    ).content.decode()
    assert "End them: not needed" in page
    page = coordinator.get(reverse("case_scans", args=[case.reference])).content.decode()
    assert "You can end these clocks as not needed: treatment plan." in page
    coordinator.post(reverse("act", args=[case.reference, "end-clocks"]))
    assert clock(case, "treatment_plan").stopped_because == "not_needed"


def test_worse_neurology_pages_again(coordinator: Client) -> None:
    case = acknowledged("pain_only")
    assert "acknowledge" not in running(case)
    send(coordinator, case, "deterioration", worse=["limb_weakness"])
    assert again(case).stream == "emergency"
    assert {"acknowledge", "voice_contact", "mri"} <= running(case)


def test_other_events(coordinator: Client) -> None:
    case = acknowledged("weakness")
    send(coordinator, case, "event", kind="dexamethasone_given", dose_mg="16")
    assert Event.objects.get().data == {"dose_mg": 16.0}
    assert "Choose one of" in send(coordinator, case, "event", kind="").content.decode()
    assert (
        "Choose the modality" in send(coordinator, case, "event", kind="decision_to_treat").content.decode()
    )


def test_one_step_to_redirect(coordinator: Client) -> None:
    case = acknowledged("no_cancer")
    send(coordinator, case, "redirect", route="musculoskeletal", text="Mechanical for years")
    assert again(case).outcome == "redirected_musculoskeletal"
    page = signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode()
    assert "musculoskeletal" in page.lower()


def test_ending_and_opening_again(coordinator: Client) -> None:
    case = acknowledged("no_cancer")
    send(coordinator, case, "triage")
    send(coordinator, case, "close", outcome="advice_only")
    assert again(case).status == "closed"
    page = coordinator.get(reverse("act", args=[case.reference, "close"])).content.decode()
    assert 'data-act-form="close"' not in page
    assert "You cannot close now" in page
    send(coordinator, case, "reopen", text="Rang again")
    assert again(case).status == "in_progress"
    send(coordinator, case, "error", text="Test patient")
    assert again(case).status == "entered_in_error"


def test_another_organisation_is_let_in(coordinator: Client) -> None:
    case = acknowledged("weakness")
    assert "1 to 9 letters" in send(coordinator, case, "share", organisation="??").content.decode()
    send(coordinator, case, "share", organisation="rxx01")
    assert SharedWith.objects.get().organisation == "RXX01"
    assert signed_in("ward").get(reverse("referral", args=[case.reference])).status_code == 200


def test_an_unclaimed_case_says_with_whom_it_is_and_news_say_from_whom_they_are(coordinator: Client) -> None:
    case = acknowledged("weakness", location__organisation_ods="RXX01")
    duty = f"{actor('coordinator').name}, coordinator on duty"
    report(case, "mri_requested", at=now(), by="client")
    page = coordinator.get(reverse("case", args=[case.reference])).content.decode()
    assert f"Nobody has claimed it, so it is with {duty}" in page
    assert "New from a hospital system" in page
    report(case, "neurology_changed", at=now(), by="gp", neurology={"gait_disturbance": "yes"})
    assert "New from the referrer" in coordinator.get(reverse("case", args=[case.reference])).content.decode()


def test_the_newest_news_come_first_and_earlier_ones_are_folded(coordinator: Client) -> None:
    case = acknowledged("weakness", location__organisation_ods="RXX01")
    for kind in ("mri_requested", "admitted"):
        report(case, kind, at=now(), by="client")
    for finding in ("sensory_disturbance", "gait_disturbance"):
        report(case, "neurology_changed", at=now(), by="gp", neurology={finding: "yes"})
    page = read(coordinator.get(reverse("case", args=[case.reference])).content.decode())
    news = page.one(class_="alarm--news")
    folded = news.one("details")
    lines = [line.words for line in news.all("li", class_="kept-lines")]
    assert len(lines) == 4
    assert [line.words for line in folded.all("li")] == lines[2:]
    in_order = ("nsteady", "umbness", "Admitted", "MRI requested")
    assert all(words in line for words, line in zip(in_order, lines, strict=True)), lines
    assert folded.one("summary").words == "2 earlier"


def test_an_old_page_is_refused_and_says_what_to_do(coordinator: Client) -> None:
    case = acknowledged("weakness")
    page = coordinator.get(reverse("case", args=[case.reference])).content.decode()
    sent = prefilled(page, "triage")  # taken as it stands, on the case itself
    send(signed_in("registrar"), case, "triage")
    answer = coordinator.post(reverse("act", args=[case.reference, "triage"]), sent, follow=True)
    assert "Somebody else has changed this case since you opened it" in answer.content.decode()
    assert TriageDecision.objects.count() == 1


def test_a_case_is_read_with_the_number_of_its_newest_act_and_no_view_counts() -> None:
    set_the_scene(at=now())
    case, by, at = submitted("weakness", at=now()), actor("coordinator"), now()
    first = find_as_it_stands(case.reference, by=by, at=at).last_act
    record_view(case, by=by, at=at)
    assert find_as_it_stands(case.reference, by=by, at=at).last_act == first
    send_message(case.reference, "Is she walking?", act=act_by(by, at))
    newest = max(line.number for line in of_case(case.pk))
    assert find_as_it_stands(case.reference, by=by, at=at).last_act == newest > first


def test_a_case_runs_a_constant_number_of_queries(
    coordinator: Client, django_assert_max_num_queries: Any
) -> None:
    case = acknowledged("weakness")
    address = reverse("case", args=[case.reference])
    coordinator.get(address)
    with django_assert_max_num_queries(14):
        coordinator.get(address)
    for _ in range(6):
        send(coordinator, case, "contact", outcome="no_answer", text="Again")
        send(coordinator, case, "mri_requested", site="Northmoor")
    with django_assert_max_num_queries(14):
        coordinator.get(address)


def test_the_lead_reads_and_cannot_act(coordinator: Client) -> None:
    case = submitted("weakness", at=now())
    lead, address = signed_in("lead"), reverse("case", args=[case.reference])
    assert reverse("purpose") in lead.get(address)["Location"]
    state_purpose(lead, case)
    page = lead.get(address).content.decode()
    assert "data-act-form" not in page
    assert "Everything else" not in page
    assert signed_in("lead").get(reverse("act", args=[case.reference, "triage"])).status_code == 403


def person_of(case: Any, **changes: str) -> dict[str, str]:
    """Who a case is about, as a second referral would name them."""
    person = case.patient
    known = {
        "nhs_number": person.nhs_number,
        "family_name": person.family_name,
        "given_name": person.given_name,
        "date_of_birth": str(person.date_of_birth),
        "sex": person.sex,
    }
    return {f"patient__{name}": value for name, value in (known | changes).items()}


def test_the_same_person_is_pointed_out(coordinator: Client) -> None:
    first = acknowledged("weakness")
    second = submitted("pain_only", at=now(), **person_of(first))
    page = coordinator.get(reverse("case", args=[second.reference])).content.decode()
    assert "also referred as" in page
    assert "Findings in another referral do not count here until the two are merged" in page
    assert first.reference in page
    assert "Same NHS number" not in page


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"given_name": "Wilhelmina"}, "The family name agrees and the given name differs"),
        ({"family_name": "Quartermain", "given_name": "Wilhelmina"}, "The names differ."),
        ({"date_of_birth": "1931-01-30"}, "The dates of birth differ."),
    ],
)
def test_somebody_elses_number_is_an_alarm_and_not_the_same_person(
    coordinator: Client, changes: dict[str, str], why: str
) -> None:
    first = acknowledged("weakness")
    second = submitted("pain_only", at=now(), **person_of(first, **changes))
    page = coordinator.get(reverse("case", args=[second.reference])).content.decode()
    assert "Same NHS number, perhaps another person" in page
    assert "also referred as" not in page
    alarm = page.split("Same NHS number, perhaps another person")[1].split("</section>")[0]
    link = f'<a href="{reverse("case", args=[first.reference])}">{first.reference}</a>'
    assert f"{link}: {first.patient.name}" in alarm
    assert why in alarm


def test_a_report_of_death_is_shown_first_and_can_be_struck_out(coordinator: Client) -> None:
    case = acknowledged("weakness")
    report(case, "died", at=now())
    page = coordinator.get(reverse("case", args=[case.reference])).content.decode()
    assert "A death was reported" in page
    assert "Death reported" in coordinator.get(reverse("worklist")).content.decode()
    send(coordinator, case, "alive", text="Another patient")
    assert "mri" in running(case)
    assert (
        "A death was reported" not in coordinator.get(reverse("case", args=[case.reference])).content.decode()
    )


def test_an_act_has_a_page_of_its_own_with_the_patient_on_it(coordinator: Client) -> None:
    case = acknowledged("weakness")
    page = coordinator.get(reverse("act", args=[case.reference, "triage"])).content.decode()
    assert case.patient.name in page
    assert 'data-act-form="triage"' in page
    assert coordinator.get(reverse("act", args=[case.reference, "nothing"])).status_code == 404


def test_a_booking_needs_its_time(coordinator: Client) -> None:
    case = acknowledged("weakness")
    page = send(coordinator, case, "mri_booked", site="Northmoor").content.decode()
    assert "Enter when the scan is booked for" in page
    assert clock(case, "mri").booked_at is None


def test_a_plan_agreed_stops_its_clock(coordinator: Client) -> None:
    case = acknowledged("pain_only")
    send(coordinator, case, "triage")
    answer = send(coordinator, case, "promise", kind="treatment_plan")
    assert "Enter who did it" in answer.content.decode()
    send(
        coordinator,
        case,
        "promise",
        kind="treatment_plan",
        done_by="Dr Moss, oncologist",
        text="Radiotherapy next week",
    )
    assert clock(case, "treatment_plan").stopped_because == "met"
    assert "Dr Moss, oncologist: Radiotherapy next week" in every_view(coordinator, case)


def test_every_page_of_a_coordinator_says_when_clocks_stand_still(coordinator: Client) -> None:
    from oncall.sweep import sweep

    case = acknowledged("weakness")
    addresses = [
        reverse("case", args=[case.reference]),
        reverse("worklist"),
        reverse("inbox"),
        reverse("new_referral"),
    ]
    for address in addresses:
        assert coordinator.get(address).content.decode().count("Clocks are not being watched") == 1, address
    sweep(at=now())
    for address in addresses:
        assert "Clocks are not being watched" not in coordinator.get(address).content.decode(), address


def test_the_timeline_says_what_was_told_of_neurology_and_of_the_spine(coordinator: Client) -> None:
    case = acknowledged("weakness")
    send(
        coordinator,
        case,
        "deterioration",
        worse=["limb_weakness", "saddle_or_sphincter_signs"],
        walking_now="no_power",
        instability_signs="yes",
    )
    send(coordinator, case, "mri_reported", result="mscc", regions=["thoracic"])
    lines = {one.kind: "; ".join(one.details) for one in timeline(again(case))}
    worse = next(one.what for one in timeline(again(case)) if one.what.startswith("Neurology worse: "))
    assert "weakness of an arm or leg; saddle numbness" in worse
    assert "the spine is unstable: yes; walking: no power" in next(
        "; ".join(one.details).lower() for one in timeline(again(case)) if one.what == worse
    )
    assert "thoracic; metastatic spinal cord compression; provisional" in lines[Kind.EVENT_RECORDED]
    assert "imaging finding: " in lines[Kind.PICTURE_CHANGED]
    assert "thoracic: " in lines[Kind.PICTURE_CHANGED]


def test_a_call_with_the_family_is_on_the_case_and_stops_no_clock(coordinator: Client) -> None:
    case = acknowledged("weakness")
    before = running(case)
    assert "voice_contact" in before
    refused = send(coordinator, case, "relatives", outcome="spoke", person="Mrs Vane")
    assert "Select who it was" in refused.content.decode()
    assert not Contact.objects.exists()
    told = "Explained the scan tonight; she wants to be rung after it"
    answer = send(
        coordinator, case, "relatives", role="next_of_kin", person="Mrs Vane", outcome="spoke", text=told
    )
    assert "The call is logged. No clock has stopped" in answer.content.decode()
    call = Contact.objects.get()
    assert (call.role, call.with_referrer, call.channel) == ("Next of kin", False, "telephone")
    assert running(case) == before
    page = coordinator.get(reverse("case", args=[case.reference])).content.decode()
    assert "Mrs Vane" in page
    assert told in page
    timeline = coordinator.get(reverse("case_timeline", args=[case.reference])).content.decode()
    assert "contact_logged" in timeline
    send(coordinator, case, "relatives", role="patient", outcome="no_answer")
    assert Contact.objects.latest("id").person == case.patient.name
