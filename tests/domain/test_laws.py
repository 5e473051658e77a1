"""Laws of the evidence, tried on cases made at random: the order of telling changes nothing, a repeat adds nothing, and what
is worse or missing never reassures.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from referrals.evidence.case_evidence import Evidence, SentFindings, evidence
from referrals.evidence.facts import EXAMINED, Fact
from triage.guideline.evaluate import TriageResult, evaluate
from triage.guideline.findings import Neurology, Pain
from triage.guideline.rule import URGENCY

REFERRED = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOW = REFERRED + timedelta(days=4)
MINUTES = range(-24 * 60, 3 * 24 * 60, 7)
ANSWERS = ("yes", "no", "no", "not_assessed")
WALKING = ("unaided", "with_aid", "not_walking_some_power", "no_power")
REGIONS = (["cervical", "thoracic", "lumbar"], ["lumbar"], ["cervical", "thoracic"], ["lumbar", "sacral"])
RESULTS = (
    *("no_malignant_disease",) * 4,
    "mscc",
    "impending_compression",
    "metastases_no_compression",
    "non_malignant_compression",
    "non_diagnostic",
)
FINDINGS = (
    "none",
    "no_malignant_disease",
    "non_malignant_compression",
    "spinal_metastases",
    "impending_compression",
    "mscc",
)
NAMES = ("limb_weakness", "sensory_disturbance", "bladder_or_bowel_dysfunction")  # few, so that facts meet
SEEDS = range(8)
CASES = 20  # in each seed


def referral(chance: random.Random) -> SentFindings:
    """A referral with answers at random, mostly without neurology."""
    answers = ("no",) if chance.random() < 0.6 else ANSWERS
    presentation = {
        "cancer_context": chance.choice(("current", "past", "suspected", "none_known")),
        "haematological_malignancy": chance.choice(("no", "no", "unknown", "suspected", "confirmed")),
        "pain": {name: chance.choice(ANSWERS) for name in Pain.__slots__},
        "neurology": {name: chance.choice(answers) for name in Neurology.__slots__},
        "saddle_or_sphincter_signs": chance.choice(answers),
        "instability_signs": chance.choice(ANSWERS),
        "dexamethasone_given": chance.choice(ANSWERS),
    }
    walking = chance.choice(("", "unaided", "no_power"))
    return SentFindings(
        presentation=presentation, referred_at=REFERRED, symptoms_began=REFERRED, walking=walking
    )


def scanned(chance: random.Random) -> Fact:
    data = {"modality": chance.choice(("mri", "mri", "ct")), "regions": chance.choice(REGIONS)}
    return told(chance, "mri_performed", {**data, "scan": chance.choice(("S1", "S2", "S3"))})


def reported(chance: random.Random) -> Fact:
    data = {"result": chance.choice(RESULTS), "status": chance.choice(("provisional", "final", "amended"))}
    named = {"report": chance.choice(("R1", "R2", "R3")), "scan": chance.choice(("S1", "S2", "S3"))}
    regions = {"regions": chance.choice(REGIONS)}
    return told(chance, "mri_reported", {**data, **regions, **named})


def changed(chance: random.Random) -> Fact:
    names = chance.sample(NAMES, 2)
    data: dict[str, Any] = {"neurology": {name: chance.choice(ANSWERS) for name in names}}
    if chance.random() < 0.5:
        data["walking_now"] = chance.choice(WALKING)
    if chance.random() < 0.2:
        data["worse"] = [chance.choice(NAMES)]
    return told(chance, "neurology_changed", data)


def examined(chance: random.Random) -> Fact:
    data: dict[str, Any] = {"record.power_l3_left": chance.choice("0345")}
    if chance.random() < 0.5:
        data["record.bladder"] = chance.choice(("normal", "retention"))
    if chance.random() < 0.5:
        data["clinical.walking_now"] = chance.choice(WALKING)
    return replace(told(chance, EXAMINED, data), by_service=True)


def dosed(chance: random.Random) -> Fact:
    return told(chance, chance.choice(("dexamethasone_given", "dexamethasone_stopped")), {})


KINDS = (scanned, reported, reported, changed, changed, changed, examined, examined, dosed)


def told(chance: random.Random, kind: str, data: dict[str, Any]) -> Fact:
    at = REFERRED + timedelta(minutes=chance.choice(MINUTES), seconds=chance.randrange(1, 59))
    by_service = chance.random() < 0.5
    return Fact(kind=kind, occurred_at=at, data=data, by_service=by_service, by_name="A Marlowe")  # type: ignore[arg-type]


def read(sent: SentFindings, facts: Sequence[Fact]) -> tuple[Evidence, TriageResult]:
    """What a case says after these facts, arrived in this order."""
    rows = [fact if fact.kind == EXAMINED else replace(fact, number=n) for n, fact in enumerate(facts, 1)]
    found = evidence(sent, rows)
    return found, evaluate(found.presentation, at=NOW)


def summary(sent: SentFindings, facts: Sequence[Fact]) -> dict[str, Any]:
    """All that a reader concludes; the numbers of rows are left out."""
    found, result = read(sent, facts)
    spine = found.picture
    return {
        "presentation": found.presentation,
        "worse": found.worse,
        "regions": spine.regions,
        "ruled out": spine.ruled_out,
        "covered": spine.whole_spine_at,
        "result": result.as_json(),
    }


def cases(seed: int) -> Iterator[tuple[random.Random, SentFindings, list[Fact]]]:
    for number in range(CASES):
        chance = random.Random(f"{seed} {number}")
        facts = [chance.choice(KINDS)(chance) for _ in range(chance.randint(1, 7))]
        yield chance, referral(chance), facts


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_telling_changes_nothing(seed: int) -> None:
    for chance, sent, facts in cases(seed):
        told_first = summary(sent, facts)
        for _ in range(3):
            assert summary(sent, chance.sample(facts, len(facts))) == told_first


@pytest.mark.parametrize("seed", SEEDS)
def test_a_repeat_adds_nothing(seed: int) -> None:
    for _, sent, facts in cases(seed):
        once = summary(sent, facts)
        for fact in facts:
            assert summary(sent, [*facts, fact]) == once


def worse_or_missing(chance: random.Random) -> Iterator[Fact]:
    """Facts that say something worse, that take a reassurance back, or that say nothing."""
    name = chance.choice(NAMES)
    yield told(chance, "neurology_changed", {"neurology": {name: "yes"}})
    yield told(chance, "neurology_changed", {"worse": [name]})
    yield told(chance, "neurology_changed", {"saddle_or_sphincter_signs": "yes"})
    yield told(chance, "neurology_changed", {"walking_now": "no_power"})
    yield told(chance, "neurology_changed", {"neurology": dict.fromkeys(Neurology.__slots__, "not_assessed")})
    yield examined(chance)
    for result in ("mscc", "impending_compression", "metastases_no_compression"):
        for status in ("provisional", "final"):
            regions = chance.choice(REGIONS)
            yield told(chance, "mri_reported", {"result": result, "status": status, "regions": regions})
    for result in ("no_malignant_disease", "non_diagnostic"):
        data = {"result": result, "status": "provisional", "scan": "S1", "regions": ["thoracic"]}
        yield told(chance, "mri_reported", data)
    yield told(chance, "mri_reported", {"status": "withdrawn"})
    yield told(chance, "mri_reported", {"status": "withdrawn", "report": "R1"})


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_worse_or_missing_never_reassures(seed: int) -> None:
    for chance, sent, facts in cases(seed):
        before, result = read(sent, facts)
        for fact in worse_or_missing(chance):
            after, later = read(sent, [*facts, fact])
            why = (fact, facts)
            assert URGENCY.get(later.stream, 0) >= URGENCY.get(result.stream, 0), why
            assert not after.picture.ruled_out or before.picture.ruled_out, why
            assert not stops(later) or stops(result), why
            if before.presentation.imaging_finding != "no_malignant_disease":
                severity = FINDINGS.index(after.presentation.imaging_finding)
                assert severity >= FINDINGS.index(before.presentation.imaging_finding), why


def stops(result: TriageResult) -> bool:
    """Whether it says to stop dexamethasone."""
    return any(line.advice.code == "stop_dexamethasone" for line in result.advice)
