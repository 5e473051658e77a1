"""What stands of the spine, region by region: the worst finding, what takes it away, what somebody states."""

import itertools

import pytest

from referrals.intake.codes import MRI_RESULTS
from tests.domain.imaging.spines import (
    CLEAN,
    MEANS,
    NON_DIAGNOSTIC,
    POSITIVE,
    SPINE,
    at,
    clean,
    let_stand,
    performed,
    region,
    reported,
    said,
    seen,
    standing,
    stated,
    states,
    taken_away,
    withdrawn,
)

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
    assert [
        (one.finding, one.number, one.regions, one.final) for one in found.findings if one.finding == "mscc"
    ] == [("mscc", 2, frozenset({"thoracic"}), False)]


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
