"""What letters say: drawn from the patient, printed in full or said where not, and verified at an address."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from kernel.time import now, rfc3339
from referrals.case.models import Letter, Referral
from referrals.correspondence.language import language_line
from referrals.correspondence.letters import pdf_of
from referrals.usecases.accept_patient import accept_patient
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.record_details import record_details
from tests.builders import act_by, actor, report, scan, set_the_scene, triaged
from tests.doors.forms import every_view, signed_in

pytestmark = pytest.mark.django_db
# Turkish, Yoruba, Vietnamese, Polish, Akan, Hawaiian, Azeri, Irish, Greek, Ukrainian, Arabic, Chinese, Punjabi.
NAMES = (
    "Şükrü",
    "Adébáyọ̀",
    "Nguyễn",
    "Łukasz",
    "Ɛsi",
    "Kaʻahumanu",
    "Əliyev",
    "Súilleabháin",
    "Παπαδόπουλος",
    "Ґанна",
    "محمد",
    "王小明",
    "ਗੁਰਪ੍ਰੀਤ",
)
NOT_HERE = ("王小明", "ਗੁਰਪ੍ਰੀਤ")  # no font here has them


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def issued(case: Referral, kind: str, *, recipient: str = "Dr Anand", text: str = "") -> Letter:
    return issue_letter(
        case.reference, kind, recipient=recipient, text=text, act=act_by("coordinator", now())
    )


def printed(letter: Letter) -> str:
    return " ".join(
        "".join(f"{page.extract_text()}\n" for page in PdfReader(BytesIO(pdf_of(letter))).pages).split()
    )


def known(**changes: Any) -> Referral:
    """A case of which much is known."""
    at = now()
    case = triaged("unstable", at=at - timedelta(hours=3), patient__family_name="Marlowe", **changes)
    scan(case, at=at - timedelta(hours=2))
    report(
        case, "mri_reported", at=at - timedelta(hours=1), result="mscc", regions=["thoracic"], status="final"
    )
    report(case, "dexamethasone_given", at=at - timedelta(hours=1), dose_mg=16, route="oral")
    report(
        case,
        "neurology_changed",
        at=at - timedelta(minutes=40),
        worse=["gait_disturbance"],
        walking_now="no_power",
    )
    report(case, "decision_to_treat", at=at, modality="radiotherapy")
    told = {
        "record.mri_pacemaker": "yes",
        "clinical.anticoagulant": "Apixaban 5 mg",
        "clinical.resuscitation_and_wishes": "For resuscitation; wants surgery if offered",
    }
    record_details(case.reference, told, act=act_by("coordinator", at))
    accept_patient(
        case.reference,
        accepted_by="Mr Price, consultant spinal surgeon, Southmoor",
        accepted_at=at,
        by=actor("coordinator"),
        at=at,
    )
    return case


def test_the_transfer_letter_is_drawn_from_the_patient() -> None:
    said = printed(issued(known(), "transfer", recipient="Mr Price, Southmoor"))
    for fact in (
        "THE SPINE MAY BE UNSTABLE",
        "Accepted by Mr Price, consultant spinal surgeon, Southmoor",
        "WORSE: ",
        "walking now: no power",
        "Thoracic: cord or cauda equina compression (MSCC), final report",
        "Cervical: scanned ",
        "Dexamethasone given",
        "16 mg oral",
        "Pacemaker or defibrillator: yes",
        "Nobody has asked about: aneurysm or other clips",
        "Anticoagulant: Apixaban 5 mg",
        "For resuscitation",
        "Sister Grace Okoro, MSCC coordinator",
        reverse("verify_letter"),
    ):
        assert fact in said
    assert "What the guideline advises" not in said


def test_what_nobody_asked_is_said_on_the_transfer_letter_and_never_reassures() -> None:
    said = printed(issued(triaged("cauda_equina", at=now()), "transfer"))
    assert "Nobody has assessed whether the spine is stable: handle it as unstable" in said
    assert "NOBODY HAS ACCEPTED THE PATIENT YET" in said
    assert "Anticoagulant: nothing is recorded: ask" in said
    assert "Resuscitation status: nothing is recorded: ask" in said


def test_the_copy_for_the_gp_says_what_is_the_matter_and_what_to_watch_for() -> None:
    said = printed(issued(known(), "gp", recipient="Dr Priya Anand, Elm Surgery"))
    for fact in (
        "Diagnosis",
        "Cord or cauda equina compression (MSCC) (final report)",
        "Primary cancer: breast",
        "radiotherapy.",
        "Dexamethasone",
        "trouble passing urine",
    ):
        assert fact in said
    assert "01632 960101" not in said, "nobody is told to ring themselves"


def test_the_sheet_for_the_crew_begins_with_an_unstable_spine() -> None:
    said = printed(issued(known(), "crew", recipient="Ambulance crew"))
    assert said.index("THE SPINE MAY BE UNSTABLE") < said.index("MARLOWE")
    assert "The referrer, Dr Priya Anand: 01632 960101" in said


def test_P21_every_name_is_printed_or_the_letter_says_that_it_is_not() -> None:
    case = triaged("weakness", at=now())
    together = printed(issued(case, "advice", text=", ".join(NAMES)))
    for name in NAMES[:10]:
        assert name in together
    assert "Some of the text cannot be printed in full" in together
    for name in NAMES:
        one = triaged("weakness", at=now(), patient__family_name=name, patient__given_name="")
        letter = issued(one, "advice")
        unprinted = letter.content["unprinted"]
        assert unprinted == (
            f"The name cannot be printed in full: {name.upper()}" if name in NOT_HERE else ""
        )
        assert PdfReader(BytesIO(pdf_of(letter))).trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]  # tagged
        assert ("The name cannot be printed in full" in printed(letter)) == (name in NOT_HERE)


def test_P21_it_is_said_when_the_letter_is_issued() -> None:
    case = triaged("weakness", at=now(), patient__family_name="王小明")
    sent = {
        "kind": "advice",
        "recipient": "Dr Anand",
        "text": "",
        "page": reverse("case", args=[case.reference]),
    }
    shown = signed_in("coordinator").post(reverse("act", args=[case.reference, "letter"]), sent, follow=True)
    assert "The name cannot be printed in full: 王小明" in shown.content.decode()


def test_D22_the_language_stands_on_the_summary_the_letter_and_the_sheet_which_exists_in_welsh() -> None:
    case = triaged("weakness", at=now(), patient__preferred_language="cy", patient__interpreter_needed=True)
    browser = signed_in("gp")
    assert language_line(case.patient) == "Preferred language: Welsh. An interpreter is needed"
    summary = browser.get(reverse("referral_summary", args=[case.reference])).content.decode()
    assert "Preferred language: Welsh. An interpreter is needed." in summary
    for kind in ("advice", "transfer", "gp", "crew"):
        assert "Welsh. An interpreter is needed" in printed(issued(case, kind))
    address = reverse("patient_sheet", args=[case.reference])
    welsh, english = (
        browser.get(address, {"language": code} if code else {}).content.decode() for code in ("", "en")
    )
    for words in (
        "Ffoniwch 01632 960999, ddydd neu nos",
        "Nid yw’r cyfieithiad hwn wedi’i gadarnhau eto",
        "Translation not yet confirmed by a qualified translator",
        'lang="cy"',
    ):
        assert words in welsh
    assert "Ring 01632 960999, day or night" in english
    polish = triaged("weakness", at=now(), patient__preferred_language="pl")
    shown = browser.get(reverse("patient_sheet", args=[polish.reference])).content.decode()
    assert "Preferred language: Polish. There is a sheet in English and in Welsh only" in shown


def test_no_page_and_no_letter_offers_the_steroid_of_the_wait_once_treatment_has_begun() -> None:
    """It is for the time until surgery or radiotherapy (NG234 1.8.1); then it comes down and stops (1.8.4)."""
    begun = now() - timedelta(days=4)
    case = triaged("weakness", at=begun, by="ward", clinician_suspected_at=rfc3339(begun))
    coordinator, ward = signed_in("coordinator"), signed_in("ward")

    def said() -> str:
        referral = ward.get(reverse("referral", args=[case.reference])).content.decode()
        return every_view(coordinator, case) + referral + printed(issued(case, "advice"))

    scan(case, at=begun + timedelta(hours=1))
    report(case, "dexamethasone_given", at=begun + timedelta(hours=2), dose_mg=16)
    assert "Go on with dexamethasone 16 mg a day" in said()
    report(case, "radiotherapy_started", at=begun + timedelta(hours=9))
    assert "Go on with dexamethasone 16 mg a day" not in said()
    assert "Reduce dexamethasone step by step" in said()
    report(case, "dexamethasone_stopped", at=begun + timedelta(days=3))
    for words in ("Offer a first dose of dexamethasone", "If dexamethasone is not given, record why"):
        assert words not in said()
    report(case, "neurology_changed", at=begun + timedelta(days=3, hours=1), worse=["limb_weakness"])
    assert "Offer a first dose of dexamethasone" in said()
