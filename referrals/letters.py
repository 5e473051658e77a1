"""Letters, made from the decision record: what they say, and how they are verified."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.service import Service
from kernel.identifiers import Reference
from kernel.time import in_words
from oncall import clocks
from oncall.kinds import INTERNAL, KIND_AT
from referrals import codes
from referrals.case_facts import of_case
from referrals.models import Event, Letter, Referral, TriageDecision
from referrals.typesetting import pdf
from triage.assess import latest
from triage.guideline.advice import ADVICE_AT
from triage.guideline.rule import STREAM_WORDS, Stream


def new_code() -> str:
    """What a reader types to see that a letter is ours and current: 12 characters without look-alikes."""
    text = "".join(secrets.choice(Reference.ALPHABET) for _ in range(12))
    return "-".join((text[:4], text[4:8], text[8:]))


def content_of(
    case: Referral, kind: str, *, recipient: str, words: str, service: Service, at: datetime
) -> dict[str, Any]:
    """Everything that a letter of this kind says now, as JSON. It is kept as it is and never made again."""
    decision = case.triagedecisions.select_related("note").order_by("-id").first()
    result = latest(case.pk).result
    facts = [
        ["To", recipient],
        ["Patient", f"{case.patient.name}, born {case.patient.born}, {case.patient.nhs_number_words}"],
        ["Reference", case.reference],
        ["Issued", in_words(at)],
        [
            "Guideline",
            f"NICE NG234, edition {result['guideline']['edition']}, ruleset {result['guideline']['ruleset']}",
        ],
    ]
    sections = [
        {"title": "Decision", "texts": [*_decision(case, decision)]},
        *([{"title": "In the coordinator's words", "texts": words.split("\n")}] if words else []),
        {"title": "What the guideline advises", "items": [_advice(advice) for advice in result["advice"]]},
        {"title": "Time limits", "items": [*_limits(case)]},
    ]
    if kind == "transfer":
        sections.insert(1, {"title": "Transfer", "items": [*_transfer(case)]})
    return {
        "title": codes.LETTER_WORDS[kind],
        "service": service.name,
        "telephone": f"MSCC coordinator, day and night: {service.telephone}",
        "facts": facts,
        "sections": [section for section in sections if section.get("texts") or section.get("items")],
    }


def _decision(case: Referral, decision: TriageDecision | None) -> list[str]:
    if decision is None:
        return ["No triage decision has been made yet."]
    said = [
        f"{STREAM_WORDS[Stream(decision.stream)]}, decided by {decision.by_name}, {in_words(decision.at)} "
        f"(ledger entry {decision.ledger_line})."
    ]
    if decision.investigations:
        wanted = ", ".join(codes.INVESTIGATIONS[code] for code in decision.investigations)
        said.append(f"Investigations: {wanted}. {codes.URGENCIES.get(decision.investigations_urgency, '')}.")
    destination = case.dispositions.order_by("-id").first()
    if destination is not None:
        where = ", ".join(part for part in (destination.unit, destination.site) if part)
        said.append(f"{codes.DISPOSITIONS[destination.kind]}{f': {where}' if where else ''}.")
    return said


def _advice(advice: Mapping[str, Any]) -> str:
    code = advice["code"]
    text = ADVICE_AT[code].text if code in ADVICE_AT else advice["text"]
    sources = ", ".join(
        f"{s['guideline']} {s.get('recommendation') or 'statement ' + str(s.get('statement'))}"
        + ("" if s.get("confirmed") else " (number not confirmed)")
        for s in advice["sources"]
        if s.get("recommendation") or s.get("statement")
    )
    strength = advice["strength"].replace("_", " ").capitalize()
    said = text if text.startswith(strength) else f"{strength}: {text}"
    return said + (f" [{sources}]" if sources else "")


def _limits(case: Referral) -> list[str]:
    return [
        f"{KIND_AT[clock.kind].label}: due {in_words(clock.due_at)}"
        for clock in clocks.of_case(case.pk)
        if clock.stopped_at is None and clock.kind not in INTERNAL
    ]


def _transfer(case: Referral) -> list[str]:
    said = []
    if case.presentation["instability_signs"] == "yes" or case.clinical.get("immobilised_since"):
        said.append("THE SPINE MAY BE UNSTABLE: move and transport accordingly.")
    for event in Event.objects.filter(of_case(case), kind__in=list(codes.STEP_WORDS)).order_by(
        "occurred_at", "id"
    ):
        details = ", ".join(str(value) for value in event.data.values() if value and value is not True)
        said.append(
            f"{codes.STEP_WORDS[event.kind]} {in_words(event.occurred_at)}"
            + (f": {details}" if details else "")
        )
    return said


def pdf_of(letter: Letter) -> bytes:
    """A letter as PDF, from what was kept when it was issued."""
    words = codes.LETTER_WORDS[letter.kind]
    footer = (
        f"{letter.referral.reference}, {words[0].lower()}{words[1:]}, version {letter.version}. "
        f"Verification code {letter.code}: enter it at the service's address, under Letters."
    )
    signed = f"{letter.by_name}, {letter.by_role.replace('_', ' ')}, {in_words(letter.at)}"
    return pdf("letter", {**letter.content, "footer": footer, "signed": signed})
