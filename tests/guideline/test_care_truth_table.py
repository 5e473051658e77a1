"""Every condition of every rule decides something: turned round or left out, some case is read differently.

The rules are compared with a second reading of the guideline: over cases by chance, over the cases in which
one condition decides, and with each condition left out in turn.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from tests.guideline.second_reading import oracle
from tests.guideline.second_reading_care import CAUTIONS, care_oracle, caution_oracle, context_as_read
from triage.guideline.care import CARE_AT
from triage.guideline.course import JUDGEMENT_AT, JUDGEMENTS, Course
from triage.guideline.course import from_json as course_from
from triage.guideline.evaluate import Instants, TriageResult, evaluate
from triage.guideline.findings import QUESTIONS
from triage.guideline.findings import from_json as presentation_from
from triage.guideline.normalisation import Situation, situation_of, stream_inputs
from triage.guideline.rule import ALWAYS, Both, Citation, Condition, Criterion, Either, Negation, Rule
from triage.guideline.ruleset import NEWEST

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
RULES = replace(NEWEST, asks_by_trial=False)  # what to ask next is not read here, and to try it takes long

# ---- Cases ----

Answers = dict[str, Any]  # every answer by its path; `course.` and `instants.` begin what no presentation has
Choices = dict[str, list[Any]]

HOURS_AGO = [None, -5, 23, 30, 160, 200]
ARRIVING: Choices = {
    **{
        question.path: [str(a) for a in question.answers] if question.answers else [None, *range(11)]
        for question in QUESTIONS
    },
    "instants.suspected_at": HOURS_AGO,
    "instants.mscc_suspected_at": HOURS_AGO,
}
FOLLOWED: Choices = {
    **{path: choices for path, choices in ARRIVING.items() if not path.startswith("instants.")},
    **{judgement.path: [str(a) for a in judgement.answers] for judgement in JUDGEMENTS},
    **{f"course.{part.name}": [False, True] for part in fields(Course) if part.name not in JUDGEMENT_AT},
}
OFTEN: Choices = {
    "imaging_finding": ["mscc", "spinal_metastases", "no_malignant_disease"],
    "primary_site": ["unknown", "breast", "prostate", "lymphoma"],
    "course.surgery_suitable": ["no", "yes"],
}


@dataclass(eq=False)
class Case:
    """One person at one moment: as it is entered, as it is sent, and as the rules read it."""

    answers: Answers

    @cached_property
    def sent(self) -> dict[str, Any]:
        presentation: dict[str, Any] = {"pain": {}, "neurology": {}}
        for path, answer in self.answers.items():
            group, _, name = path.rpartition(".")
            if group not in ("course", "instants"):
                (presentation[group] if group else presentation)[name] = answer
        return presentation

    @cached_property
    def course(self) -> dict[str, Any]:
        return {path[7:]: answer for path, answer in self.answers.items() if path.startswith("course.")}

    @cached_property
    def instants(self) -> Instants:
        ago = {name: self.answers.get(f"instants.{name}") for name in ("suspected_at", "mscc_suspected_at")}
        return Instants(**{name: h if h is None else AT - timedelta(hours=h) for name, h in ago.items()})

    @cached_property
    def result(self) -> TriageResult:
        """What the product says."""
        course = course_from(self.course) if self.course else None
        presentation = presentation_from(self.sent)
        return evaluate(presentation, at=AT, instants=self.instants, course=course, ruleset=RULES)

    @cached_property
    def situation(self) -> Situation:
        """What the conditions of the rules are asked about."""
        presentation = presentation_from(self.sent)
        inputs = stream_inputs(presentation)
        first = next(rule for rule in NEWEST.stream_rules if rule.holds(inputs))
        course = course_from(self.course)
        situation = situation_of(
            presentation, inputs, stream=first.stream, provisional=first.provisional, course=course
        )
        timed = self.instants.suspected_at or self.instants.mscc_suspected_at
        return replace(
            situation, over_limit=bool(timed) and "suspected_over_limit" in self.second["warnings"]
        )

    @cached_property
    def second(self) -> dict[str, Any]:
        """What the second reading says on arrival."""
        return oracle(self.sent, AT, self.instants.suspected_at, self.instants.mscc_suspected_at)

    @cached_property
    def second_care(self) -> set[str]:
        """What the second reading says of care."""
        return care_oracle(self.sent, self.course, self.result.stream)

    @cached_property
    def second_cautions(self) -> set[str]:
        """What the second reading warns of once a case is followed."""
        return caution_oracle(self.sent, self.course, self.result.stream)


def by_chance(choices: Choices, chance: random.Random) -> Case:
    """A case by chance, whose groups of findings are often all no, all open, or have one yes."""
    answers = {path: chance.choice(values) for path, values in choices.items()}
    weights = chance.choice([(1, 1, 1), (0, 1, 0), (1, 12, 1), (0, 1, 1), (1, 8, 0)])
    often = chance.choice([0.05, 0.15, 0.5])
    for path, values in choices.items():
        if path.startswith("neurology.") or (path.startswith("pain.") and chance.random() < 0.8):
            answers[path] = chance.choices(["yes", "no", "not_assessed"], weights)[0]
        elif values == [False, True]:
            answers[path] = chance.random() < often
        elif values is HOURS_AGO and chance.random() < 0.5:
            answers[path] = None
    for path, values in OFTEN.items():
        if path in answers and chance.random() < 0.5:
            answers[path] = chance.choice(values)
    return Case(answers)


# ---- Conditions, one at a time ----

Path = tuple[str, ...]


def leaves(condition: Condition, path: Path = ()) -> Iterator[tuple[Path, Criterion]]:
    """Every single fact that a condition is made of, and where in it."""
    if isinstance(condition, Both | Either):
        yield from leaves(condition.left, (*path, "left"))
        yield from leaves(condition.right, (*path, "right"))
    elif isinstance(condition, Negation):
        yield from leaves(condition.denied, (*path, "denied"))
    elif isinstance(condition, Criterion) and condition != ALWAYS:
        yield path, condition


def beside(condition: Both | Either, side: str) -> Condition:
    return condition.right if side == "left" else condition.left


def flipped(condition: Condition, path: Path) -> Condition:
    """The condition with the fact at that place turned round."""
    if not path:
        return Negation(condition)
    inside = flipped(getattr(condition, path[0]), path[1:])
    return replace(condition, **{path[0]: inside})


def without(condition: Condition, path: Path) -> Condition | None:
    """The condition with the fact at that place left out; None where nothing is left."""
    if not path:
        return None
    inside = without(getattr(condition, path[0]), path[1:])
    if inside is not None:
        return replace(condition, **{path[0]: inside})
    return beside(condition, path[0]) if isinstance(condition, Both | Either) else None


@dataclass(frozen=True)
class Family:
    """Rules that give one kind of thing: each what it says on its own, or only the first that holds.

    What a rule `cites` is given beside it. Where the first speaks, those of its own step are cited with it.
    """

    choices: Choices
    rules: tuple[Rule, ...]
    gives: Callable[[Any], Any]
    product: Callable[[TriageResult], Iterable[Any]]
    second: Callable[[Case], Iterable[Any]]
    cites: Callable[[Any], Iterable[Any]] = lambda rule: ()
    first_only: bool = False

    def rivals(self, rule: Rule) -> list[Rule]:
        """Rules that give the same, or speak first: one is heard where they are silent."""
        if self.first_only:
            return list(self.rules[: self.rules.index(rule)])
        return [other for other in self.rules if other is not rule and self.gives(other) == self.gives(rule)]

    def differ(self, case: Case, rule: Rule) -> set[Any]:
        """What only one of the two readings gives, of all that this rule may give."""
        disputed = set(self.product(case.result)) ^ set(self.second(case))
        own = self.gives(rule)
        return disputed if self.first_only else {value for value in disputed if own in (value, value[0])}


# ---- What is given, and on what ground ----

ON_ARRIVAL = ("acknowledge", "voice_contact")  # promises of the service, which no rule starts
GROUNDED = {
    "contact_coordinator_immediately",
    "seek_coordinator_advice_24h",
    "mri_whole_spine_24h",
    "mri_whole_spine_1w",
    ("mri", 24),
    ("mri", 168),
    ("coordinator_advice", 24),
}
# These recommendations ask for a cancer, past or current.
KNOWN_CANCER_ONLY = {"1.3.2", "1.3.3", "1.5.2", "1.5.3"}
SERVICE = "a decision of this service"


def grounds(cited: Iterable[Citation]) -> set[str]:
    """Which recommendations for known cancer something rests on, which statements, whether on a decision."""
    sources = list(cited)
    names = {source.recommendation for source in sources} & KNOWN_CANCER_ONLY
    names |= {f"statement {source.statement}" for source in sources if source.statement}
    return names | {SERVICE for source in sources if source.decision}


def on_grounds(value: Any, names: Iterable[str]) -> list[Any]:
    return [value, *((value, ground) for ground in names if value in GROUNDED)]


def second_grounds(case: Case, value: Any) -> set[str]:
    """The same by the second reading: a recommendation where its own conditions are met, else the service."""
    stream = case.second["stream"]
    has_cancer, neurology, pain = known_cancer(case), any_neurology(case), any_pain(case)
    week = {"statement 2"} if stream == "one_week" else set()
    if value == "contact_coordinator_immediately":
        if not has_cancer:
            return {SERVICE, "statement 3"} if stream == "emergency" else {SERVICE, "statement 2"}
        return {"1.3.2"} if stream == "emergency" and neurology else {"1.3.2", SERVICE}
    if value in ("seek_coordinator_advice_24h", ("coordinator_advice", 24)):
        if not has_cancer or stream != "one_week":
            return {SERVICE} | week
        return {"1.3.3"} if pain or value == ("coordinator_advice", 24) else {"1.3.3", SERVICE}
    if value in ("mri_whole_spine_24h", ("mri", 24)):
        return {"1.5.2" if has_cancer else SERVICE, "statement 3"}
    if value in ("mri_whole_spine_1w", ("mri", 168)):
        return {"1.5.3" if has_cancer else SERVICE, "statement 2"}
    return set()


def second_grounds_of_stream(case: Case) -> set[str]:
    """Why the stream is what it is, for every reason of the first step that has one."""
    stream, imaging = case.second["stream"], case.sent["imaging_finding"]
    if stream == "emergency" and not case.second["provisional"]:
        reasons = ({"1.3.2"} if known_cancer(case) else {SERVICE}) if any_neurology(case) else set()
        return reasons | ({SERVICE} if imaging == "mscc" else set())
    if stream == "one_week" and imaging not in ("spinal_metastases", "impending_compression"):
        severity = case.sent["pain_severity"]
        severe = (severity is not None and severity >= 7) or case.sent["movement_pain"] == "severe"
        reasons = {"1.3.3", "1.5.3"} if any_pain(case) else set()
        return reasons | ({SERVICE} if severe or case.sent["instability_signs"] == "yes" else set())
    return set() if stream in ("urgent_oncology", "safety_net") else {SERVICE}


def product_grounds_of_stream(result: TriageResult) -> set[str]:
    reasons = [rule for rule in NEWEST.stream_rules if rule.because in result.because]
    return grounds(source for rule in reasons for source in rule.sources if not source.statement)


def known_cancer(case: Case) -> bool:
    return context_as_read(case.sent) in ("current", "past")


def any_neurology(case: Case) -> bool:
    return "yes" in (*case.sent["neurology"].values(), case.sent["saddle_or_sphincter_signs"])


def any_pain(case: Case) -> bool:
    return "yes" in case.sent["pain"].values()


def values_on_grounds(lines: Iterable[tuple[Any, Iterable[Citation]]]) -> list[Any]:
    return [part for value, sources in lines for part in on_grounds(value, grounds(sources))]


FAMILIES: dict[str, Family] = {
    "stream": Family(
        ARRIVING,
        NEWEST.stream_rules,
        gives=lambda rule: (rule.stream, rule.provisional),
        cites=lambda rule: grounds(source for source in rule.sources if not source.statement),
        product=lambda result: [(result.stream, result.provisional), *product_grounds_of_stream(result)],
        second=lambda case: [
            (case.second["stream"], case.second["provisional"]),
            *second_grounds_of_stream(case),
        ],
        first_only=True,
    ),
    "contact": Family(
        ARRIVING,
        NEWEST.contact_rules,
        gives=lambda rule: rule.contact,
        product=lambda result: [result.contact],
        second=lambda case: [case.second["contact"]],
        first_only=True,
    ),
    "clock": Family(
        ARRIVING,
        NEWEST.clock_rules,
        gives=lambda rule: (rule.kind, rule.limit_hours),
        cites=lambda rule: on_grounds((rule.kind, rule.limit_hours), grounds(rule.sources))[1:],
        product=lambda result: values_on_grounds(
            ((clock.kind, clock.limit_hours), clock.sources)
            for clock in result.clocks
            if clock.kind not in ON_ARRIVAL
        ),
        second=lambda case: [
            value
            for kind, hours, *_ in case.second["clocks"]
            if kind not in ON_ARRIVAL
            for value in on_grounds((kind, hours), second_grounds(case, (kind, hours)))
        ],
    ),
    "advice": Family(
        ARRIVING,
        NEWEST.advice_rules,
        gives=lambda rule: rule.code,
        cites=lambda rule: on_grounds(rule.code, grounds(rule.sources))[1:],
        product=lambda result: values_on_grounds((line.advice.code, line.sources) for line in result.advice),
        second=lambda case: [
            value for code in case.second["advice"] for value in on_grounds(code, second_grounds(case, code))
        ],
    ),
    "warning": Family(
        ARRIVING,
        tuple(rule for rule in NEWEST.warning_rules if rule.code not in CAUTIONS),
        gives=lambda rule: rule.code,
        product=lambda result: [warning.code for warning in result.warnings],
        second=lambda case: case.second["warnings"],
    ),
    "caution": Family(
        FOLLOWED,
        tuple(rule for rule in NEWEST.warning_rules if rule.code in CAUTIONS),
        gives=lambda rule: rule.code,
        product=lambda result: [warning.code for warning in result.warnings if warning.code in CAUTIONS],
        second=lambda case: case.second_cautions,
    ),
    "care": Family(
        FOLLOWED,
        NEWEST.care_rules,
        gives=lambda rule: rule.code,
        product=lambda result: [line.advice.code for line in result.care],
        second=lambda case: case.second_care,
    ),
}


@dataclass(frozen=True)
class Leaf:
    """One condition of one rule."""

    kind: str
    rule: Rule
    path: Path
    fact: Criterion
    words: str

    @property
    def key(self) -> tuple[str, str]:
        return self.rule.id, self.words

    @property
    def family(self) -> Family:
        return FAMILIES[self.kind]

    def __str__(self) -> str:
        return f"{self.rule.id}: {self.words}"


def every_leaf() -> Iterator[Leaf]:
    for kind, family in FAMILIES.items():
        for rule in family.rules:
            words: list[str] = []
            for path, fact in leaves(rule.when):
                words.append(fact.words)
                again = words.count(fact.words)
                yield Leaf(kind, rule, path, fact, fact.words + (f" ({again})" if again > 1 else ""))


LEAVES = tuple(every_leaf())

# ---- Many cases at once: the truth of a condition is one bit for each ----


@dataclass
class Table:
    cases: list[Case]
    truths: dict[Criterion, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return (1 << len(self.cases)) - 1

    def where(self, test: Callable[[Case], bool]) -> int:
        return int("0" + "".join("1" if test(case) else "0" for case in reversed(self.cases)), 2)

    def of_rule(self, rule: Rule) -> int:
        if rule.id not in self.rules:
            self.rules[rule.id] = self.truth(rule.when)
        return self.rules[rule.id]

    def truth(self, condition: Condition | None) -> int:
        if condition is None:
            return self.all
        if isinstance(condition, Both):
            return self.truth(condition.left) & self.truth(condition.right)
        if isinstance(condition, Either):
            return self.truth(condition.left) | self.truth(condition.right)
        if isinstance(condition, Negation):
            return self.all ^ self.truth(condition.denied)
        assert isinstance(condition, Criterion)
        if condition not in self.truths:
            self.truths[condition] = self.where(lambda case: condition.holds(case.situation))
        return self.truths[condition]

    def outcomes(
        self, family: Family, changed: Rule | None = None, when: Condition | None = None
    ) -> dict[Any, int]:
        """What the rules give and to which cases, with the condition of one rule changed."""
        cases_of: dict[Any, int] = {}
        spoken, spoken_before, step = 0, 0, None
        for rule in family.rules:
            if step != (step := getattr(rule, "step", None)):
                spoken_before = spoken
            holds = self.truth(when) if rule is changed else self.of_rule(rule)
            heard = holds & ~spoken if family.first_only else holds
            cited = holds & ~spoken_before if family.first_only else holds
            spoken |= holds
            cases_of[family.gives(rule)] = cases_of.get(family.gives(rule), 0) | heard
            for source in family.cites(rule):
                cases_of[source] = cases_of.get(source, 0) | cited
        return cases_of

    def expected(self, family: Family) -> dict[Any, int]:
        """What the second reading gives and to which cases."""
        cases_of: dict[Any, int] = {}
        for number, case in enumerate(self.cases):
            for value in family.second(case):
                cases_of[value] = cases_of.get(value, 0) | (1 << number)
        return cases_of


def differing(first: dict[Any, int], other: dict[Any, int]) -> int:
    """The cases to which two readings do not give the same."""
    differences = 0
    for value in {*first, *other}:
        differences |= first.get(value, 0) ^ other.get(value, 0)
    return differences


# ---- Conditions that are not missed ----

STEPS_BEFORE = "What is not all no is read at an earlier step: a yes is an emergency, and what was not assessed is a provisional one."
SAME_CONTACT = "Both rules give the same contact, and no result shows which of the two spoke."
KNOWN_AND_UNSTABLE = (
    "Known cancer with signs of instability is an emergency or within one week, never the safety net."
)
RELAPSE_INSIDE = "It stands in the exception of a rule that asks for a confirmed malignancy already."
NEUROLOGY_SPEAKS = (
    "With neurology the rule of neurology gives the same: a confirmed malignancy is a known cancer."
)
NO_BLOOD_CANCER = (
    "Where no cancer is diagnosed no haematological malignancy is confirmed, so this branch never holds."
)
IMAGING_POSITIVE = (
    "Where no cancer is diagnosed and all neurology is no, only positive imaging makes it one week or an emergency; "
    "then MSCC is neither ruled out nor not malignant."
)
GIVEN_ANYWAY = "Dexamethasone that was given and not ruled out warns by a branch of its own."
ALWAYS_EMERGENCY = "Neurology is always an emergency."
ASKED_FOR_ALL = "A branch asks for what the rule asks for in every branch."
CONFIRMED = "a haematological malignancy is confirmed"
NEUROLOGY = "there is a neurological symptom or sign"
GIVEN = "dexamethasone has been given"

# By rule and words, why nothing is read differently without each.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("one_week.imaging", "all six neurology findings are no"): STEPS_BEFORE,
    (
        "one_week.imaging",
        "imaging shows impending compression",
    ): "The rule of impending compression gives the same stream.",
    ("one_week.impending", "all six neurology findings are no"): STEPS_BEFORE,
    ("one_week.pain", "all six neurology findings are no"): STEPS_BEFORE,
    ("one_week.unstable_or_severe", "all six neurology findings are no"): STEPS_BEFORE,
    ("urgent_oncology.pain", "all six neurology findings are no"): STEPS_BEFORE,
    ("contact.emergency", "cancer is known, past or present"): SAME_CONTACT,
    ("contact.one_week", "cancer is known, past or present"): SAME_CONTACT,
    ("clock.coordinator_advice.other", "the stream is safety net"): KNOWN_AND_UNSTABLE,
    ("contact_coordinator_immediately.emergency", "the stream is emergency"): ALWAYS_EMERGENCY,
    (
        "contact_coordinator_immediately.emergency",
        NEUROLOGY,
    ): "Without neurology the rule beside it gives and cites the same.",
    ("seek_coordinator_advice_24h.pain", "there is a suspicious pain characteristic"): (
        "Without such pain the rule beside it gives and cites the same."
    ),
    ("seek_coordinator_advice_24h.unstable", "the stream is safety net"): KNOWN_AND_UNSTABLE,
    ("examine_neurology_now", "the stream is provisional"): (
        "A provisional emergency has no neurology and something not assessed, which the other branch asks for."
    ),
    ("consider_immobilisation.movement_pain", "the stream is emergency"): (
        "Outside an emergency the rule of instability gives the same."
    ),
    ("offer_dexamethasone_16mg.haematological", f"{CONFIRMED} (2)"): RELAPSE_INSIDE,
    ("offer_dexamethasone_16mg.haematological", NEUROLOGY): NEUROLOGY_SPEAKS,
    ("continue_dexamethasone_16mg_daily.neurology", "the stream is emergency"): ALWAYS_EMERGENCY,
    (
        "continue_dexamethasone_16mg_daily.haematological",
        "the stream is one week",
    ): "The rule asks for an emergency already.",
    (
        "continue_dexamethasone_16mg_daily.haematological",
        "the stream is one week (2)",
    ): "The rule asks for an emergency already.",
    ("continue_dexamethasone_16mg_daily.haematological", f"{CONFIRMED} (2)"): RELAPSE_INSIDE,
    ("continue_dexamethasone_16mg_daily.haematological", NEUROLOGY): NEUROLOGY_SPEAKS,
    **{
        ("no_histology_discuss_before_dexamethasone", words): NO_BLOOD_CANCER
        for words in (
            "the stream is emergency",
            "the stream is one week",
            "the stream is emergency (2)",
            "the stream is one week (2)",
            f"{CONFIRMED} (2)",
            "cancer was entered as past",
            f"{NEUROLOGY} (2)",
            "imaging shows metastases or compression (2)",
        )
    },
    ("no_histology_discuss_before_dexamethasone", f"{CONFIRMED} (3)"): (
        "Where no cancer is diagnosed no haematological malignancy is confirmed; to ask for none changes nothing."
    ),
    ("no_histology_discuss_before_dexamethasone", "MSCC is ruled out (2)"): IMAGING_POSITIVE,
    (
        "no_histology_discuss_before_dexamethasone",
        "a report shows compression that is not malignant (2)",
    ): IMAGING_POSITIVE,
    ("infection_before_dexamethasone", GIVEN): GIVEN_ANYWAY,
    ("infection_before_dexamethasone", f"{GIVEN} (2)"): GIVEN_ANYWAY,
    ("infection_before_dexamethasone", f"{CONFIRMED} (2)"): RELAPSE_INSIDE,
    ("infection_before_dexamethasone", f"{NEUROLOGY} (2)"): NEUROLOGY_SPEAKS,
    **{
        (f"steroid_and_{what}", words): reason
        for what in ("bleeding", "allergy", "diabetes")
        for words, reason in (
            (f"{GIVEN} (2)", GIVEN_ANYWAY),
            (f"{GIVEN} (3)", GIVEN_ANYWAY),
            (f"{CONFIRMED} (2)", RELAPSE_INSIDE),
            (f"{NEUROLOGY} (2)", NEUROLOGY_SPEAKS),
        )
    },
    ("anticoagulant_before_intervention", "surgery has been done"): ASKED_FOR_ALL,
    ("check_anticoagulant_and_platelets", "surgery has been done"): ASKED_FOR_ALL,
    ("overnight_mri", "the stream is emergency"): ALWAYS_EMERGENCY,
    ("record_why_no_dexamethasone", f"{CONFIRMED} (2)"): RELAPSE_INSIDE,
    ("record_why_no_dexamethasone", f"{NEUROLOGY} (2)"): NEUROLOGY_SPEAKS,
    ("single_fraction", "imaging shows MSCC (2)"): ASKED_FOR_ALL,
    ("several_fractions", "imaging shows MSCC (2)"): ASKED_FOR_ALL,
}

# ---- Cases in which one condition decides ----

Goals = list[tuple[Condition, bool]]


def nearness(condition: Condition, holding: bool, situation: Situation) -> float:
    """How near a condition is to holding, or to not holding: 1 where it is there."""
    if isinstance(condition, Negation):
        return nearness(condition.denied, not holding, situation)
    if isinstance(condition, Both | Either):
        left, right = (nearness(side, holding, situation) for side in (condition.left, condition.right))
        return (left + right) / 2 if isinstance(condition, Both) == holding else max(left, right)
    return float(condition.holds(situation) == holding)


def all_near(goals: Goals, case: Case) -> float:
    return sum(nearness(condition, so, case.situation) for condition, so in goals)


def lets_decide(condition: Condition, path: Path) -> Goals:
    """What must be so for the fact at that place to decide."""
    if not path:
        return []
    inside = lets_decide(getattr(condition, path[0]), path[1:])
    if isinstance(condition, Both | Either):
        return [(beside(condition, path[0]), isinstance(condition, Both)), *inside]
    return inside


def climb(goals: Goals, case: Case, choices: Choices, chance: random.Random) -> Case | None:
    """Change one answer at a time, and keep what comes no further from what is wanted."""
    paths = [path for path in choices if not path.startswith("instants.")]
    case = Case({path: answer for path, answer in case.answers.items() if not path.startswith("instants.")})
    reached, in_vain = all_near(goals, case), 0
    while reached < len(goals) and in_vain < PATIENCE:
        path = chance.choice(paths)
        trial = Case({**case.answers, path: chance.choice(choices[path])})
        nearer = all_near(goals, trial)
        in_vain = 0 if nearer > reached else in_vain + 1
        if nearer >= reached:
            case, reached = trial, nearer
    return case if reached == len(goals) else None


POOL, PATIENCE, CLIMBS = 3000, 80, 40


@dataclass
class Search:
    """For each condition the cases that it decides: one in which it holds and one in which it does not."""

    tables: dict[int, Table]
    chance: random.Random
    decided: dict[Leaf, list[Case]] = field(default_factory=dict)

    def find(self, leaf: Leaf) -> None:
        family, table = leaf.family, self.tables[id(leaf.family.choices)]
        turned = flipped(leaf.rule.when, leaf.path)
        of_rule = table.truth(leaf.rule.when) ^ table.truth(turned)
        outcomes = table.outcomes(family)
        of_result = differing(outcomes, table.outcomes(family, leaf.rule, turned))
        missed = not differing(
            outcomes, table.outcomes(family, leaf.rule, without(leaf.rule.when, leaf.path))
        )
        climbs = CLIMBS if missed and leaf.key not in EQUIVALENT else 1
        self.decided[leaf] = []
        for so in (True, False):
            here = table.truth(leaf.fact) if so else table.all ^ table.truth(leaf.fact)
            case = first(table, of_result & here)
            for _ in range(climbs):
                case = case or self.climbed(leaf, so)
            case = case or first(table, of_rule & here)
            self.decided[leaf] += [case] if case else []

    def climbed(self, leaf: Leaf, so: bool) -> Case | None:
        """A case that no chance gave: from one that has much of what is wanted, one answer at a time."""
        beside_it = [
            *lets_decide(leaf.rule.when, leaf.path),
            *((rival.when, False) for rival in leaf.family.rivals(leaf.rule)),
        ]
        self.chance.shuffle(beside_it)
        goals, table = [(leaf.fact, so), *beside_it], self.tables[id(leaf.family.choices)]
        among = table.all
        for condition, is_so in goals:
            truth = table.truth(condition)
            among = among & (truth if is_so else ~truth) or among
        start = first(table, among)
        return start and climb(goals, start, leaf.family.choices, self.chance)


def first(table: Table, where: int) -> Case | None:
    return table.cases[(where & -where).bit_length() - 1] if where else None


@pytest.fixture(scope="module")
def search() -> Search:
    chance = random.Random(1890)
    tables = {
        id(choices): Table([by_chance(choices, chance) for _ in range(POOL)])
        for choices in (ARRIVING, FOLLOWED)
    }
    search = Search(tables, chance)
    for leaf in LEAVES:
        search.find(leaf)
    return search


@pytest.fixture(scope="module")
def unnoticed(search: Search) -> set[tuple[str, str]]:
    """The conditions without which the rules still agree with the second reading, on every case that was found."""
    missed = set()
    for family in FAMILIES.values():
        own = [leaf for leaf in LEAVES if leaf.family is family]
        table = Table(list(dict.fromkeys(case for leaf in own for case in search.decided[leaf])))
        expected = table.expected(family)
        outcomes = table.outcomes(family)
        agreed = {value: ~(holds ^ expected.get(value, 0)) for value, holds in outcomes.items()}
        for leaf in own:
            dropped = table.outcomes(family, leaf.rule, without(leaf.rule.when, leaf.path))
            if not any((dropped[value] ^ expected.get(value, 0)) & agreed[value] for value in outcomes):
                missed.add(leaf.key)
    return missed


# ---- What is held ----


@pytest.fixture(scope="module")
def disputed() -> dict[str, list[Answers]]:
    """By code, the cases by chance to which only one of the two readings gives it."""
    chance, cases_of = random.Random(1112), defaultdict(list)
    for _ in range(8000):
        case = by_chance(FOLLOWED, chance)
        codes = {line.advice.code for line in case.result.care}
        codes |= {warning.code for warning in case.result.warnings} & {*CAUTIONS}
        for code in codes ^ (case.second_care | case.second_cautions):
            cases_of[code].append(case.answers)
    return cases_of


def test_nothing_is_said_of_care_that_only_one_reading_knows(disputed: dict[str, list[Answers]]) -> None:
    assert disputed.keys() <= {*CARE_AT, *CAUTIONS}


@pytest.mark.parametrize("code", [*CARE_AT, *CAUTIONS])
def test_over_many_cases_both_readings_give_it_to_the_same(
    code: str, disputed: dict[str, list[Answers]]
) -> None:
    assert not disputed.get(code), f"{len(disputed[code])} cases, the first: {disputed[code][0]}"


@pytest.mark.parametrize("rule", dict.fromkeys(leaf.rule.id for leaf in LEAVES))
def test_where_one_condition_decides_both_readings_agree(rule: str, search: Search) -> None:
    for leaf in LEAVES:
        if leaf.rule.id != rule:
            continue
        cases = search.decided[leaf]
        assert cases or leaf.key in EQUIVALENT, f"no case was found in which this condition decides: {leaf}"
        for case in cases:
            assert not leaf.family.differ(case, leaf.rule), (leaf.words, case.answers)


def test_a_rule_that_lost_a_condition_is_found_out(unnoticed: set[tuple[str, str]]) -> None:
    assert unnoticed - EQUIVALENT.keys() == set()


def test_no_condition_is_called_needless_that_decides_something(unnoticed: set[tuple[str, str]]) -> None:
    assert EQUIVALENT.keys() - unnoticed == set()
    assert all(reason.endswith(".") for reason in EQUIVALENT.values())


def test_nearly_every_condition_is_needed(unnoticed: set[tuple[str, str]]) -> None:
    care = {leaf.key for leaf in LEAVES if leaf.kind == "care"}
    assert len(care & unnoticed) <= 0.05 * len(care)
    assert len(unnoticed) <= 0.1 * len(LEAVES)
