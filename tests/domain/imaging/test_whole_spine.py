"""When the whole spine was scanned, cases from the field, and the very instant of a limit."""

from typing import NamedTuple

import pytest

from referrals.evidence.facts import Fact
from tests.domain.imaging.spines import (
    CLEAN,
    NON_DIAGNOSTIC,
    SINCE,
    SPINE,
    at,
    clean,
    performed,
    region,
    reported,
    scanned_at,
    seen,
    standing,
    taken_away,
)

# When the whole spine was scanned


def test_scans_add_up_to_the_whole_spine() -> None:
    assert scanned_at(performed(10, "CT"), performed(30, "L")) == at(30)
    assert scanned_at(performed(30, "L"), performed(10, "CT")) == at(30)
    assert scanned_at(performed(10, "CT"), performed(30, "S")) is None
    assert seen(performed(10, "CT"), performed(30, "L")).whole_spine


def test_scans_of_before_a_worsening_do_not_add_up() -> None:
    assert scanned_at(performed(10, "CT"), performed(30, "L"), worse=(20,)) is None
    assert scanned_at(performed(10, "CT"), performed(30, "L"), performed(40, "CT"), worse=(20,)) == at(40)
    assert scanned_at(performed(-10, "CTL")) is None


def test_the_whole_spine_was_scanned_when_its_last_region_first_was() -> None:
    assert scanned_at(performed(10, "CTL"), performed(50, "T")) == at(10)


def test_a_ct_is_a_scan_of_the_whole_spine_only_where_mri_is_contraindicated() -> None:
    scan = performed(10, "CTL", modality="ct")
    assert scanned_at(scan) is None
    assert scanned_at(scan, mri_contraindicated=True) == at(10)
    assert scanned_at(scan, mri_contraindicated=True, by_ct=False) is None


@pytest.mark.parametrize("status", ["final", "provisional"])
def test_a_scan_that_could_not_be_read_leaves_its_regions_open(status: str) -> None:
    facts = (performed(10, "CTL"), reported(20, NON_DIAGNOSTIC, status, of="L"))
    assert scanned_at(*facts) is None
    assert scanned_at(*facts, performed(30, "L")) == at(30)


# Cases from the field


class Case(NamedTuple):
    """Facts in their order of arrival, and what has to hold then."""

    facts: tuple[Fact, ...]
    finding: str
    awaited: frozenset[str] = frozenset()
    contradicted: bool = False
    stated: dict[str, str] = {}
    whole_spine: bool = True
    ruled_out: bool = False


_E01 = (
    performed(0, "CT"),
    reported(60, "mscc"),
    performed(70, "L"),
    reported(120, CLEAN),
)
_E04_WHOLE = (performed(10, "CTL", "b"), reported(60, "mscc", scan="b"))
_E04_OLDER = (performed(2, "CTL", "a"), reported(50, CLEAN, scan="a"))
_E06 = (
    performed(0, "CTL", "a"),
    reported(20, "mscc", "provisional", scan="a", report="r1"),
    reported(60, CLEAN, scan="a", report="r2", replaces="r1"),
)
_P03 = (
    performed(0, "CTL"),
    reported(20, "mscc", "", verified=True),
    reported(30, CLEAN, "", verified=False),
)
_REST = frozenset({"cervical", "thoracic"})
CASES = {
    "E01": Case(_E01, "mscc"),
    "E02": Case((performed(0, "L"), reported(10, CLEAN), performed(20, "CT")), "none", _REST),
    "E03": Case((performed(20, "CTL"),), "none", frozenset(SPINE), stated={"imaging_finding": CLEAN}),
    "E03 with a report": Case(
        (performed(20, "CTL"),),
        "none",
        frozenset(SPINE),
        stated={"imaging_finding": CLEAN, "imaging_report": "final", "whole_spine_imaged": "yes"},
    ),
    "E04 older": Case((*_E04_WHOLE, *_E04_OLDER), "mscc"),
    "E04 older, other order": Case((*_E04_OLDER, *_E04_WHOLE), "mscc"),
    "E04 partial": Case((*_E04_WHOLE, reported(180, CLEAN, of="L")), "mscc", contradicted=True),
    "E04 partial, other order": Case((reported(180, CLEAN, of="L"), *_E04_WHOLE), "mscc", contradicted=True),
    "E05": Case((performed(0, "CTL"), reported(20, NON_DIAGNOSTIC)), "none", whole_spine=False),
    "E06": Case(_E06, CLEAN, ruled_out=True),
    "E06 before it is settled": Case(
        (*_E06[:2], reported(60, CLEAN, scan="a", report="r2")), "mscc", contradicted=True
    ),
    "E06 settled by a person": Case(
        (*_E06[:2], reported(60, CLEAN, scan="a", report="r2"), taken_away(90, 2)), CLEAN, ruled_out=True
    ),
    "P03": Case(_P03, "mscc", contradicted=True),
    "P03, other order": Case((_P03[0], _P03[2], _P03[1]), "mscc", contradicted=True),
    "P03, unverified first": Case(
        (_P03[0], reported(20, CLEAN, "", verified=False), reported(30, "mscc", "", verified=True)), "mscc"
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_case_from_the_field(name: str) -> None:
    case = CASES[name]
    found = seen(*case.facts, statements=case.stated or None, stated_at=SINCE)
    assert (found.finding, found.ruled_out, found.whole_spine) == (
        case.finding,
        case.ruled_out,
        case.whole_spine,
    )
    if case.whole_spine:
        assert set(found.awaited) == case.awaited
    if "unverified first" not in name:
        assert bool(found.contradictions) == case.contradicted


def test_the_clock_of_the_scan_is_not_stopped_by_one_that_could_not_be_read() -> None:
    assert scanned_at(*CASES["E05"].facts) is None


@pytest.mark.parametrize("status", ["provisional", "final"])
def test_a_scan_that_could_not_be_read_gives_no_report_of_the_spine(status: str) -> None:
    """Its regions count as not scanned, so nobody may say that a report is known."""
    assert seen(performed(0, "CTL", "a"), reported(10, NON_DIAGNOSTIC, status, scan="a")).report == "none"
    assert (
        seen(performed(0, "CTL", "a"), reported(10, CLEAN, "provisional", scan="a")).report == "provisional"
    )


def test_a_scan_at_the_very_instant_at_which_the_symptoms_began_counts() -> None:
    assert clean(seen(performed(0, "CTL", "a"), reported(10, CLEAN, scan="a"))) == set(SPINE)
    assert clean(seen(performed(-1, "CTL", "a"), reported(10, CLEAN, scan="a"))) == set()


def test_a_final_report_of_the_same_region_alone_replaces_its_finding() -> None:
    scan, first = performed(0, "CTL", "a"), reported(10, "mscc", of="L", scan="a", report="1")
    assert seen(scan, first).finding == "mscc"
    assert standing(seen(scan, first, reported(20, CLEAN, of="L", scan="a", replaces="1"))) == set()
    assert seen(scan, first, reported(20, CLEAN, of="T", scan="a", replaces="1")).finding == "mscc"


def test_a_scan_of_another_region_that_makes_nothing_clean_leaves_a_clean_region_clean() -> None:
    facts = performed(0, "T", "a"), reported(5, CLEAN, of="T", scan="a")
    assert region(seen(*facts), "T") == region(seen(*facts, performed(20, "L", "b", modality="ct")), "T")
    assert region(seen(*facts), "T") != region(seen(*facts, performed(20, "T", "b", modality="ct")), "T")


def test_two_scans_without_identifiers_are_two_scans_for_a_report_that_names_neither() -> None:
    assert clean(seen(performed(0, "CT"), performed(10, "L"), reported(20, CLEAN))) == set()
    assert clean(seen(performed(0, "CT"), reported(20, CLEAN))) == {"cervical", "thoracic"}
