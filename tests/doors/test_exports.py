"""Figures as files: the same counts as on the page, no patient, and a line for each file."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from referrals.case.models import Referral
from tests.builders import body, report, submitted, triaged
from tests.doors.forms import signed_in
from tests.doors.markup import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
ADDRESS = "/governance/exports/"


def table(lead: Client, name: str, **period: str) -> list[dict[str, str]]:
    answer = lead.get(ADDRESS, {"file": name, **period})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="mscc-{name}-')
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def scanned_after_ten_hours() -> Referral:
    case = triaged("weakness", at=now() - timedelta(hours=30))
    regions = ["cervical", "thoracic", "lumbar"]
    at = case.submitted_at + timedelta(hours=10)
    report(case, "mri_performed", at=at, modality="mri", regions=regions)
    return case


def test_each_measure_in_the_file_is_as_on_the_page_and_names_nobody() -> None:
    scanned, waiting = scanned_after_ten_hours(), submitted("weakness", at=now() - timedelta(hours=2))
    lead = signed_in("lead")
    rows = table(lead, "measures")
    page = read(lead.get("/governance/").content.decode())
    lines = {row.get("data-measure"): row.words for row in page.all("tr") if row.get("data-measure")}
    assert {row["measure"] for row in rows} == set(lines)
    for row in rows:
        assert f"{row['literal_met']} of {row['literal_of']}" in lines[row["measure"]]
        assert f"{row['adjusted_met']} of {row['adjusted_of']}" in lines[row["measure"]]
        assert (f"{row['running']} still running" in lines[row["measure"]]) == (row["running"] != "0")
    of_day = next(row for row in rows if row["measure"] == "3")
    assert (of_day["literal_met"], of_day["literal_of"], of_day["running"]) == ("1", "1", "1")
    text = lead.get(ADDRESS, {"file": "measures"}).content.decode()
    assert not any(case.reference in text or case.patient.family_name in text for case in (scanned, waiting))


def test_the_stretches_are_in_hours_and_an_empty_period_has_empty_fields() -> None:
    case = scanned_after_ten_hours()
    lead = signed_in("lead")
    stretches = table(lead, "pathway")
    assert {
        row["stretch"]: (row["episodes"], row["median_hours"], row["within_24_hours"]) for row in stretches
    }["Referral to whole-spine scan"] == ("1", "10.00", "1")
    long_ago = table(lead, "pathway", **{"from": "2020-01-01", "to": "2020-03-31"})
    assert {(row["episodes"], row["median_hours"], row["longest_hours"]) for row in long_ago} == {
        ("0", "", "")
    }
    assert case.reference not in str(stretches)


def test_a_file_is_a_line_in_the_ledger_and_the_form_is_none() -> None:
    lead = signed_in("lead")
    assert lead.get(ADDRESS).status_code == 200
    assert entries(Search(kind=str(Kind.MEASURES_VIEWED))) == []
    table(lead, "measures", **{"from": "2026-01-01", "to": "2026-01-31"})
    (line,) = entries(Search(kind=str(Kind.MEASURES_VIEWED)))
    assert line.facts == {"from": "2026-01-01", "to": "2026-01-31", "part": "file measures"}


def test_a_wrong_period_is_refused_on_the_form_and_an_unknown_file_is_not_there() -> None:
    lead = signed_in("lead")
    refused = lead.get(ADDRESS, {"file": "measures", "from": "2026-02-01", "to": "2026-01-01"})
    assert refused.status_code == 422
    assert "The period ends before it begins" in refused.content.decode()
    assert lead.get(ADDRESS, {"file": "patients"}).status_code == 404


def test_a_period_with_an_end_alone_is_the_ninety_days_before_it() -> None:
    lead = signed_in("lead")
    assert lead.get(ADDRESS, {"file": "measures", "to": "2026-03-31"}).status_code == 200
    (line,) = entries(Search(kind=str(Kind.MEASURES_VIEWED)))
    assert (line.facts["from"], line.facts["to"]) == ("2025-12-31", "2026-03-31")


def test_the_figures_by_group_are_on_their_page_and_in_the_file() -> None:
    case = scanned_after_ten_hours()
    lead = signed_in("lead")
    page = read(lead.get("/governance/inequalities/").content.decode())
    sex = "Female" if case.patient.sex == "female" else "Male"
    (row,) = (row for row in page.all("tr") if row.words.startswith(f"{sex} "))
    assert row.words == f"{sex} 1 none 1 of 1 none too few"
    rows = table(lead, "inequalities")
    (of_sex,) = (row for row in rows if row["characteristic"] == "Sex")
    assert (of_sex["group"], of_sex["episodes"]) == (sex, "1")
    assert (of_sex["measure_3_met"], of_sex["measure_3_of"]) == ("1", "1")
    line = entries(Search(kind=str(Kind.MEASURES_VIEWED)), limit=1)[0]
    assert line.facts["part"] == "file inequalities"


def test_a_person_is_described_by_the_newest_referral_that_says_it() -> None:
    at = now() - timedelta(hours=30)
    person = body()["patient"]
    case = submitted("weakness", at=at, patient={**person, "sex": "unknown", "ethnic_category": "K"})
    later = {**person, "sex": "female", "ethnic_category": "99", "interpreter_needed": True}
    again_sent = submitted("weakness", at=at + timedelta(hours=1), patient=later)
    assert again_sent.episode_id == case.episode_id
    lead = signed_in("lead")
    rows = {(row["characteristic"], row["group"]): row["episodes"] for row in table(lead, "inequalities")}
    assert rows["Sex", "Female"] == "1"
    assert rows["Ethnic group", "Asian or Asian British"] == "1"
    assert rows["Help to communicate", "An interpreter or other help"] == "1"
    assert rows["First referred by", "GP"] == "1"
    empty = lead.get("/governance/inequalities/", {"from": "2020-01-01", "to": "2020-01-02"}).content.decode()
    assert "No episode began in this period" in empty
