"""Each recommendation stands in one place, whole, and the tables across the sections lose nothing of it."""

from dataclasses import replace

import pytest

from triage.guideline import imaging, order, recognition, support
from triage.guideline.advice import ADVICE
from triage.guideline.care import CARE
from triage.guideline.contents import CITATION_AT, RECOMMENDATIONS, RULES, TEXTS, in_order
from triage.guideline.recommendation import CONSIDER, Recommendation, give
from triage.guideline.rows.row import Stage, Who
from triage.guideline.rows.table import ROW_AT
from triage.guideline.rule import ALWAYS, AdviceRule
from triage.guideline.ruleset import NEWEST

INVENTED = Recommendation(
    id="X-1",
    number="1.9.9",
    stage=Stage.PAIN,
    who=(Who.CLINICIAN,),
    says="It is so.",
    strength=CONSIDER,
    rules=(give("be_kind.always", when=ALWAYS, because="It helps."),),
    places=("screen:guideline",),
)


def test_a_recommendation_stands_once() -> None:
    ids = [recommendation.id for recommendation in RECOMMENDATIONS]
    assert len(ids) == len(set(ids))


def test_an_advice_has_one_text_and_a_screen_gives_every_one() -> None:
    codes = [advice.code for advice in TEXTS]
    assert len(codes) == len(set(codes))
    assert set(codes) == {advice.code for advice in (*ADVICE, *CARE)}


def test_what_a_recommendation_tells_is_given_by_a_rule_of_its_own() -> None:
    for recommendation in RECOMMENDATIONS:
        codes = {ground.id.partition(".")[0] for ground in recommendation.rules}
        assert {advice.code for advice in recommendation.tells} <= codes, recommendation.id


def test_every_rule_of_a_recommendation_is_in_force_once() -> None:
    written = [ground.id for recommendation in RECOMMENDATIONS for ground in recommendation.rules]
    assert sorted(written) == sorted(rule.id for rule in NEWEST.rules)


def test_a_rule_cites_its_recommendation_unless_it_names_others() -> None:
    (rule,) = INVENTED.rules_citing({"X-1": INVENTED.citation})  # type: ignore[dict-item]  # it has a number
    assert (rule.sources[0].words, rule.because) == (
        "NG234 1.9.9, number not confirmed",
        "It helps (NG234 1.9.9, number not confirmed).",
    )


def test_a_rule_that_cites_what_does_not_exist_is_refused() -> None:
    lost = replace(INVENTED, rules=(give("be_kind", when=ALWAYS, because="It helps.", cites=("X-2",)),))
    with pytest.raises(KeyError, match="X-2"):
        list(lost.rules_citing(CITATION_AT))


def test_a_recommendation_has_one_source() -> None:
    with pytest.raises(ValueError, match="one recommendation"):
        assert replace(INVENTED, decision="both").citation


def test_the_row_and_the_citation_of_a_recommendation_name_the_same_source() -> None:
    for recommendation in RECOMMENDATIONS:
        if recommendation.citation and not recommendation.source and not recommendation.decision:
            words = recommendation.citation.words.removesuffix(", number not confirmed")
            assert ROW_AT[recommendation.id].source == words


def test_a_rule_without_a_place_in_the_order_is_refused() -> None:
    with pytest.raises(ValueError, match="be_kind"):
        in_order(
            (*RULES, *INVENTED.rules_citing({**CITATION_AT, "X-1": CITATION_AT["REC-2"]})),
            AdviceRule,
            order.ADVICE + order.CARE,
        )
    twice = (*RULES, next(rule for rule in RULES if isinstance(rule, AdviceRule)))
    with pytest.raises(ValueError, match="order"):
        in_order(twice, AdviceRule, order.ADVICE + order.CARE)


@pytest.mark.parametrize(
    ("module", "sections"), [(recognition, ("1.3",)), (imaging, ("1.5",)), (support, ("1.2", "1.12"))]
)
def test_a_file_holds_the_recommendations_of_its_section(module: object, sections: tuple[str, ...]) -> None:
    numbers = [recommendation.number for recommendation in module.RECOMMENDATIONS if recommendation.number]  # type: ignore[attr-defined]  # a module of a section
    assert numbers
    assert {".".join(number.split(".")[:2]) for number in numbers} <= set(sections)
