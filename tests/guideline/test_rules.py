"""Rules as values: each cited, each reachable, each readable; and a second reading that agrees."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.guideline.second_reading import NEURO, PAIN, SINGLES, STRENGTH, oracle
from triage.guideline import findings
from triage.guideline.advice import ADVICE, ADVICE_AT
from triage.guideline.clocks import ServicePromises
from triage.guideline.course import JUDGEMENTS, Course
from triage.guideline.evaluate import Instants, evaluate
from triage.guideline.rule import ALWAYS, Citation, ContactUrgency, Rule, Stream
from triage.guideline.ruleset import NEWEST

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ANSWERS = ["yes", "no", "not_assessed"]
CHOICES: dict[str, list[Any]] = {
    "cancer_context": list(findings.CancerContext),
    "haematological_malignancy": list(findings.HaematologicalMalignancy),
    "primary_site": list(findings.PrimarySite),
    "movement_pain": list(findings.MovementPain),
    "pain_severity": [None, *range(11)],
    "imaging_finding": list(findings.ImagingFinding),
    "imaging_report": list(findings.ImagingReport),
    **dict.fromkeys(SINGLES, ANSWERS),
}
INSTANTS = [
    None,
    *(AT - timedelta(hours=hours) for hours in (-5, 0, 23.9, 24, 24.001, 30, 167.9, 168.001, 200)),
]


def chance_presentation(chance: random.Random) -> dict[str, Any]:
    """A presentation with groups that are often all no, all open, or have one yes."""
    weights = chance.choice([(1, 1, 1), (0, 1, 0), (1, 12, 1), (0, 1, 1), (1, 8, 0)])
    answers: dict[str, Any] = {
        name: str(v) if (v := chance.choice(values)) is not None and not isinstance(v, int) else v
        for name, values in CHOICES.items()
    }
    answers["pain"] = {name: chance.choices(ANSWERS, weights)[0] for name in PAIN}
    answers["neurology"] = {
        name: chance.choices(ANSWERS, chance.choice([weights, (0, 1, 0)]))[0] for name in NEURO
    }
    return answers


def in_any_order(clocks: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Clocks by kind: the published contract fixes no order, and a result has each kind once."""
    return sorted(clocks, key=lambda clock: str(clock[0]))


# Left out one by one, 285 of 327 conditions on arrival change a rule among the first 2,991 of these cases.
# The other 42 change none in 25,000, or are the only condition of their rule.
MANY = 10_000


def test_the_rules_agree_with_a_second_reading() -> None:
    chance = random.Random(234)
    for _ in range(MANY):
        sent, suspected, mscc = (
            chance_presentation(chance),
            chance.choice(INSTANTS),
            chance.choice([None, *INSTANTS]),
        )
        result = evaluate(
            findings.from_json(sent), at=AT, instants=Instants(suspected_at=suspected, mscc_suspected_at=mscc)
        )
        expected = oracle(sent, AT, suspected, mscc)
        expected["clocks"] = in_any_order(expected["clocks"])
        answers = {
            "stream": result.stream,
            "provisional": result.provisional,
            "contact": result.contact,
            "clocks": in_any_order(
                [(c.kind, c.limit_hours, c.starts, c.formal, c.due_at) for c in result.clocks]
            ),
            "advice": sorted(advice.advice.code for advice in result.advice),
            "warnings": sorted(warning.code for warning in result.warnings),
            "ask_next": list(result.ask_next),
        }
        assert answers == expected, sent


KNOWN_CANCER_ONLY = {"1.3.2", "1.3.3", "1.5.2", "1.5.3"}  # these ask for a cancer, past or current
CONTACT_CODES = {"contact_coordinator_immediately", "seek_coordinator_advice_24h"}
MRI_CODES = {"mri_whole_spine_24h", "mri_whole_spine_1w"}
NO_CANCER_KNOWN = [
    {"cancer_context": context, "haematological_malignancy": haematological}
    for context in ("suspected", "none_known")
    for haematological in ("suspected", "no", "unknown")
]


def cited(line: dict[str, Any], guideline: str, part: str) -> set[str]:
    """What the sources of an advice or a clock name of one guideline."""
    return {source[part] for source in line["sources"] if source["guideline"] == guideline and part in source}


def cites_decision(line: dict[str, Any], row: str) -> bool:
    """Whether the sources name a decision of the service that stands in this row of the reference."""
    words = {source.decision for rule in NEWEST.rules for source in rule.sources if source.row == row}
    return bool(words & cited(line, "service", "decision"))


@pytest.mark.parametrize("context", NO_CANCER_KNOWN, ids=lambda judgement: "-".join(judgement.values()))
def test_every_source_where_no_cancer_is_known_cites_the_service(context: dict[str, str]) -> None:
    chance, streams = random.Random(13), set()
    for _ in range(1000):
        sent = chance_presentation(chance) | context
        result = evaluate(findings.from_json(sent), at=AT, instants=Instants(suspected_at=AT)).as_json()
        stream = result["stream"]
        streams.add(stream)
        for line in [*result["advice"], *result["clocks"]]:
            assert not cited(line, "NG234", "recommendation") & KNOWN_CANCER_ONLY, (line, sent)
        for sentence in result["because"]:
            assert not any(f"NG234 {number}" in sentence for number in KNOWN_CANCER_ONLY), (sentence, sent)
        if stream not in ("emergency", "one_week"):
            continue
        statement = "3" if stream == "emergency" else "2"
        for line in [
            *(advice for advice in result["advice"] if advice["code"] in CONTACT_CODES | MRI_CODES),
            *(clock for clock in result["clocks"] if clock["kind"] in ("mri", "coordinator_advice")),
        ]:
            assert cites_decision(line, "A1"), (line, sent)
            assert statement in cited(line, "QS56", "statement"), (line, sent)
        for clock in result["clocks"]:
            if clock["kind"] == "treatment_plan":
                assert "2" in cited(clock, "QS56", "statement"), (clock, sent)
    assert {"emergency", "one_week"} <= streams


def test_safety_netting_outside_its_stream_cites_the_service() -> None:
    chance, streams = random.Random(8), set()
    for _ in range(6000):
        sent = chance_presentation(chance)
        found = evaluate(findings.from_json(sent), at=AT)
        if all(advice.advice.code != "safety_net_advice" for advice in found.advice):
            continue
        result = found.as_json()
        for line in result["advice"]:
            if line["code"] != "safety_net_advice":
                continue
            streams.add(result["stream"])
            numbers = cited(line, "NG234", "recommendation")
            if result["stream"] == "safety_net":
                assert "1.3.6" in numbers, sent
            else:
                assert "1.3.6" not in numbers and cites_decision(line, "A8"), sent
    assert streams == set(Stream) - {"emergency"}


def chance_course(chance: random.Random) -> Course:
    """A course with every judgement and every event by chance."""
    judged = {judgement.name: chance.choice(list(judgement.answers)) for judgement in JUDGEMENTS}
    events = {name: chance.random() < 0.5 for name in Course.__slots__ if name not in judged}
    return Course(**judged, **events)  # type: ignore[arg-type]  # by name


@pytest.fixture(scope="module")
def fired() -> set[str]:
    """The ids of every rule that fires somewhere in many presentations; the search ends with the last one."""
    from dataclasses import replace

    from triage.guideline.normalisation import situation_of, stream_inputs

    chance, ids = random.Random(56), set[str]()
    for _ in range(12_000):
        if ids == {rule.id for rule in NEWEST.rules}:
            break
        presentation = findings.from_json(chance_presentation(chance))
        inputs = stream_inputs(presentation)
        result = evaluate(presentation, at=AT)
        situation = situation_of(presentation, inputs, stream=result.stream, provisional=result.provisional)
        situation = replace(situation, over_limit=True, course=chance_course(chance))
        reasons = [rule for rule in NEWEST.stream_rules if rule.because in result.because]
        others = [rule for rule in NEWEST.rules if rule not in NEWEST.stream_rules]
        ids |= {rule.id for rule in reasons} | {rule.id for rule in others if rule.holds(situation)}
    return ids


@pytest.mark.parametrize("rule", NEWEST.rules, ids=lambda rule: rule.id)
def test_every_rule_is_cited_and_is_reached_by_some_case(rule: Rule, fired: set[str]) -> None:
    assert rule.id in fired
    assert all(source.words for source in rule.sources)
    assert rule.says[0].isupper()
    assert "  " not in rule.says
    assert rule.when.words


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in NEWEST.rules]
    assert len(ids) == len(set(ids))


def test_every_advice_code_has_its_strength_and_a_rule() -> None:
    assert {advice.code: advice.strength for advice in ADVICE} == STRENGTH
    assert {rule.code for rule in NEWEST.advice_rules} == set(ADVICE_AT)


def test_a_rule_cannot_be_made_without_its_source() -> None:
    with pytest.raises(ValueError, match="no source"):
        Rule(id="x", when=ALWAYS, says="It holds.", sources=())


def test_a_citation_names_exactly_one_thing() -> None:
    with pytest.raises(ValueError, match="one recommendation"):
        Citation(row="X", guideline="NG234")
    with pytest.raises(ValueError, match="one recommendation"):
        Citation(row="X", guideline="NG234", recommendation="1.1", statement="2")


CONFIRMED_NG234 = {
    "1.12.2",
    "1.3.2",
    "1.3.3",
    "1.3.5",
    "1.3.6",
    "1.5.2",
    "1.5.3",
    "1.5.5",
    "1.1.15",
    "1.1.16",
    "1.10.4",
}


def test_only_numbers_seen_in_print_are_confirmed() -> None:
    for rule in NEWEST.rules:
        for source in rule.sources:
            if source.guideline == "NG234":
                assert source.confirmed == (source.recommendation in CONFIRMED_NG234), source
                assert source.confirmed or "number not confirmed" in source.words
            assert source.confirmed or not source.statement


def test_because_is_never_empty_and_every_sentence_has_its_citation() -> None:
    chance = random.Random(1)
    for _ in range(2000):
        result = evaluate(findings.from_json(chance_presentation(chance)), at=AT)
        assert result.because
        assert all(sentence.endswith(").") for sentence in result.because)
        assert len(result.because) == len(set(result.because))


def test_the_result_as_json_survives_a_round_trip() -> None:
    import json

    result = evaluate(
        findings.from_json({"cancer_context": "current"}), at=AT, instants=Instants(suspected_at=AT)
    )
    assert json.loads(json.dumps(result.as_json())) == result.as_json()


def test_promises_of_the_service_change_only_its_own_clocks() -> None:
    presentation = findings.from_json({"cancer_context": "current", "neurology": {"limb_weakness": "yes"}})
    promises = ServicePromises(emergency=0.1, voice_contact=0.2)
    limits = {
        clock.kind: clock.limit_hours for clock in evaluate(presentation, at=AT, promises=promises).clocks
    }
    assert limits == {"acknowledge": 0.1, "voice_contact": 0.2, "mri": 24}


def test_limits_are_elapsed_hours_across_both_clock_changes() -> None:
    from kernel.time import LONDON

    presentation = findings.from_json({"cancer_context": "current", "neurology": {"limb_weakness": "yes"}})
    for suspected in (
        datetime(2026, 3, 28, 12, tzinfo=LONDON),
        datetime(2026, 10, 24, 12, tzinfo=LONDON),
    ):
        result = evaluate(presentation, at=AT, instants=Instants(suspected_at=suspected))
        mri = next(clock for clock in result.clocks if clock.kind == "mri")
        assert mri.due_at is not None
        assert mri.due_at - suspected.astimezone(UTC) == timedelta(hours=24)


def test_presentations_survive_storage() -> None:
    chance = random.Random(7)
    for _ in range(500):
        presentation = findings.from_json(chance_presentation(chance))
        assert findings.from_json(findings.as_json(presentation)) == presentation


@pytest.mark.parametrize("severity", ["7", True, 7.5, 11, -1])
def test_a_severity_that_is_no_whole_number_is_refused(severity: Any) -> None:
    with pytest.raises(ValueError, match="whole number"):
        findings.from_json({"cancer_context": "current", "pain_severity": severity})


def test_the_handbook_in_docs_is_what_the_rules_say() -> None:
    from pathlib import Path

    from triage.guideline.handbook import markdown

    printed = Path("docs/guideline.md").read_text()
    assert printed == markdown(), "run manage.py print_docs"


def test_streams_and_contacts_agree() -> None:
    expected = {
        Stream.EMERGENCY: ContactUrgency.IMMEDIATELY,
        Stream.ONE_WEEK: ContactUrgency.WITHIN_24_HOURS,
        Stream.URGENT_ONCOLOGY: ContactUrgency.URGENT_ONCOLOGY_REFERRAL,
        Stream.INSUFFICIENT_INFORMATION: ContactUrgency.WITHIN_24_HOURS,
    }
    chance = random.Random(3)
    for _ in range(3000):
        presentation = findings.from_json(chance_presentation(chance))
        result = evaluate(presentation, at=AT)
        contact = expected.get(result.stream, ContactUrgency.NONE)
        if presentation.instability_signs == "yes" and contact != ContactUrgency.IMMEDIATELY:
            contact = ContactUrgency.WITHIN_24_HOURS
        if presentation.imaging_finding == "impending_compression":
            contact = ContactUrgency.IMMEDIATELY
        assert result.contact == contact
