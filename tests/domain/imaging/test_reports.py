"""Which scan and which regions a report speaks of, how sure it is, and what a withdrawal does."""

import itertools
import time
from typing import Any

import pytest

from tests.domain.imaging.spines import (
    CLEAN,
    MEANS,
    NON_DIAGNOSTIC,
    POSITIVE,
    SPINE,
    at,
    clean,
    performed,
    region,
    reported,
    scanned_at,
    seen,
    standing,
    states,
    taken_away,
    withdrawn,
)

# Rule 1: the regions of a report


def test_a_report_has_the_regions_it_names_whatever_its_scan_has() -> None:
    found = seen(performed(10, "CTL", "a"), reported(20, CLEAN, of="L", scan="a"))
    assert clean(found) == {"lumbar"}


def test_a_report_without_regions_has_those_of_its_scan() -> None:
    facts = (performed(10, "CT", "a"), performed(15, "L", "b"))
    assert clean(seen(*facts, reported(20, CLEAN, scan="a"))) == {"cervical", "thoracic"}
    assert clean(seen(*facts, reported(20, CLEAN, scan="b"))) == {"lumbar"}


def test_a_report_that_names_neither_is_of_the_one_scan_without_a_final_report() -> None:
    facts = (performed(10, "CT", "a"), performed(15, "L", "b"))
    for done, left in (("a", {"lumbar"}), ("b", {"cervical", "thoracic"})):
        found = seen(*facts, reported(20, "metastases_no_compression", scan=done), reported(30, CLEAN))
        assert (clean(found), found.unplaced) == (left, ())


def test_a_provisional_report_leaves_its_scan_open() -> None:
    facts = (performed(10, "CT", "a"), performed(15, "L", "b"))
    found = seen(*facts, reported(20, CLEAN, "provisional", scan="a"), reported(30, CLEAN))
    assert (found.unplaced, found.ruled_out) == ((4,), False)


def test_a_report_that_names_neither_is_of_the_only_scan() -> None:
    scan = performed(10, "CTL", "a")
    assert seen(scan, reported(20, CLEAN)).ruled_out
    again = seen(scan, reported(20, CLEAN, scan="a"), reported(30, "mscc"))
    assert (again.finding, standing(again)) == ("mscc", {("mscc", 3)})


def test_which_scan_was_open_is_told_by_true_times() -> None:
    first, report, second = performed(10, "CT"), reported(20, CLEAN), performed(30, "L")
    for order in itertools.permutations((first, report, second)):
        found = seen(*order)
        assert clean(found) == {"cervical", "thoracic"}
        assert found.unplaced == ()
        assert found.awaited == ("lumbar",)


def test_of_several_scans_of_a_region_the_oldest_not_finally_reported_is_meant() -> None:
    scans = (performed(10, "CTL"), performed(20, "CTL"))
    first = seen(*scans, reported(30, CLEAN, of="CTL"))
    assert (clean(first), first.ruled_out) == (set(), False)
    second = seen(*scans, reported(30, CLEAN, of="CTL"), reported(40, CLEAN, of="CTL"))
    assert (clean(second), second.ruled_out) == (set(SPINE), True)


# Rule 2: a report that could be of more than one scan


@pytest.mark.parametrize("result", [CLEAN, NON_DIAGNOSTIC])
def test_a_report_that_reassures_or_could_not_be_read_counts_for_no_region_until_somebody_says_which(
    result: str,
) -> None:
    facts = (performed(10, "CT"), performed(15, "L"), reported(20, result, report="r1"))
    found = seen(*facts)
    assert found.unplaced == (3,)
    assert {states(found)[name] for name in SPINE} == {"not_reported"}
    assert (found.finding, found.ruled_out) == ("none", False)
    told = seen(*facts, reported(30, result, report="r1", of="L"))
    assert told.unplaced == ()
    assert states(told)["lumbar"] == ("clean" if result == CLEAN else "non_diagnostic")
    assert states(told)["thoracic"] == "not_reported"


@pytest.mark.parametrize("result", [result for result, finding in MEANS.items() if finding in POSITIVE])
def test_a_positive_report_counts_even_where_nobody_knows_of_which_scan(result: str) -> None:
    found = seen(performed(10, "CT"), performed(15, "L"), reported(20, result))
    assert (found.finding, found.ruled_out) == (MEANS[result], False)


def test_a_positive_report_of_nobody_knows_which_scan_is_replaced_only_by_one_of_every_region() -> None:
    facts = (performed(10, "CT"), performed(15, "L"), reported(20, "mscc", report="r1"))
    assert seen(*facts, reported(30, CLEAN, of="L", replaces="r1")).finding == "mscc"
    assert seen(*facts, reported(30, CLEAN, of="CTL", replaces="r1")).finding == CLEAN


def test_a_positive_report_that_may_be_of_the_sacrum_is_not_replaced_by_one_without_it() -> None:
    """Which of two scans it is about became unknown with another report: that must take nothing away."""
    facts = (
        performed(10, "LS"),
        reported(20, "mscc", "provisional", report="R2"),
        reported(30, CLEAN, of="CTL", report="R2"),
    )
    assert standing(seen(*facts)) == {("mscc", 2)}
    assert standing(seen(*facts, reported(15, CLEAN, "provisional", of="CTL"))) == {("mscc", 2)}
    of_all = reported(40, CLEAN, of="CTLS", report="R2")
    assert standing(seen(*facts, reported(15, CLEAN, "provisional", of="CTL"), of_all)) == set()


def test_a_clean_report_that_counts_for_no_region_takes_no_finding_away() -> None:
    facts = (performed(10, "CT"), performed(15, "L"), reported(20, "mscc", report="r1"))
    assert seen(*facts, reported(30, CLEAN, replaces="r1")).finding == "mscc"


# Rule 3: regions and no scan


def test_a_report_of_regions_that_nobody_said_were_scanned_counts_as_performed_by_then() -> None:
    found = seen(reported(30, CLEAN, of="CTL"))
    assert (found.ruled_out, found.whole_spine, found.whole_spine_at) == (True, True, at(30))
    assert found.assumed == (1,)
    assert all(region(found, name).assumed for name in SPINE)


def test_a_scan_that_is_told_later_is_no_longer_assumed() -> None:
    found = seen(reported(30, CLEAN, of="CTL"), performed(10, "CTL"))
    assert (found.ruled_out, found.assumed, found.whole_spine_at) == (True, (), at(10))
    assert not any(one.assumed for one in found.regions)


def test_after_a_worsening_a_report_without_its_scan_makes_no_region_clean_and_stops_no_clock() -> None:
    report = reported(30, CLEAN, of="CTL")
    found = seen(report, worse=(20,))
    assert (clean(found), found.ruled_out, found.whole_spine) == (set(), False, False)
    assert found.assumed == (1,)
    assert scanned_at(report, worse=(20,)) is None
    late = (report, performed(25, "CTL"))
    assert seen(*late, worse=(20,)).ruled_out
    assert scanned_at(*late, worse=(20,)) == at(25)
    before = (report, performed(15, "CTL"))
    assert not seen(*before, worse=(20,)).ruled_out
    assert scanned_at(*before, worse=(20,)) is None


def test_after_a_worsening_a_report_without_its_scan_still_adds_a_finding() -> None:
    assert seen(reported(30, "mscc", of="T"), worse=(20,)).finding == "mscc"


def test_a_scan_of_other_regions_is_not_the_scan_of_these() -> None:
    found = seen(performed(10, "CT"), reported(20, CLEAN, of="L"))
    assert clean(found) == {"lumbar"}
    assert region(found, "L").assumed
    assert (states(found)["thoracic"], found.assumed) == ("not_reported", (2,))


# Rule 4: the same identifier again


def test_the_same_scan_again_adds_its_regions() -> None:
    facts = (performed(10, "CT", "a"), performed(20, "L", "a"))
    assert seen(*facts).whole_spine
    assert seen(*facts, reported(30, CLEAN, scan="a")).ruled_out
    assert seen(*facts, reported(30, CLEAN)).ruled_out, "it is one scan"


def test_the_same_scan_told_twice_is_one_scan() -> None:
    for scan in ("a", ""):
        once, report = performed(10, "CTL", scan), reported(20, CLEAN)
        for order in ((once, once, report), (once, report, once)):
            found = seen(*order)
            assert (found.ruled_out, found.unplaced) == (True, ()), scan or "without an identifier"


def test_the_same_report_told_twice_is_one_report() -> None:
    report = reported(20, "mscc", scan="a", report="r1")
    once = (performed(10, "CTL", "a"), report)
    assert {finding for finding, _ in standing(seen(*once, report))} == {"mscc"}
    assert seen(*once, report, reported(30, CLEAN, scan="a", report="r2", replaces="r1")).finding == CLEAN


def test_the_same_report_again_with_another_status_replaces_what_stood() -> None:
    facts = (performed(10, "CTL", "a"), reported(20, CLEAN, "provisional", scan="a", report="r1"))
    assert not seen(*facts).ruled_out
    assert seen(*facts, reported(30, CLEAN, "final", scan="a", report="r1")).ruled_out


@pytest.mark.parametrize("status", ["provisional", "final"])
def test_the_same_report_again_with_another_result_replaces_what_stood(status: str) -> None:
    facts = (performed(10, "CTL", "a"), reported(20, "mscc", status, scan="a", report="r1"))
    final = reported(30, "metastases_no_compression", scan="a", report="r1")
    assert seen(*facts, final).finding == "spinal_metastases"
    worse = reported(40, "cauda_equina_compression", scan="a", report="r1")
    assert seen(*facts, final, worse).finding == "mscc"


def test_the_same_clean_report_again_as_non_diagnostic_is_no_longer_clean() -> None:
    facts = (performed(10, "CTL", "a"), reported(20, CLEAN, scan="a", report="r1"))
    found = seen(*facts, reported(30, NON_DIAGNOSTIC, scan="a", report="r1"))
    assert (clean(found), found.ruled_out, found.whole_spine) == (set(), False, False)


# Rule 5: provisional or final


@pytest.mark.parametrize(
    ("sureness", "final"),
    [
        ({"status": "final"}, True),
        ({"status": "amended"}, True),
        ({"status": "provisional"}, False),
        ({"verified": True}, True),
        ({"verified": False}, False),
        ({"status": "amended", "verified": True}, True),
        ({}, False),
    ],
)
def test_a_report_is_final_where_its_sender_says_so(sureness: dict[str, Any], final: bool) -> None:
    found = seen(performed(10, "CTL"), reported(20, CLEAN, **({"status": ""} | sureness)))
    assert {region(found, name).final for name in SPINE} == {final}
    assert (found.report, found.ruled_out) == (("final", True) if final else ("provisional", False))


# Rule 6: withdrawals

WAYS_TO_WITHDRAW = [
    {"replaces": "r1"},
    {"report": "r1"},
    {"scan": "a"},
    {"of": "CTL"},
    {"report": "r1", "result": "mscc"},
    {"report": "r1", "result": CLEAN},
]


@pytest.mark.parametrize("names", WAYS_TO_WITHDRAW)
def test_the_regions_of_a_withdrawn_report_become_scanned_and_not_reported(names: dict[str, str]) -> None:
    facts = (performed(10, "CTL", "a"), reported(20, CLEAN, scan="a", report="r1"))
    found = seen(*facts, withdrawn(30, **names))
    assert {states(found)[name] for name in SPINE} == {"not_reported"}
    assert (found.finding, found.report, found.ruled_out) == ("none", "none", False)
    assert set(found.awaited) == set(SPINE)
    assert found.whole_spine, "it was scanned"


@pytest.mark.parametrize("names", WAYS_TO_WITHDRAW)
def test_a_finding_that_rested_on_a_withdrawn_report_stands(names: dict[str, str]) -> None:
    facts = (performed(10, "CTL", "a"), reported(20, "mscc", scan="a", report="r1"))
    found = seen(*facts, withdrawn(30, **names))
    assert (found.finding, found.ruled_out) == ("mscc", False)
    assert [(one.number, one.report_withdrawn) for one in found.findings if one.finding == "mscc"] == [
        (2, True)
    ]


def test_the_regions_of_a_withdrawn_positive_report_wait_for_a_report_again() -> None:
    facts = (performed(10, "CTL", "a"), reported(20, "mscc", scan="a", report="r1"))
    assert seen(*facts).awaited == ()
    assert set(seen(*facts, withdrawn(30, report="r1")).awaited) == set(SPINE)


def test_a_finding_of_a_withdrawn_report_stands_until_a_final_report_replaces_it() -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, "mscc", scan="a", report="r1"),
        withdrawn(30, replaces="r1"),
    )
    assert seen(*facts, reported(40, CLEAN, scan="a", report="r2")).finding == "mscc"
    provisional = reported(40, CLEAN, "provisional", scan="a", report="r2", replaces="r1")
    assert seen(*facts, provisional).finding == "mscc"
    assert seen(*facts, reported(40, CLEAN, scan="a", report="r2", replaces="r1")).ruled_out
    assert seen(*facts, reported(40, CLEAN, scan="a", report="r1")).ruled_out


def test_a_finding_of_a_withdrawn_report_stands_until_a_named_person_takes_it_away() -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, "mscc", scan="a", report="r1"),
        withdrawn(30, report="r1"),
    )
    found = seen(*facts, taken_away(40, 2))
    assert (found.finding, found.ruled_out, set(found.awaited)) == ("none", False, set(SPINE))


def test_a_withdrawal_that_names_its_report_leaves_the_others() -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, CLEAN, of="CT", scan="a", report="r1"),
        reported(25, CLEAN, of="L", scan="a", report="r2"),
    )
    found = seen(*facts, withdrawn(30, replaces="r2"))
    assert (clean(found), found.awaited) == ({"cervical", "thoracic"}, ("lumbar",))


@pytest.mark.parametrize("names", [{"scan": "a"}, {"of": "CTL"}])
def test_a_withdrawal_that_names_no_report_means_every_report_of_its_scan_or_regions(
    names: dict[str, str],
) -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, CLEAN, of="CT", scan="a", report="r1"),
        reported(25, CLEAN, of="L", scan="a", report="r2"),
    )
    found = seen(*facts, withdrawn(30, **names))
    assert {states(found)[name] for name in SPINE} == {"not_reported"}


def test_a_withdrawal_of_one_scan_leaves_the_other() -> None:
    facts = (
        performed(10, "CT", "a"),
        performed(12, "L", "b"),
        reported(20, CLEAN, scan="a"),
        reported(25, CLEAN, scan="b"),
    )
    assert seen(*facts).ruled_out
    found = seen(*facts, withdrawn(30, scan="b"))
    assert (clean(found), found.awaited) == ({"cervical", "thoracic"}, ("lumbar",))
    assert clean(seen(*facts, withdrawn(30, of="L"))) == {"cervical", "thoracic"}


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (NON_DIAGNOSTIC, "provisional"),
        (NON_DIAGNOSTIC, "final"),
        ("non_malignant_compression", "final"),
        (CLEAN, "final"),
    ],
)
def test_the_regions_of_a_withdrawn_report_are_not_reported_by_what_an_older_report_said(
    result: str, status: str
) -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, CLEAN, scan="a", report="r1"),
        reported(30, result, status, scan="a", report="r2"),
    )
    found = seen(*facts, withdrawn(40, replaces="r2"))
    assert (clean(found), found.ruled_out) == (set(), False)


def test_the_regions_of_a_withdrawn_report_are_not_reported_by_what_it_had_replaced() -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, CLEAN, scan="a", report="r1"),
        reported(30, NON_DIAGNOSTIC, scan="a", report="r2", replaces="r1"),
    )
    found = seen(*facts, withdrawn(40, replaces="r2"))
    assert (clean(found), found.ruled_out) == (set(), False)


def test_a_report_after_the_withdrawal_counts() -> None:
    facts = (performed(10, "CTL", "a"), reported(20, CLEAN, scan="a"), withdrawn(30, scan="a"))
    assert not seen(*facts).ruled_out
    assert seen(*facts, reported(40, CLEAN, scan="a", report="new")).ruled_out


def test_a_withdrawal_may_come_before_what_it_withdraws() -> None:
    report = reported(20, CLEAN, scan="a", report="r1")
    for order in itertools.permutations((performed(10, "CTL", "a"), report, withdrawn(30, replaces="r1"))):
        found = seen(*order)
        assert (found.ruled_out, set(found.awaited)) == (False, set(SPINE))


# Rule 7: provisional reports


@pytest.mark.parametrize("result", [CLEAN, NON_DIAGNOSTIC, "non_malignant_compression"])
def test_a_provisional_report_only_adds(result: str) -> None:
    facts = (performed(10, "CTL", "a"), reported(20, "metastases_no_compression", scan="a"))
    found = seen(*facts, reported(30, result, "provisional", scan="a"))
    assert (found.finding, found.ruled_out) == ("spinal_metastases", False)
    added = seen(*facts, reported(30, "mscc", "provisional", scan="a"))
    assert (added.finding, added.ruled_out) == ("mscc", False)


def test_a_provisional_finding_after_a_final_clean_report_stands() -> None:
    found = seen(
        performed(10, "CTL", "a"), reported(20, CLEAN, scan="a"), reported(30, "mscc", "provisional")
    )
    assert (found.finding, found.ruled_out) == ("mscc", False)


def test_a_provisional_non_diagnostic_counts_until_a_final_report_of_the_same_scan() -> None:
    scan, unreadable = performed(10, "CTL", "a"), reported(20, NON_DIAGNOSTIC, "provisional", scan="a")
    found = seen(scan, unreadable)
    assert ({states(found)[name] for name in SPINE}, found.whole_spine) == ({"non_diagnostic"}, False)
    assert scanned_at(scan, unreadable) is None
    for order in itertools.permutations((scan, unreadable, reported(30, CLEAN, scan="a"))):
        assert seen(*order).ruled_out
        assert scanned_at(*order) == at(10)


def test_a_provisional_non_diagnostic_counts_through_another_provisional_report() -> None:
    facts = (performed(10, "CTL", "a"), reported(20, NON_DIAGNOSTIC, "provisional", scan="a"))
    found = seen(*facts, reported(30, CLEAN, "provisional", scan="a"))
    assert (found.whole_spine, found.ruled_out) == (False, False)


def test_a_final_report_of_another_scan_ends_no_provisional_non_diagnostic() -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, NON_DIAGNOSTIC, "provisional", scan="a"),
        performed(30, "L", "b"),
        reported(40, CLEAN, scan="b"),
    )
    found = seen(*facts)
    assert [states(found)[name] for name in SPINE] == ["non_diagnostic", "non_diagnostic", "clean"]
    assert not found.whole_spine


def test_hundreds_of_reports_of_one_case_are_read_in_no_time() -> None:
    """A hospital system that sends its report again and again, each time as a new one, makes no page wait for seconds."""
    facts = [reported(n, "mscc" if n % 2 else CLEAN, of="T") for n in range(10, 410)]
    began = time.process_time()
    assert len(seen(*facts).contradictions) == 200 * 199 // 2
    assert time.process_time() - began < 2
