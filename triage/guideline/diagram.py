"""The decision as a drawing, after the guideline's four visual summaries, drawn from the rules themselves.

A box names advice codes. Its words, strengths, conditions and citations come from the rules of those codes, so
the drawing cannot differ from the rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.recommendation import Advice
from triage.guideline.rule import AdviceRule, Citation, Rule, Stream
from triage.guideline.ruleset import NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box of a chart: a heading and its advice codes."""

    title: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart: who enters, the first step, the boxes beside one another, and where it leads."""

    id: str
    title: str
    follows: str
    entry: tuple[str, ...]
    first: Box
    boxes: tuple[Box, ...]
    leads_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramLine:
    """One instruction of a box, from its rules."""

    code: str
    strength: str
    text: str
    when: tuple[str, ...]
    sources: str


_SUPPORT = Box(
    title="From diagnosis on",
    codes=(
        "talk_about_diagnosis",
        "holistic_needs_assessment",
        "rehabilitation_by_goals",
        "consider_readjustment",
        "start_discharge_planning",
        "prevent_complications",
        "physiotherapy_and_ot",
    ),
)
_BONE = Box(
    title="Bone agents",
    codes=("bisphosphonate", "denosumab", "no_bisphosphonate_to_prevent_mscc", "no_denosumab_in_prostate"),
)
_PAIN = Box(
    title="Pain",
    codes=(
        "pain_assessment_and_plan",
        "adequate_analgesia",
        "consider_specialist_pain_service",
        "review_pain_plan",
    ),
)
CHARTS: tuple[Chart, ...] = (
    Chart(
        id="mscc",
        title="Suspected MSCC: first hours",
        follows="visual summary: MSCC, initial assessment",
        entry=tuple(rule.id for rule in NEWEST.stream_rules if rule.stream == Stream.EMERGENCY),
        first=Box(
            title="Contact",
            codes=("contact_coordinator_immediately", "examine_neurology_now", "record_key_information"),
        ),
        boxes=(
            Box(
                title="Immobilise",
                codes=(
                    "start_immobilisation",
                    "consider_immobilisation",
                    "stability_advice_24h",
                    "nurse_lying",
                    "adjust_position",
                    "assess_stability",
                    "graded_sitting",
                ),
            ),
            Box(
                title="Image",
                codes=(
                    "mri_whole_spine_24h",
                    "ct_instead_of_mri",
                    "no_plain_xray",
                    "mri_technique",
                    "mri_locally_first",
                    "overnight_mri",
                    "report_urgently",
                    "myelography_at_centre_only",
                    "reconstruct_ct",
                    "clean_spine_with_neurology",
                ),
            ),
            Box(
                title="Steroid",
                codes=(
                    "offer_dexamethasone_16mg",
                    "continue_dexamethasone_16mg_daily",
                    "hold_dexamethasone_discuss_haematology",
                    "hold_dexamethasone_discuss_spinal_surgery",
                    "consider_corticosteroid",
                    "stop_dexamethasone",
                    "record_why_no_dexamethasone",
                    "review_dexamethasone",
                    "steroid_safeguards",
                    "taper_dexamethasone",
                    "haematology_decides_further_steroid",
                ),
            ),
            _PAIN,
            _BONE,
            Box(title="Stability and prognosis", codes=("consider_scoring_system",)),
            _SUPPORT,
        ),
        leads_to="mscc-treatment",
    ),
    Chart(
        id="mscc-treatment",
        title="Confirmed MSCC: treatment",
        follows="visual summary: MSCC, radiotherapy and invasive interventions",
        entry=("emergency.imaging",),
        first=Box(
            title="Together",
            codes=(
                "plan_surgery_with_mdt",
                "spinal_surgeon_first",
                "surgical_opinion_first",
                "prealert_radiotherapy",
                "check_anticoagulant_and_platelets",
                "biopsy_before_treatment",
            ),
        ),
        boxes=(
            Box(
                title="Surgery is suitable",
                codes=(
                    "surgery_as_soon_as_possible",
                    "decompression_or_stabilisation",
                    "stabilise_for_pain",
                    "no_preoperative_radiotherapy",
                    "postoperative_radiotherapy",
                ),
            ),
            Box(
                title="Surgery is not suitable: radiotherapy",
                codes=(
                    "urgent_radiotherapy",
                    "urgent_radiotherapy_not_asked",
                    "is_there_pain",
                    "single_fraction",
                    "several_fractions",
                    "radiotherapy_again",
                    "judge_plegia",
                ),
            ),
            Box(title="Surgery is not suitable: the spine", codes=("external_support",)),
        ),
    ),
    Chart(
        id="metastases",
        title="Suspected spinal metastases without neurology",
        follows="visual summary: spinal metastases, initial assessment",
        entry=tuple(rule.id for rule in NEWEST.stream_rules if rule.stream == Stream.ONE_WEEK),
        first=Box(title="Contact", codes=("seek_coordinator_advice_24h", "safety_net_advice")),
        boxes=(
            Box(
                title="Immobilise",
                codes=("consider_immobilisation", "stability_advice_24h", "graded_sitting"),
            ),
            Box(
                title="Image",
                codes=(
                    "mri_whole_spine_1w",
                    "ct_instead_of_mri",
                    "no_plain_xray",
                    "mri_locally_first",
                    "reconstruct_ct",
                ),
            ),
            Box(
                title="Steroid",
                codes=(
                    "no_routine_corticosteroid",
                    "consider_corticosteroid",
                    "offer_dexamethasone_16mg",
                    "hold_dexamethasone_discuss_haematology",
                ),
            ),
            _PAIN,
            _BONE,
            _SUPPORT,
        ),
        leads_to="metastases-treatment",
    ),
    Chart(
        id="metastases-treatment",
        title="Spinal metastases without MSCC: treatment",
        follows="visual summary: spinal metastases, radiotherapy and invasive interventions",
        entry=("one_week.imaging", "one_week.impending"),
        first=Box(title="Together", codes=("plan_surgery_with_mdt", "biopsy_if_primary_unknown")),
        boxes=(
            Box(
                title="Pain that is not mechanical",
                codes=("single_fraction_for_pain", "stereotactic_alternative"),
            ),
            Box(
                title="Instability, or pain in spite of analgesia",
                codes=("vertebral_intervention", "external_support"),
            ),
            Box(
                title="No symptoms",
                codes=(
                    "no_radiotherapy_without_symptoms",
                    "radiotherapy_without_symptoms",
                    "no_surgery_to_prevent_mscc",
                ),
            ),
        ),
    ),
    Chart(
        id="others",
        title="Everybody else",
        follows="recommendations 1.3.5 and 1.3.6, and decisions of this service",
        entry=tuple(
            rule.id for rule in NEWEST.stream_rules if rule.stream not in (Stream.EMERGENCY, Stream.ONE_WEEK)
        ),
        first=Box(
            title="Route", codes=("refer_urgent_oncology", "safety_net_advice", "record_key_information")
        ),
        boxes=(),
    ),
)


def entries(chart: Chart) -> tuple[Rule, ...]:
    """The rules that put a case into a chart."""
    return tuple(rule for rule in NEWEST.rules if rule.id in chart.entry)


def lines(box: Box) -> Iterator[DiagramLine]:
    """What a box says, from the rules of its codes."""
    for code in box.codes:
        advice = _text(code)
        rules = _rules(code)
        sources = dict.fromkeys(source for rule in rules for source in rule.sources)
        yield DiagramLine(
            code=code,
            strength=str(advice.strength),
            text=advice.text,
            when=tuple(rule.when.words for rule in rules),
            sources="; ".join(source.words for source in sources),
        )


def _text(code: str) -> Advice:
    return ADVICE_AT[code] if code in ADVICE_AT else CARE_AT[code]


def _rules(code: str) -> tuple[AdviceRule, ...]:
    return tuple(rule for rule in (*NEWEST.advice_rules, *NEWEST.care_rules) if rule.code == code)


def citations(chart: Chart) -> tuple[Citation, ...]:
    """Every source that a chart draws on, once."""
    boxes = (chart.first, *chart.boxes)
    rules = (*entries(chart), *(rule for box in boxes for code in box.codes for rule in _rules(code)))
    return tuple(dict.fromkeys(source for rule in rules for source in rule.sources))
