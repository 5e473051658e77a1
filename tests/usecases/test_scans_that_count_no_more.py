"""A scan had covered the spine and then counts no more: the promise of a scan runs, as if it had never been."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from referrals.case.models import Referral
from referrals.usecases.complete_findings import complete_findings
from tests.builders import ALL_NO, NOON, PRESENTATIONS, act_by, clock, report, running, scan, submitted

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NO_CANCER_KNOWN = {**PRESENTATIONS["pain_only"], "cancer_context": "none_known"}


def answer(case: Referral, hours: int, **answers: Any) -> None:
    """What the coordinator is told on the telephone."""
    complete_findings(
        case.reference, answers, source="telephone", act=act_by("coordinator", NOON + hours * HOUR)
    )


def by_another_answer(case: Referral) -> None:
    answer(case, 2, whole_spine_imaged="no")


def by_a_newer_scan_of_a_part(case: Referral) -> None:
    scan(case, at=NOON + 2 * HOUR, regions=["lumbar"])


@pytest.mark.parametrize("presentation", ["weakness", "pain_only"])
@pytest.mark.parametrize("overtake", [by_another_answer, by_a_newer_scan_of_a_part])
def test_an_older_scan_that_was_let_count_and_counts_no_more(
    presentation: str, overtake: Callable[[Referral], None]
) -> None:
    case = submitted(presentation)
    first = clock(case, "mri")
    answer(case, 1, whole_spine_imaged="yes")
    assert "mri" not in running(case)
    overtake(case)
    assert "mri" in running(case)
    again = clock(case, "mri")
    assert (again.started_at, again.due_at) == (first.started_at, first.due_at)


@pytest.mark.parametrize(
    ("result", "hours"), [("mscc", 24), ("metastases_no_compression", 168)], ids=["emergency", "one_week"]
)
def test_a_scan_that_raised_the_case_and_then_could_not_be_read(result: str, hours: float) -> None:
    """It came before there was a promise of a scan: now there has to be one."""
    case = submitted({**NO_CANCER_KNOWN, "neurology": ALL_NO})
    scan(case, at=NOON + HOUR)
    report(
        case, "mri_reported", at=NOON + 2 * HOUR, result=result, status="provisional", regions=["thoracic"]
    )
    assert "mri" not in running(case)
    report(
        case,
        "mri_reported",
        at=NOON + 3 * HOUR,
        result="non_diagnostic",
        status="final",
        regions=["cervical"],
    )
    assert "mri" in running(case)
    assert clock(case, "mri").limit_hours == hours


def test_a_scan_of_less_than_its_report_had_said() -> None:
    """The report came first and named the whole spine; the scan that comes late is of a part."""
    case = submitted({**NO_CANCER_KNOWN, "neurology": ALL_NO})
    found = {"result": "mscc", "scan": "ACC-1", "regions": ["cervical", "thoracic", "lumbar"]}
    report(case, "mri_reported", at=NOON + 2 * HOUR, status="provisional", **found)
    assert "mri" not in running(case)
    scan(case, at=NOON + HOUR, recorded_at=NOON + 3 * HOUR, regions=["lumbar"], scan="ACC-1")
    assert "mri" in running(case)


class TestAScanThatWaitsForItsReport:
    def test_waits_no_longer_than_an_emergency_may_once_the_case_is_one(self) -> None:
        """Whichever of scan and neurology is told first, the report is due alike."""
        seen: dict[str, Any] = {"neurology": {"limb_weakness": "yes"}}
        first, later = (submitted("pain_only") for _ in range(2))
        scan(first, at=NOON + HOUR)
        report(first, "neurology_changed", at=NOON + 90 * MINUTE, **seen)
        report(later, "neurology_changed", at=NOON + 90 * MINUTE, **seen)
        scan(later, at=NOON + HOUR, recorded_at=NOON + 2 * HOUR)
        due = [clock(case, "mri_report") for case in (first, later)]
        assert [(one.started_at, one.limit_hours, one.stopped_at) for one in due] == [
            (NOON + HOUR, 1, None),
            (NOON + HOUR, 1, None),
        ]

    def test_was_not_late_when_it_is_the_report_that_makes_the_emergency(self) -> None:
        case = submitted("pain_only")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 4 * HOUR, result="mscc", status="final")
        first_report = clock(case, "mri_report")
        assert (first_report.limit_hours, first_report.stopped_because) == (24, "met")

    def test_is_met_by_it_and_waits_again_when_it_is_withdrawn(self) -> None:
        case = submitted("pain_only")
        scan(case, at=NOON + HOUR)
        report(case, "neurology_changed", at=NOON + 90 * MINUTE, neurology={"limb_weakness": "yes"})
        report(case, "mri_reported", at=NOON + 100 * MINUTE, result="mscc", status="final", report="R-1")
        assert (clock(case, "mri_report", limit=1).stopped_because, "mri_report" in running(case)) == (
            "met",
            False,
        )
        assert clock(case, "mri_report", limit=24).stopped_because == "superseded"
        report(case, "mri_reported", at=NOON + 110 * MINUTE, status="withdrawn", report="R-1")
        assert clock(case, "mri_report").limit_hours == 1
        assert "mri_report" in running(case)
