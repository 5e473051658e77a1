"""Properties of the picture: facts of any kind, in any order of arrival."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.evidence.facts import Fact
from referrals.evidence.imaging import SpinePicture, picture
from referrals.intake.codes import MRI_RESULTS
from tests.domain.imaging.spines import (
    CLEAN,
    MEANS,
    NON_DIAGNOSTIC,
    POSITIVE,
    RANK,
    SINCE,
    SPINE,
    arrived,
    at,
    clean,
    performed,
    region,
    reported,
    said,
    standing,
    withdrawn,
)

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
        str(found.finding),
        str(found.report),
        found.whole_spine,
        found.whole_spine_at,
        found.ruled_out,
        frozenset(
            (str(one.finding), when[one.number], one.regions, one.final, one.report_withdrawn)
            for one in found.findings
        ),
        frozenset(
            (one.name, str(one.state), str(one.finding), one.final, one.assumed) for one in found.regions
        ),
        frozenset(found.awaited),
        frozenset(
            (when[one.finding.number], when[one.report], one.final, one.regions)
            for one in found.contradictions
        ),
        frozenset(when[number] for number in found.unplaced),
        frozenset(when[number] for number in found.assumed),
    )


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
            final = [
                result
                for (result, status), target in zip(kinds, targets, strict=True)
                if target == place and status == "final"
            ]
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
    facts = [
        performed(
            100 * place,
            letters,
            f"scan {place}" if way == "by scan" else "",
            draw(st.sampled_from(["mri", "mri", "mri", "ct"])),
        )
        for place, letters in enumerate(parts)
    ]
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
        if any(
            other is not fact
            and name
            and name in (other.data.get("replaces"), other.data.get("report"))
            and is_final(other)
            for other in reports
        ):
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
    scan = next(
        (
            fact
            for fact in history.facts
            if fact.data.get("scan") == f"scan {place}" and fact.kind == "mri_performed"
        ),
        None,
    )
    if scan is None:
        return
    found = history.seen(reported(1000, NON_DIAGNOSTIC, status, scan=f"scan {place}"))
    others = {
        name
        for fact in history.facts
        for name in fact.data.get("regions", ())
        if fact.kind == "mri_performed" and fact is not scan
    }
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
