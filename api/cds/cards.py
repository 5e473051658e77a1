"""The cards: the guideline's own words for what a hospital record shows. No word of the record is on a card. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.cds.hospital_record import (
    Order,
    cancer_of,
    findings_of,
    is_answer,
    nested,
    orders_of,
)
from api.cds.refusals import PrefetchMissing
from api.fhir import systems
from referrals.intake.validation import read_presentation
from triage.guideline.contents import RECOMMENDATIONS, TEXTS
from triage.guideline.evaluate import TriageResult, evaluate
from triage.guideline.findings import QUESTION_AT, CancerContext, Presentation, PrimarySite
from triage.guideline.rule import Stream
from triage.guideline.ruleset import in_force

NG234 = "https://www.nice.org.uk/guidance/ng234"
LONGEST_SUMMARY = 139
MOST_LINES, MOST_QUESTIONS = 6, 5
_SAYS = {row.id: row for row in RECOMMENDATIONS}
_TEXT = {advice.code: advice.text for advice in TEXTS}
_INDICATOR = {Stream.EMERGENCY: "critical", Stream.ONE_WEEK: "warning", Stream.URGENT_ONCOLOGY: "warning"}
_HEADS = {
    Stream.EMERGENCY: "This may be cord compression: ring the MSCC coordinator now",
    Stream.ONE_WEEK: "Pain that suggests spinal metastases: ring the MSCC coordinator within 24 hours",
    Stream.URGENT_ONCOLOGY: "Pain that suggests spinal metastases: refer urgently to oncology",
}
OVERRIDE_REASONS = {
    "already-referred": "Already referred to the MSCC coordinator",
    "known-and-assessed": "Known and assessed",
    "not-applicable": "Not clinically applicable",
    "patient-declined": "The patient declined",
    "end-of-life-plan": "An end of life plan says otherwise",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card, before it has its number and its links."""

    topic: str
    indicator: str
    head: str
    lines: tuple[str, ...]
    ask: tuple[str, ...] = ()

    def as_json(
        self, *, number: str, telephone: str, ruleset: str, links: tuple[Mapping[str, str], ...]
    ) -> dict[str, Any]:
        """The card as the specification has it."""
        detail = [
            f"**MSCC coordinator, day and night: {_plain(telephone)}**",
            "",
            *(f"- {line}" for line in self.lines),
        ]
        if self.ask:
            detail += ["", "Ask next:", "", *(f"- {question}" for question in self.ask)]
        detail += ["", "A suggestion with its reasons; a clinician decides."]
        reasons = systems.own_codes("card-override-reason")
        return {
            "uuid": number,
            "summary": _summary(self.head, telephone),
            "detail": "\n".join(detail),
            "indicator": self.indicator,
            "source": {
                "label": f"NICE NG234, as ruleset {ruleset} of this service reads it",
                "url": NG234,
                "topic": {
                    "system": systems.own_codes("card-topic"),
                    "code": self.topic,
                    "display": self.topic.replace("-", " "),
                },
            },
            "overrideReasons": [
                {"code": code, "system": reasons, "display": words}
                for code, words in OVERRIDE_REASONS.items()
            ],
            "links": list(links),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The part of a record that starts a referral: the findings by path, and whether its cancer is known at all."""

    findings: Mapping[str, Any]
    cancer: CancerContext
    is_known: bool  # whether the Conditions came with the call


def read(prefetch: Mapping[str, Any], *, at: datetime) -> Reading:
    """The cancer and the fresh findings of a record."""
    conditions = prefetch.get("conditions")
    cancer, site = cancer_of(conditions)
    found = findings_of(prefetch.get("findings"), at=at)
    sent = CancerContext(found.get("presentation.cancer_context", CancerContext.NONE_KNOWN))
    if cancer == CancerContext.NONE_KNOWN:
        cancer = sent
    if cancer != CancerContext.NONE_KNOWN:
        found["presentation.cancer_context"] = str(cancer)
    if site != PrimarySite.NOT_RECORDED:
        found["presentation.primary_site"] = str(site)
    return Reading(
        findings=found, cancer=cancer, is_known=cancer != CancerContext.NONE_KNOWN or is_answer(conditions)
    )


def ruleset_at(at: datetime) -> str:
    """The name of the rules in force."""
    return in_force(at).id


def patient_cards(reading: Reading, prefetch: Mapping[str, Any], *, at: datetime) -> tuple[Card, ...]:
    """The cards when a record is opened. PrefetchMissing when nobody can tell whether there is a cancer."""
    result = _evaluated(reading, at=at)
    orders = orders_of(prefetch.get("orders")) if reading.cancer != CancerContext.NONE_KNOWN else ()
    ordered = tuple(_order_card(order) for order in orders if order == Order.MRI_SPINE)
    if card := _result_card(result):
        return (card, *ordered)
    if not reading.is_known:
        raise PrefetchMissing("Send every Condition of the person, past ones too, as the prefetch conditions")
    if reading.cancer == CancerContext.NONE_KNOWN:
        return ()
    ask = tuple(QUESTION_AT[path].label for path in result.ask_next if path in QUESTION_AT)
    watch = Card(
        topic="cancer-known",
        indicator="info",
        head="Cancer is on record: ask about back pain and neurology. MSCC coordinator",
        lines=_says("REC-1", "REC-2", "REC-3")
        if reading.cancer != CancerContext.SUSPECTED
        else _says("REC-1", "REC-5"),
        ask=ask[:MOST_QUESTIONS],
    )
    return (*ordered, watch)


def order_cards(reading: Reading, context: Mapping[str, Any], *, at: datetime) -> tuple[Card, ...]:
    """The cards when orders are signed. If the cancer is unknown the card says so, and says nothing about the person."""
    orders = orders_of(context.get("draftOrders"))
    if not orders:
        return ()
    result = _result_card(_evaluated(reading, at=at))
    first = (result,) if result else ()
    if reading.is_known and reading.cancer == CancerContext.NONE_KNOWN:
        return first
    return (*first, *(_order_card(order, is_known=reading.is_known) for order in orders))


def _evaluated(reading: Reading, *, at: datetime) -> TriageResult:
    presentation = read_presentation(nested(reading.findings), {})
    return evaluate(presentation or Presentation(cancer_context=reading.cancer), at=at)


def _result_card(result: TriageResult) -> Card | None:
    """What the guideline says of the findings that the record has; None where it asks for nobody."""
    if result.stream not in _INDICATOR:
        return None
    told = [line.advice.text for line in result.advice if line.advice.topic == "contact"]
    return Card(
        topic=str(result.stream).replace("_", "-"),
        indicator=_INDICATOR[result.stream],
        head=_HEADS[result.stream],
        lines=(*told, *result.because)[:MOST_LINES],
        ask=tuple(QUESTION_AT[path].label for path in result.ask_next if path in QUESTION_AT)[
            :MOST_QUESTIONS
        ],
    )


_ORDER = {
    Order.MRI_SPINE: ("MRI of the spine and cancer", ("REC-2", "REC-3", "IMG-1", "IMG-2", "IMG-3"), ""),
    Order.XRAY_SPINE: ("Plain X-ray of the spine and cancer", ("IMG-9", "REC-2", "REC-3"), "no_plain_xray"),
    Order.DEXAMETHASONE: (
        "Dexamethasone and cancer: if it is for the spine",
        ("REC-2", "STE-1", "STE-6"),
        "",
    ),
}


def _order_card(order: Order, *, is_known: bool = True) -> Card:
    about, rules, told = _ORDER[order]
    warns = is_known and order != Order.DEXAMETHASONE
    condition = () if is_known else ("For somebody who has or had cancer. This record was not read for it.",)
    return Card(
        topic=order.replace("_", "-"),
        indicator="warning" if warns else "info",
        head=f"{about}: ring the MSCC coordinator",
        lines=(*condition, *([_TEXT[told]] if told else []), *_says(*rules)),
    )


def _says(*rows: str) -> tuple[str, ...]:
    """These lines of the guideline with their source."""
    lines = []
    for row in rows:
        citation = _SAYS[row].citation
        lines.append(_SAYS[row].says + (f" ({citation.words})" if citation else ""))
    return tuple(lines)


def _summary(head: str, telephone: str) -> str:
    """The head and the number. A number that does not fit is left to the detail, never cut."""
    whole = f"{head}, {telephone}"
    return whole if len(whole) <= LONGEST_SUMMARY else head


def _plain(text: str) -> str:
    """A text of the settings in Markdown, with nothing in it that could be a mark."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)
