"""Letters from the decision record: their content, and their codes for verification."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.act import Act
from accounts.models import User
from accounts.people import role_in_words
from kernel.actors import Actor
from kernel.identifiers import Reference
from kernel.time import in_words
from oncall import clocks
from oncall.clocks import name_of
from oncall.kinds import INTERNAL
from referrals.case.models import Letter, Referral, TriageDecision
from referrals.case.stored import StoredLetter
from referrals.correspondence import clinical_lines as lines
from referrals.correspondence import imaging_lines
from referrals.correspondence.clinical_lines import KnownFacts, known_facts
from referrals.correspondence.language import PREFERRED, language_line
from referrals.correspondence.pdf_document import pdf, unprintable_in
from referrals.intake import codes
from referrals.intake.labels import in_sentence
from triage.assess import as_still_said, latest
from triage.guideline.advice import ADVICE_AT
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.guideline.stored import StoredAdvice


def new_code() -> str:
    """The code with which a reader verifies that a letter is ours and current: 12 characters without look-alikes."""
    text = "".join(secrets.choice(Reference.ALPHABET) for _ in range(12))
    return "-".join((text[:4], text[4:8], text[8:]))


def content_of(case: Referral, kind: str, *, recipient: str, words: str, act: Act) -> StoredLetter:
    """The full content of a letter of this kind now, as JSON. It is stored and never made again."""
    file, (result, _) = known_facts(case, service=act.service), as_still_said(latest(case.pk))
    parts: dict[str, Callable[[], Iterable[Any]]] = {
        "decision": lambda: _decision(case, case.triagedecisions.order_by("-id").first()),
        "words": lambda: words.split("\n") if words else (),
        "advice": lambda: [
            _advice(advice)
            for advice in result["advice"]
            if not (case.acknowledged_at and advice["code"] in ASKED_OF_REFERRERS)
        ],
        "limits": lambda: _limits(case),
        "contacts": lambda: lines.contacts(file, recipient=recipient, telephone=act.service.telephone),
        "watch_for": lambda: lines.WATCH_FOR,
        **{name: partial(draw, file) for name, draw in LINES_OF_PART.items()},
    }
    heading = [
        ["To", recipient],
        ["Patient", f"{case.patient.name}, born {case.patient.born}, {case.patient.nhs_number_words}"],
        *(
            [["Language", line.removeprefix(f"{PREFERRED}: ")]]
            if (line := language_line(case.patient))
            else []
        ),
        ["Where the patient is", lines.place_of(case)],
        ["Reference", case.reference],
        ["Issued", in_words(act.at)],
    ]
    if kind == "advice":
        edition, ruleset = result["guideline"]["edition"], result["guideline"]["ruleset"]
        heading.append(["Guideline", f"NICE NG234, edition {edition}, ruleset {ruleset}"])
    sections = [
        {"title": TITLES[name], SHAPE.get(name, "items"): list(parts[name]())} for name in PARTS[kind]
    ]
    content: StoredLetter = {
        "title": codes.LETTER_WORDS[kind],
        "service": act.service.name,
        "telephone": f"MSCC coordinator, day and night: {act.service.telephone}",
        "alert": lines.handling_alert(file) if kind in LETTERS_WITH_ALERT else "",
        "facts": heading,
        "sections": [section for section in sections if section.get("texts") or section.get("items")],
        "signed_by": signer(act.by),
    }
    return {**content, "unprinted": _unprinted(content, case.patient.name)}


def _unprinted(content: Mapping[str, Any], name: str) -> str:
    """The warning that a letter cannot show some words as typed; empty when it shows all."""
    words = unprintable_in(content)
    subject = "The name" if unprintable_in([name]) else "Some of the text"
    return f"{subject} cannot be printed in full: {', '.join(words)}" if words else ""


# Once a coordinator has answered, their letter leaves out the advice to ring them.
ASKED_OF_REFERRERS = frozenset({"contact_coordinator_immediately", "seek_coordinator_advice_24h"})
# The parts of each kind of letter, in the order its reader needs them.
PARTS: dict[str, tuple[str, ...]] = {
    "advice": ("decision", "words", "advice", "limits"),
    "gp": ("diagnosis", "decision", "treatment", "words", "steroid", "watch_for", "wishes", "contacts"),
    "transfer": (
        "handling",
        "acceptance",
        "words",
        "diagnosis",
        "findings",
        "imaging",
        "steroid",
        "devices",
        "medicines",
        "wishes",
        "person",
        "decision",
        "journey",
        "contacts",
    ),
    "crew": (
        "handling",
        "acceptance",
        "words",
        "person",
        "wishes",
        "medicines",
        "steroid",
        "watch_for",
        "contacts",
    ),
}
LETTERS_WITH_ALERT = frozenset({"transfer", "crew"})  # letters for the people who move the patient
LINES_OF_PART: dict[str, Callable[[KnownFacts], Iterable[str]]] = {
    "handling": lines.handling,
    "acceptance": lines.acceptance,
    "diagnosis": imaging_lines.diagnosis,
    "findings": lines.findings,
    "imaging": imaging_lines.imaging,
    "steroid": lines.steroid,
    "devices": lines.devices,
    "medicines": lines.medicines,
    "wishes": lines.wishes,
    "person": lines.person,
    "journey": lines.journey,
    "treatment": imaging_lines.treatment,
}
TITLES: dict[str, str] = {
    "decision": "Decision",
    "words": "In the coordinator's words",
    "advice": "What the guideline advises",
    "limits": "Time limits",
    "handling": "Moving and handling",
    "acceptance": "Who accepted the patient",
    "diagnosis": "Diagnosis",
    "findings": "Neurology over time",
    "imaging": "Imaging, by region of the spine",
    "steroid": "Dexamethasone",
    "devices": "MRI safety",
    "medicines": "Medicines, allergies and other conditions",
    "wishes": "Wishes",
    "person": "The person",
    "journey": "Transfer",
    "treatment": "Treatment",
    "watch_for": "Ring at once, day or night, if there is",
    "contacts": "Whom to ring",
}
SHAPE = {"decision": "texts", "words": "texts"}  # paragraphs; the others are lists


def signer(by: Actor) -> str:
    """The name and grade of the person who signs, never their user name."""
    grade = (
        User.objects.filter(pk=by.user_id).values_list("job_title", flat=True).first() if by.user_id else ""
    )
    return f"{by.name}, {grade or role_in_words(str(by.acting_role or by.role))}"


def _decision(case: Referral, decision: TriageDecision | None) -> list[str]:
    if decision is None:
        return ["No triage decision has been made yet."]
    paragraphs = [
        f"{STREAM_WORDS[Stream(decision.stream)]}, decided by {decision.by_name}, {role_in_words(decision.by_role)}, "
        f"{in_words(decision.at)} (ledger entry {decision.ledger_line})."
    ]
    if decision.investigations:
        investigations = ", ".join(codes.INVESTIGATIONS[code] for code in decision.investigations)
        paragraphs.append(
            f"Investigations: {investigations}. {codes.URGENCIES.get(decision.investigations_urgency, '')}."
        )
    destination = case.dispositions.order_by("-id").first()
    if destination is not None:
        place = ", ".join(part for part in (destination.unit, destination.site) if part)
        paragraphs.append(f"{codes.DISPOSITIONS[destination.kind]}{f': {place}' if place else ''}.")
    return paragraphs


def _advice(advice: StoredAdvice) -> str:
    code = advice["code"]
    text = ADVICE_AT[code].text if code in ADVICE_AT else advice["text"]
    sources = ", ".join(
        f"{s['guideline']} {s.get('recommendation') or 'statement ' + str(s.get('statement'))}"
        + ("" if s.get("confirmed") else " (number not confirmed)")
        for s in advice["sources"]
        if s.get("recommendation") or s.get("statement")
    )
    strength = advice["strength"].replace("_", " ").capitalize()
    sentence = text if text.startswith(strength) else f"{strength}: {text}"
    return sentence + (f" [{sources}]" if sources else "")


def _limits(case: Referral) -> list[str]:
    return [
        f"{name_of(clock)}: due {in_words(clock.due_at)}"
        for clock in clocks.of_case(case.pk)
        if clock.stopped_at is None and clock.kind not in INTERNAL
    ]


def pdf_of(letter: Letter) -> bytes:
    """A letter as PDF, from the content stored when it was issued."""
    address = settings.BASE_URL + reverse("verify_letter")
    footer = (
        f"{letter.referral.reference}, {in_sentence(codes.LETTER_WORDS[letter.kind])}, version {letter.version}. "
        f"To see that it is ours and the newest, enter the code {letter.code} at {address}"
    )
    signer_then = letter.content.get("signed_by") or f"{letter.by_name}, {role_in_words(letter.by_role)}"
    return pdf(
        "letter", {**letter.content, "footer": footer, "signed": f"{signer_then}, {in_words(letter.at)}"}
    )
