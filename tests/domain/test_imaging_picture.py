"""What a case knows of the spine, region by region: each sentence by an example, the rest by properties."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN, Fact
from referrals.evidence.imaging import Region, SpinePicture, picture, whole_spine_scanned_at
from referrals.intake.codes import MRI_RESULTS

SINCE = datetime(2026, 11, 20, 10, tzinfo=UTC)
REGION = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}
SPINE = ("cervical", "thoracic", "lumbar")
MEANS = {
    "mscc": "mscc",
    "cauda_equina_compression": "mscc",
    "impending_compression": "impending_compression",
    "metastases_no_compression": "spinal_metastases",
    "nerve_root_only": "spinal_metastases",
    "non_malignant_compression": "non_malignant_compression",
    "no_malignant_disease": "no_malignant_disease",
}
RANK = {
    finding: rank
    for rank, finding in enumerate(
        [
            "none",
            "no_malignant_disease",
            "non_malignant_compression",
            "spinal_metastases",
            "impending_compression",
            "mscc",
        ]
    )
}
CLEAN, NON_DIAGNOSTIC = "no_malignant_disease", "non_diagnostic"
POSITIVE = {"spinal_metastases", "impending_compression", "mscc"}


def at(minute: int) -> datetime:
    return SINCE + timedelta(minutes=minute)


def named(letters: str) -> list[str]:
    return [REGION[letter] for letter in letters]


def performed(minute: int, letters: str, scan: str = "", modality: str = "mri") -> Fact:
    data: dict[str, Any] = {"modality": modality, "regions": named(letters)}
    if scan:
        data["scan"] = scan
    return Fact(kind="mri_performed", occurred_at=at(minute), data=data)


def reported(minute: int, result: str = "", status: str = "final", *, of: str = "", **names: Any) -> Fact:
    """A report; `names` are scan, report, replaces and verified, as a sender gives them."""
    data = {name: value for name, value in names.items() if value is not None and value != ""}
    if result:
        data["result"] = result
    if status:
        data["status"] = status
    if of:
        data["regions"] = named(of)
    return Fact(kind="mri_reported", occurred_at=at(minute), data=data)


def withdrawn(minute: int, **names: Any) -> Fact:
    return reported(minute, status="withdrawn", **names)


def taken_away(minute: int, finding: int) -> Fact:
    """A named person took the finding of that row away."""
    return Fact(
        kind=FINDING_WITHDRAWN,
        occurred_at=at(minute),
        data={"finding": finding},
        by_service=True,
        by_name="Dr A Marlowe",
    )


def let_stand(minute: int, finding: int, report: int) -> Fact:
    """A named person let a finding stand against a report."""
    return Fact(
        kind=FINDING_CONFIRMED,
        occurred_at=at(minute),
        data={"finding": finding, "report": report},
        by_service=True,
        by_name="Dr A Marlowe",
    )


def said(minute: int, *, by_service: bool, **data: str) -> Fact:
    return Fact(
        kind="findings_completed", occurred_at=at(minute), data=data, by_service=by_service, by_name="A B"
    )


def arrived(facts: Iterable[Fact]) -> list[Fact]:
    """The facts as rows, numbered in the order in which they came."""
    return [replace(fact, number=number) for number, fact in enumerate(facts, 1)]


def seen(*facts: Fact, worse: Sequence[int] = (), **more: Any) -> SpinePicture:
    """The picture after these facts, arrived in this order; `worse` are minutes."""
    worse_at = tuple(at(minute) for minute in worse)
    return picture(arrived(facts), since=SINCE, worse_at=worse_at, **more)


def stated(*facts: Fact, **statement: str) -> SpinePicture:
    """The picture with what the referrer stated, at the instant at which the episode began."""
    return seen(*facts, statements=statement, stated_at=SINCE)


def scanned_at(*facts: Fact, worse: Sequence[int] = (), **more: Any) -> datetime | None:
    """When the whole spine had been scanned since it last got worse."""
    worse_at = tuple(at(minute) for minute in worse)
    since = max((SINCE, *worse_at))
    return whole_spine_scanned_at(arrived(facts), since=since, worse_at=worse_at, **more)


def region(found: SpinePicture, name: str) -> Region:
    return next(one for one in found.regions if one.name == REGION.get(name, name))


def states(found: SpinePicture) -> dict[str, str]:
    return {one.name: str(one.state) for one in found.regions}


def clean(found: SpinePicture) -> set[str]:
    return {one.name for one in found.regions if one.state == "clean"}


def standing(found: SpinePicture) -> set[tuple[str, int]]:
    """Every finding that stands and is not reassuring, with the row of its report."""
    return {(str(one.finding), one.number) for one in found.findings if RANK[one.finding] > RANK[CLEAN]}


# Section by section: region by region, the worst that stands, and what takes it away


def test_a_case_knows_its_spine_region_by_region() -> None:
    found = seen(
        performed(10, "CTL", "a"),
        reported(20, "mscc", "provisional", of="T", scan="a"),
        reported(30, CLEAN, "final", of="C", scan="a"),
    )
    assert states(found) == {
        "cervical": "clean",
        "thoracic": "finding",
        "lumbar": "not_reported",
        "sacral": "not_scanned",
    }
    assert (region(found, "T").finding, region(found, "T").final) == ("mscc", False)
    assert region(found, "C").final
    assert [(one.finding, one.number, one.regions, one.final) for one in found.findings if one.finding == "mscc"] == [
        ("mscc", 2, frozenset({"thoracic"}), False)
    ]  # fmt: skip


def test_a_region_that_could_not_be_read_is_non_diagnostic() -> None:
    found = seen(performed(10, "CTL"), reported(20, NON_DIAGNOSTIC, of="L"))
    assert states(found)["lumbar"] == "non_diagnostic"
    assert states(found)["thoracic"] == "not_reported"
    assert not found.whole_spine


def test_a_region_is_known_with_its_scan_and_its_report() -> None:
    found = seen(
        performed(10, "CT"), performed(15, "L"), reported(20, CLEAN, of="CT"), reported(30, CLEAN, of="L")
    )
    assert (region(found, "T").scan_at, region(found, "T").report_at) == (at(10), at(20))
    assert (region(found, "L").scan_at, region(found, "L").report_at) == (at(15), at(30))


def test_a_report_speaks_only_of_its_own_regions() -> None:
    found = seen(performed(10, "CTL", "a"), reported(20, CLEAN, of="T", scan="a"))
    assert clean(found) == {"thoracic"}
    assert set(found.awaited) == {"cervical", "lumbar"}
    assert not found.ruled_out


WORST_FIRST = [
    "mscc",
    "impending_compression",
    "metastases_no_compression",
    "non_malignant_compression",
    "no_malignant_disease",
]


@pytest.mark.parametrize(("worse", "milder"), list(itertools.combinations(WORST_FIRST, 2)))
def test_the_finding_is_the_worst_that_stands(worse: str, milder: str) -> None:
    for first, second in ((worse, milder), (milder, worse)):
        found = seen(
            performed(10, "CTL", "a"),
            reported(20, first, of="T", scan="a"),
            reported(30, second, of="CL", scan="a"),
        )
        assert found.finding == MEANS[worse]


@pytest.mark.parametrize(("result", "finding"), list(MEANS.items()))
def test_every_result_means_one_finding(result: str, finding: str) -> None:
    found = seen(performed(10, "CTL"), reported(20, result))
    assert (found.finding, found.report, found.whole_spine) == (finding, "final", True)
    assert found.ruled_out == (finding in (CLEAN, "non_malignant_compression"))


def test_the_results_of_this_file_are_those_that_can_be_sent() -> None:
    assert set(MEANS) | {NON_DIAGNOSTIC} == set(MRI_RESULTS)


def test_the_spine_is_cervical_thoracic_and_lumbar_and_the_sacrum_can_add() -> None:
    whole = seen(performed(10, "CTL"), reported(20, CLEAN))
    assert whole.ruled_out
    added = seen(performed(10, "CTLS"), reported(20, CLEAN, of="CTL"), reported(30, "mscc", of="S"))
    assert (added.finding, added.ruled_out) == ("mscc", False)


def test_a_later_clean_report_takes_no_finding_away() -> None:
    found = seen(
        performed(10, "CTL"),
        reported(20, "mscc", of="T"),
        reported(30, CLEAN, of="CTL"),
        performed(40, "CTL"),
        reported(50, CLEAN, of="CTL"),
    )
    assert (found.finding, found.ruled_out) == ("mscc", False)


def test_a_finding_stands_until_a_final_report_replaces_it() -> None:
    first = (performed(10, "CTL", "a"), reported(20, "mscc", scan="a", report="r1"))
    found = seen(*first, reported(30, CLEAN, scan="a", report="r2", replaces="r1"))
    assert (found.finding, found.ruled_out, standing(found)) == (CLEAN, True, set())


def test_a_finding_stands_until_its_own_report_says_otherwise_and_is_final() -> None:
    first = (performed(10, "CTL", "a"), reported(20, "mscc", scan="a", report="r1"))
    found = seen(*first, reported(30, CLEAN, "amended", scan="a", report="r1"))
    assert (found.finding, found.ruled_out, standing(found)) == (CLEAN, True, set())


@pytest.mark.parametrize("names", [{"replaces": "r1"}, {"report": "r1"}, {"report": "r1", "replaces": "r1"}])
def test_a_report_of_fewer_regions_takes_no_finding_away(names: dict[str, str]) -> None:
    first = (performed(10, "CTL", "a"), reported(20, "mscc", of="TL", scan="a", report="r1"))
    found = seen(*first, reported(30, CLEAN, of="CT", scan="a", **names))
    assert (found.finding, found.ruled_out) == ("mscc", False)


@pytest.mark.parametrize("names", [{"replaces": "r1"}, {"report": "r1"}])
@pytest.mark.parametrize("result", [CLEAN, "impending_compression", NON_DIAGNOSTIC])
@pytest.mark.parametrize("status", ["final", "provisional"])
def test_a_provisional_report_takes_no_finding_away(names: dict[str, str], result: str, status: str) -> None:
    first = (performed(10, "CTL", "a"), reported(20, "mscc", status, scan="a", report="r1"))
    found = seen(*first, reported(30, result, "provisional", scan="a", **names))
    assert (found.finding, found.ruled_out) == ("mscc", False)


def test_a_finding_stands_until_a_named_person_takes_it_away() -> None:
    first = (performed(10, "CTL"), reported(20, "mscc"))
    assert seen(*first).finding == "mscc"
    found = seen(*first, taken_away(40, 2))
    assert (found.finding, standing(found)) == ("none", set())
    assert not found.ruled_out, "taking a finding away reports nothing"


def test_a_named_person_takes_away_one_finding_and_no_other() -> None:
    facts = (
        performed(10, "CTL"),
        reported(20, "mscc", of="T"),
        reported(30, "metastases_no_compression", of="L"),
    )
    assert seen(*facts, taken_away(40, 2)).finding == "spinal_metastases"
    assert seen(*facts, taken_away(40, 3)).finding == "mscc"


def test_a_finding_that_is_reported_again_after_it_was_taken_away_stands() -> None:
    found = seen(performed(10, "CTL"), reported(20, "mscc"), taken_away(30, 2), reported(40, "mscc"))
    assert found.finding == "mscc"


def test_what_a_withdrawn_report_had_replaced_stands_again() -> None:
    first = (performed(10, "CTL", "a"), reported(20, "mscc", scan="a", report="r1"))
    amended = (*first, reported(30, CLEAN, scan="a", report="r2", replaces="r1"))
    assert seen(*amended).ruled_out
    found = seen(*amended, withdrawn(40, replaces="r2"))
    assert (found.finding, found.ruled_out) == ("mscc", False)


def test_what_two_reports_had_replaced_in_turn_stands_again_when_the_last_is_withdrawn() -> None:
    facts = (
        performed(10, "CTL", "a"),
        reported(20, "mscc", scan="a", report="r1"),
        reported(30, "metastases_no_compression", scan="a", report="r2", replaces="r1"),
        reported(40, CLEAN, scan="a", report="r3", replaces="r2"),
    )
    assert seen(*facts).finding == CLEAN
    assert seen(*facts, withdrawn(50, replaces="r3")).finding == "spinal_metastases"
    assert seen(*facts, withdrawn(50, replaces="r3"), withdrawn(60, replaces="r2")).finding == "mscc"


def test_the_clean_finding_and_the_final_report_need_all_three_regions_finally_reported() -> None:
    one, two, three = (performed(10, "CTL"), reported(20, CLEAN, of="C"), reported(30, CLEAN, of="T"))
    for facts in ((one,), (one, two), (one, two, three)):
        found = seen(*facts)
        assert (found.finding, found.ruled_out) == ("none", False)
        assert found.report == ("none" if len(facts) == 1 else "provisional")
    found = seen(one, two, three, reported(40, CLEAN, "provisional", of="L"))
    assert (found.finding, found.report, found.ruled_out) == ("none", "provisional", False)
    found = seen(one, two, three, reported(40, CLEAN, of="L"))
    assert (found.finding, found.report, found.ruled_out) == (CLEAN, "final", True)


def test_the_report_is_final_beside_a_finding_where_every_region_is_finally_reported() -> None:
    found = seen(
        performed(10, "CTL"), reported(20, "non_malignant_compression", of="T"), reported(30, CLEAN, of="CL")
    )
    assert (found.finding, found.report, found.ruled_out) == ("non_malignant_compression", "final", True)
    found = seen(performed(10, "CTL"), reported(20, "non_malignant_compression", of="T"))
    assert (found.finding, found.report, found.ruled_out) == (
        "non_malignant_compression",
        "provisional",
        False,
    )


def test_clean_means_no_malignant_disease_only() -> None:
    for result in MRI_RESULTS:
        found = seen(performed(10, "CTL"), reported(20, result))
        assert clean(found) == (set(SPINE) if result == CLEAN else set()), result


def test_a_region_scanned_again_is_as_its_newest_scan_says() -> None:
    before = (performed(10, "CTL", "a"), reported(20, CLEAN, scan="a"))
    again = (*before, performed(30, "T", "b"))
    found = seen(*again)
    assert states(found)["thoracic"] == "not_reported"
    assert (found.finding, found.ruled_out, set(found.awaited)) == ("none", False, {"thoracic"})
    assert seen(*again, reported(40, CLEAN, scan="b")).ruled_out
    assert not seen(*again, reported(40, CLEAN, "provisional", scan="b")).ruled_out
    assert seen(*again, reported(40, "mscc", scan="b")).finding == "mscc"
    unreadable = seen(*again, reported(40, NON_DIAGNOSTIC, scan="b"))
    assert (states(unreadable)["thoracic"], unreadable.ruled_out) == ("non_diagnostic", False)


def test_a_late_report_of_the_older_scan_says_nothing_of_the_newer() -> None:
    found = seen(
        performed(10, "CTL", "a"),
        performed(30, "T", "b"),
        reported(40, CLEAN, scan="a"),
    )
    assert clean(found) == {"cervical", "lumbar"}
    assert not found.ruled_out


def test_a_finding_of_the_older_scan_stands_when_the_newer_is_clean() -> None:
    found = seen(
        performed(10, "CTL", "a"),
        reported(20, "mscc", of="T", scan="a"),
        performed(30, "CTL", "b"),
        reported(40, CLEAN, scan="b"),
    )
    assert (found.finding, found.ruled_out) == ("mscc", False)


def test_a_region_with_a_finding_that_is_scanned_again_waits_for_its_report() -> None:
    found = seen(
        performed(10, "CTL", "a"),
        reported(20, "mscc", of="T", scan="a"),
        reported(20, CLEAN, of="CL", scan="a"),
        performed(30, "T", "b"),
    )
    assert (found.finding, found.awaited) == ("mscc", ("thoracic",))


def test_a_worsening_takes_the_clean_finding_back_to_none() -> None:
    facts = (performed(10, "CTL"), reported(20, CLEAN))
    found = seen(*facts, worse=(30,))
    assert (found.finding, found.report, found.ruled_out) == ("none", "none", False)
    assert not found.whole_spine


@pytest.mark.parametrize("result", [result for result, finding in MEANS.items() if finding != CLEAN])
@pytest.mark.parametrize("status", ["provisional", "final"])
def test_every_other_finding_stands_through_a_worsening(result: str, status: str) -> None:
    found = seen(performed(10, "CTL"), reported(20, result, status), worse=(30,))
    assert (found.finding, found.report, found.whole_spine) == (MEANS[result], "none", False)
    assert not found.ruled_out


def test_after_a_worsening_only_newer_scans_rule_out() -> None:
    facts = (performed(10, "CTL", "a"), reported(20, CLEAN, scan="a"))
    late = reported(40, CLEAN, scan="a", report="late")
    assert not seen(*facts, late, worse=(30,)).ruled_out, "a late report of a scan of before"
    again = (*facts, performed(50, "CTL", "b"))
    assert not seen(*again, worse=(30,)).ruled_out
    assert seen(*again, reported(60, CLEAN, scan="b"), worse=(30,)).ruled_out
    assert not seen(*again, reported(60, CLEAN, scan="b"), worse=(30, 70)).ruled_out
    partly = (*facts, performed(50, "TL", "b"), reported(60, CLEAN, scan="b"))
    assert not seen(*partly, worse=(30,)).ruled_out, "the cervical spine was seen only before"


def test_the_latest_worsening_counts_in_whatever_order_they_are_given() -> None:
    facts = (performed(50, "CTL"), reported(60, CLEAN))
    assert seen(*facts, worse=(40, 30)).ruled_out
    assert not seen(*facts, worse=(55, 30)).ruled_out
    assert not seen(*facts, worse=(30, 55)).ruled_out


def test_the_present_symptoms_begin_with_the_episode() -> None:
    found = seen(performed(-60, "CTL"), reported(-30, CLEAN))
    assert (found.finding, found.report, found.ruled_out) == ("none", "none", False)
    assert not found.whole_spine
    reported_since = seen(performed(-60, "CTL"), reported(30, CLEAN))
    assert not reported_since.ruled_out
    assert not reported_since.whole_spine


def test_a_ct_can_add_a_finding_and_never_a_clean_region() -> None:
    scan = performed(10, "CTL", modality="ct")
    found = seen(scan, reported(20, CLEAN))
    assert (clean(found), found.finding, found.whole_spine, found.ruled_out) == (set(), "none", False, False)
    assert seen(scan, reported(20, "mscc")).finding == "mscc"
    assert seen(scan, reported(20, "non_malignant_compression")).finding == "non_malignant_compression"
    assert not seen(scan, reported(20, "non_malignant_compression")).ruled_out


def test_a_ct_rules_out_where_mri_is_contraindicated() -> None:
    found = seen(performed(10, "CTL", modality="ct"), reported(20, CLEAN), mri_contraindicated=True)
    assert (clean(found), found.whole_spine, found.ruled_out) == (set(SPINE), True, True)


def test_a_ct_of_one_region_fills_no_gap_of_an_mri() -> None:
    facts = (
        performed(10, "CT", "a"),
        performed(15, "L", "b", "ct"),
        reported(20, CLEAN, scan="a"),
        reported(25, CLEAN, scan="b"),
    )
    assert not seen(*facts).ruled_out
    assert seen(*facts, mri_contraindicated=True).ruled_out


# What somebody states of imaging


@pytest.mark.parametrize("finding", sorted(POSITIVE | {"non_malignant_compression"}))
def test_what_a_referrer_states_can_raise(finding: str) -> None:
    found = stated(imaging_finding=finding, imaging_report="none", whole_spine_imaged="not_assessed")
    assert (found.finding, found.only_stated) == (finding, True)


def test_what_a_referrer_states_never_reassures() -> None:
    found = stated(imaging_finding=CLEAN, imaging_report="final", whole_spine_imaged="yes")
    assert (found.finding, found.report, found.whole_spine, found.ruled_out) == ("none", "none", False, False)
    found = stated(
        imaging_finding="non_malignant_compression", imaging_report="final", whole_spine_imaged="yes"
    )
    assert (found.finding, found.report, found.whole_spine) == ("non_malignant_compression", "none", False)
    assert not found.ruled_out


def test_what_a_referrer_states_takes_nothing_from_a_report() -> None:
    facts = (performed(10, "CTL"), reported(20, "mscc"))
    found = stated(*facts, imaging_finding=CLEAN, imaging_report="final", whole_spine_imaged="yes")
    assert (found.finding, found.only_stated) == ("mscc", False)


def test_a_stated_compression_is_not_ruled_out_by_a_clean_report() -> None:
    found = stated(performed(10, "CTL"), reported(20, CLEAN), imaging_finding="mscc")
    assert (found.finding, found.ruled_out, found.only_stated) == ("mscc", False, True)


def test_findings_that_others_complete_are_one_more_statement() -> None:
    words = {"imaging_finding": CLEAN, "imaging_report": "final", "whole_spine_imaged": "yes"}
    found = seen(said(20, by_service=False, **words))
    assert (found.finding, found.report, found.whole_spine, found.ruled_out) == ("none", "none", False, False)
    assert seen(said(20, by_service=False, imaging_finding="mscc")).finding == "mscc"


def test_a_person_of_the_service_who_saw_the_report_can_rule_out() -> None:
    words = {"imaging_finding": CLEAN, "imaging_report": "final", "whole_spine_imaged": "yes"}
    seen_by_us = said(20, by_service=True, **words)
    found = seen(seen_by_us)
    assert (found.finding, found.report, found.whole_spine, found.ruled_out) == (CLEAN, "final", True, True)
    assert not seen(seen_by_us, worse=(30,)).ruled_out
    assert not seen(seen_by_us, performed(30, "T")).ruled_out, "scanned again and not reported"


def test_what_a_person_of_the_service_saw_takes_no_reported_compression_away() -> None:
    words = {"imaging_finding": CLEAN, "imaging_report": "final", "whole_spine_imaged": "yes"}
    found = seen(performed(10, "CTL"), reported(20, "mscc"), said(30, by_service=True, **words))
    assert (found.finding, found.ruled_out) == ("mscc", False)


def test_what_a_person_of_the_service_saw_falls_with_the_report_that_is_withdrawn_after() -> None:
    words = {"imaging_finding": CLEAN, "imaging_report": "final", "whole_spine_imaged": "yes"}
    facts = (
        performed(10, "CTL", "a"),
        reported(20, CLEAN, scan="a", report="r1"),
        said(30, by_service=True, **words),
    )
    assert seen(*facts).ruled_out
    assert not seen(*facts, withdrawn(40, replaces="r1")).ruled_out


# Contradictions


def test_a_clean_report_of_the_same_regions_contradicts_a_finding() -> None:
    found = seen(performed(10, "CTL"), reported(20, "mscc"), reported(30, CLEAN))
    assert [(one.finding.number, one.report, one.final, one.regions) for one in found.contradictions] == [
        (2, 3, True, frozenset(SPINE))
    ]


def test_a_clean_report_of_other_regions_contradicts_nothing() -> None:
    found = seen(performed(10, "CTL"), reported(20, "mscc", of="T"), reported(30, CLEAN, of="CL"))
    assert (found.contradictions, found.finding) == ((), "mscc")


def test_a_finding_that_was_replaced_is_no_contradiction() -> None:
    found = seen(
        performed(10, "CTL", "a"),
        reported(20, "mscc", scan="a", report="r1"),
        reported(30, CLEAN, scan="a", replaces="r1"),
    )
    assert found.contradictions == ()


def test_a_named_person_settles_a_contradiction_either_way() -> None:
    facts = (performed(10, "CTL"), reported(20, "mscc"), reported(30, CLEAN))
    kept = seen(*facts, let_stand(40, 2, 3))
    assert (kept.contradictions, kept.finding, kept.ruled_out) == ((), "mscc", False)
    gone = seen(*facts, taken_away(40, 2))
    assert (gone.contradictions, gone.finding, gone.ruled_out) == ((), CLEAN, True)


def test_the_next_contradicting_report_is_a_new_contradiction() -> None:
    facts = (performed(10, "CTL"), reported(20, "mscc"), reported(30, CLEAN), let_stand(40, 2, 3))
    found = seen(*facts, reported(50, CLEAN))
    assert [one.report for one in found.contradictions] == [5]


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


# Properties. Times differ, scans are of parts of the spine, facts arrive in any order

STATUSES = ("provisional", "final")
SAME_MEANING = {"cauda_equina_compression", "nerve_root_only"}
SPLITS = (("CTL",), ("CT", "L"))
WAYS = ("by scan", "by regions", "by neither")


def report_of(
    minute: int, result: str, status: str, scans: Sequence[str], target: int, way: str, **more: Any
) -> Fact:
    """A report of the scan at that place, addressed in one of the ways a sender may."""
    of = scans[target] if way == "by regions" else ""
    scan = f"scan {target}" if way == "by scan" else ""
    return reported(minute, result, status, of=of, scan=scan, **more)


def what_it_says(facts: Sequence[Fact], **more: Any) -> tuple[Any, ...]:
    """A picture without the numbers of its rows: each stands for the instant of its fact."""
    rows = arrived(facts)
    when = {row.number: row.occurred_at for row in rows}
    found = picture(rows, since=SINCE, **more)
    return (
        str(found.finding), str(found.report), found.whole_spine, found.whole_spine_at, found.ruled_out,
        frozenset((str(one.finding), when[one.number], one.regions, one.final, one.report_withdrawn)
                  for one in found.findings),
        frozenset((one.name, str(one.state), str(one.finding), one.final, one.assumed) for one in found.regions),
        frozenset(found.awaited),
        frozenset((when[one.finding.number], when[one.report], one.final, one.regions)
                  for one in found.contradictions),
        frozenset(when[number] for number in found.unplaced),
        frozenset(when[number] for number in found.assumed),
    )  # fmt: skip


def two_reports(split: Sequence[str], way: str) -> Iterator[tuple[list[Fact], list[tuple[str, str]]]]:
    """Two reports of every result, provisional or final, of split scans, with the scans before or between."""
    kinds = list(
        itertools.product([result for result in MRI_RESULTS if result not in SAME_MEANING], STATUSES)
    )
    last = len(split) - 1
    for one, two in itertools.product(kinds, repeat=2):
        for minutes in ((10, 20), (10, 40)) if last else ((10,),):
            scans = [
                performed(minute, letters, f"scan {place}" if way == "by scan" else "")
                for place, (minute, letters) in enumerate(zip(minutes, split, strict=True))
            ]
            reports = [
                report_of(30, *one, split, 0, way),
                report_of(50, *two, split, last, way),
            ]
            yield [*scans, *reports], [one, two]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("split", SPLITS, ids="-".join)
def test_two_reports_in_every_order_of_arrival(split: tuple[str, ...], way: str) -> None:
    for facts, sent in two_reports(split, way):
        said_first, *others = (what_it_says(order) for order in itertools.permutations(facts))
        assert set(others) <= {said_first}, f"the order of arrival changes the picture of {facts}"
        finding, ruled_out = said_first[0], said_first[4]
        worst = max((MEANS.get(result, "none") for result, _ in sent), key=RANK.__getitem__)
        if RANK[worst] > RANK[CLEAN]:
            assert finding == worst, facts
        assert not (ruled_out and worst in POSITIVE), facts
        if ruled_out:
            final = {result for result, status in sent if status == "final"}
            assert final & {CLEAN, "non_malignant_compression"}, facts
            assert len(split) == 1 or all(status == "final" for _, status in sent), facts


THREE = [(result, status) for result in ("mscc", CLEAN, NON_DIAGNOSTIC) for status in STATUSES]


@pytest.mark.parametrize("way", ["by scan", "by regions"])
@pytest.mark.parametrize("targets", [(0, 0, 1), (0, 1, 1), (1, 0, 0)], ids=str)
def test_three_reports_of_two_scans_in_many_orders_of_arrival(targets: tuple[int, ...], way: str) -> None:
    split = ("CT", "L")
    orders = list(itertools.permutations(range(5)))[::17]
    for kinds in itertools.product(THREE, repeat=3):
        facts = [
            performed(10, "CT", "scan 0" if way == "by scan" else ""),
            performed(20, "L", "scan 1" if way == "by scan" else ""),
            *(
                report_of(30 + 10 * place, *kind, split, target, way)
                for place, (kind, target) in enumerate(zip(kinds, targets, strict=True))
            ),
        ]
        said_first, *others = (what_it_says([facts[place] for place in order]) for order in orders)
        assert set(others) <= {said_first}, f"the order of arrival changes the picture of {facts}"
        if any(result == "mscc" for result, _ in kinds):
            assert (said_first[0], said_first[4]) == ("mscc", False), facts
        for place in (0, 1):
            final = [result for (result, status), target in zip(kinds, targets, strict=True)
                     if target == place and status == "final"]  # fmt: skip
            if not final:
                assert not said_first[4], facts
            elif final[-1] == NON_DIAGNOSTIC:
                assert not said_first[2], facts


class History(NamedTuple):
    """Facts of a case in their order of arrival, and when it got worse."""

    facts: tuple[Fact, ...]
    worse: tuple[datetime, ...]

    def seen(self, *more: Fact, worse: Sequence[datetime] = ()) -> SpinePicture:
        return picture(arrived((*self.facts, *more)), since=SINCE, worse_at=(*self.worse, *worse))


RESULTS = st.sampled_from(list(MRI_RESULTS))
SURENESS = st.sampled_from(["provisional", "final", "amended", ""])
REPORT_NAMES = ["", "", "r1", "r2"]


@st.composite
def histories(draw: st.DrawFn, ways: Sequence[str] = WAYS) -> History:
    """One to three scans of the whole or of parts, two or three reports, perhaps a worsening."""
    parts = draw(
        st.sampled_from([("CTL",), ("CT", "L"), ("T", "CL"), ("C", "T", "L"), ("CTL", "T"), ("CTL", "CTLS")])
    )
    way = draw(st.sampled_from(list(ways)))
    facts = [performed(100 * place, letters, f"scan {place}" if way == "by scan" else "",
                       draw(st.sampled_from(["mri", "mri", "mri", "ct"])))
             for place, letters in enumerate(parts)]  # fmt: skip
    for place in range(draw(st.integers(2, 3))):
        target = draw(st.integers(0, len(parts) - 1))
        minute = 100 * (target + 1) + draw(st.sampled_from([10, 110, 210])) + place
        names = {
            "report": draw(st.sampled_from(REPORT_NAMES)),
            "replaces": draw(st.sampled_from(REPORT_NAMES)),
        }
        result, status = draw(RESULTS), draw(SURENESS)
        if draw(st.integers(0, 9)) == 9:
            result, status = "", "withdrawn"
        facts.append(report_of(minute, result, status, parts, target, way, **names))
    worse = draw(st.sampled_from([(), (), (), (at(95),), (at(150),), (at(250),)]))
    return History(tuple(draw(st.permutations(facts))), worse)


def is_final(fact: Fact) -> bool:
    return fact.kind == "mri_reported" and fact.data.get("status") in ("final", "amended")


def examples(count: int) -> settings:
    return settings(max_examples=count, derandomize=True, deadline=None, database=None)


@examples(150)
@given(histories())
def test_nothing_is_ruled_out_while_a_final_positive_report_stands(history: History) -> None:
    found = history.seen()
    reports = [fact for fact in history.facts if fact.kind == "mri_reported"]
    for fact in reports:
        name = fact.data.get("report")
        if not is_final(fact) or MEANS.get(fact.data.get("result", "")) not in POSITIVE:
            continue
        if any(other is not fact and name and name in (other.data.get("replaces"), other.data.get("report"))
               and is_final(other) for other in reports):  # fmt: skip
            continue
        assert not found.ruled_out
        assert RANK[found.finding] >= RANK[MEANS[fact.data["result"]]]


@examples(150)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_picture(history: History, chance: Any) -> None:
    words = {
        "imaging_finding": chance.choice(["none", *MEANS.values()]),
        "imaging_report": chance.choice(["none", "final"]),
        "whole_spine_imaged": chance.choice(["yes", "no", "not_assessed"]),
    }
    statement = said(chance.choice([5, 155, 1000]), by_service=chance.random() < 0.5, **words)
    facts = [*history.facts, *([statement] if chance.random() < 0.5 else [])]
    first = what_it_says(facts, worse_at=history.worse)
    chance.shuffle(facts)
    assert what_it_says(facts, worse_at=history.worse) == first


@examples(150)
@given(histories())
def test_only_final_reports_of_new_scans_of_all_three_regions_rule_out(history: History) -> None:
    if not history.seen().ruled_out:
        return
    newest = max((SINCE, *history.worse))
    scans = [
        fact for fact in history.facts if fact.kind == "mri_performed" and fact.data["modality"] == "mri"
    ]
    for name in SPINE:
        fresh = [scan for scan in scans if name in scan.data["regions"] and scan.occurred_at >= newest]
        assert fresh, name
        last = max(fresh, key=lambda scan: scan.occurred_at)
        assert any(
            is_final(fact)
            and fact.data["result"] in (CLEAN, "non_malignant_compression")
            and fact.occurred_at > last.occurred_at
            and fact.data.get("scan") == last.data.get("scan")
            and name in fact.data.get("regions", (name,))
            for fact in history.facts
        ), name


@examples(150)
@given(histories(), st.data())
def test_one_more_provisional_report_takes_nothing_away_and_rules_nothing_out(
    history: History, data: st.DataObject
) -> None:
    before = history.seen()
    minute = data.draw(st.sampled_from([105, 205, 305, 1000]))
    names = data.draw(
        st.sampled_from([{}, {"scan": "scan 0"}, {"scan": "scan 1"}, {"of": "T"}, {"of": "CTL"}])
    )
    names = names | {
        "report": data.draw(st.sampled_from(["", "r1", "new"])),
        "replaces": data.draw(st.sampled_from(["", "r1", "r2"])),
    }
    after = history.seen(reported(minute, data.draw(RESULTS), "provisional", **names))
    assert standing(before) <= standing(after)
    assert RANK[after.finding] >= RANK[before.finding] or before.finding == CLEAN
    assert before.ruled_out or not after.ruled_out
    assert clean(before) >= {name for name in clean(after) if region(after, name).final}


@examples(150)
@given(histories())
def test_a_worsening_after_everything_rules_nothing_out_and_keeps_every_finding(history: History) -> None:
    before, after = history.seen(), history.seen(worse=(at(1000),))
    assert (after.ruled_out, after.whole_spine, after.report) == (False, False, "none")
    assert standing(after) == standing(before)
    assert after.finding == ("none" if before.finding == CLEAN else before.finding)


@examples(150)
@given(histories(ways=["by scan"]), st.integers(0, 2), st.sampled_from(["final", "amended"]))
def test_a_scan_that_could_not_be_read_never_covers_its_regions(
    history: History, place: int, status: str
) -> None:
    scan = next((fact for fact in history.facts if fact.data.get("scan") == f"scan {place}"
                 and fact.kind == "mri_performed"), None)  # fmt: skip
    if scan is None:
        return
    found = history.seen(reported(1000, NON_DIAGNOSTIC, status, scan=f"scan {place}"))
    others = {name for fact in history.facts for name in fact.data.get("regions", ())
              if fact.kind == "mri_performed" and fact is not scan}  # fmt: skip
    alone = set(scan.data["regions"]) - others
    assert not alone & clean(found)
    if alone & set(SPINE):
        assert (found.whole_spine, found.ruled_out) == (False, False)


@examples(150)
@given(histories(), st.data())
def test_a_withdrawal_makes_nothing_clean_and_takes_no_finding_away(
    history: History, data: st.DataObject
) -> None:
    before = history.seen()
    names = data.draw(
        st.sampled_from(
            [
                {},
                {"replaces": "r1"},
                {"report": "r2"},
                {"scan": "scan 0"},
                {"of": "L"},
                {"of": "CTL"},
                {"replaces": "r2", "scan": "scan 1"},
            ]
        )
    )
    after = history.seen(withdrawn(1000, **names))
    assert before.ruled_out or not after.ruled_out
    assert clean(after) <= clean(before)
    assert standing(before) <= standing(after)


@examples(150)
@given(
    histories(),
    st.sampled_from(["none", *MEANS.values()]),
    st.sampled_from(["none", "provisional", "final"]),
    st.sampled_from(["yes", "no", "not_assessed"]),
)
def test_what_a_referrer_states_rules_nothing_out_and_takes_nothing_away(
    history: History, finding: str, report: str, whole: str
) -> None:
    before = history.seen()
    words = {"imaging_finding": finding, "imaging_report": report, "whole_spine_imaged": whole}
    after = picture(
        arrived(history.facts), since=SINCE, worse_at=history.worse, statements=words, stated_at=SINCE
    )
    assert before.ruled_out or not after.ruled_out
    assert before.whole_spine or not after.whole_spine
    assert standing(before) <= standing(after)
    expected = {str(before.finding), finding} - {CLEAN, "none"}
    if expected:
        assert after.finding == max(expected, key=RANK.__getitem__)


@examples(150)
@given(histories())
def test_a_picture_agrees_with_itself(history: History) -> None:
    found = history.seen()
    worst = {finding for finding, _ in standing(found)}
    if worst:
        assert found.finding == max(worst, key=RANK.__getitem__)
    else:
        assert found.finding in ("none", CLEAN)
    assert found.ruled_out == (
        found.whole_spine
        and found.report == "final"
        and found.finding in (CLEAN, "non_malignant_compression")
    )
    assert found.whole_spine == (found.whole_spine_at is not None)
    if found.finding == CLEAN:
        assert clean(found) >= set(SPINE)
    assert len(found.regions) == 4


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
