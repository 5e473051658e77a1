"""The data of a case, line by line, for the coordinator."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.people import ACTING_ROLE_WORDS, ROLE_WORDS
from kernel.actors import Role
from kernel.time import from_rfc3339, in_words, near
from ledger.kinds import Kind
from referrals.case.models import Contact, Event, Referral, Review
from referrals.case.record import details_of
from referrals.case.timeline import Happening
from referrals.evidence.event_data import EventData
from referrals.evidence.scans import REPORTED, is_final
from referrals.intake import codes
from referrals.intake.fields import FIELDS, LOCATION_KIND, REFERRER_ROLE, FieldSpec
from referrals.intake.record_fields import COMPLETED_LATER
from referrals.intake.validation import label_of

REFERRING = frozenset({ROLE_WORDS[Role.REFERRER].lower(), ROLE_WORDS[Role.CLIENT].lower()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    number: int
    what: str
    done: str


def acknowledgement_line(case: Referral, *, at: datetime) -> str:
    """Who acknowledged the case, in which role and when; empty when nobody has."""
    if case.acknowledged_at is None:
        return ""
    role = ACTING_ROLE_WORDS.get(case.acknowledged_role, case.acknowledged_role)
    return f"{case.acknowledged_by}, {role}, at {near(case.acknowledged_at, at=at)}"


def care_answers(case: Referral, *, at: datetime) -> dict[str, str]:
    """What was done about each advice code, in words: one query."""
    rows = case.careanswers.select_related("note").order_by("id")
    return {
        row.code: care_answer(row.answer, row.by_name, row.at, row.note.text if row.note else "", at=at)
        for row in rows
    }


def care_answer(answer: str, by: str, when: datetime, text: str, *, at: datetime) -> str:
    """What was done about one piece of advice, by whom and when, with the note if there is one."""
    return f"{codes.CARE_ANSWERS[answer]}, {by}, {near(when, at=at)}{f': {text}' if text else ''}"


def times(case: Referral) -> Iterator[tuple[str, str]]:
    """Pairs of label and London time, without the times that are not known."""
    defaulted = " (not given: taken as the time of sending)" if case.suspected_at_defaulted else ""
    yield "First suspected", in_words(case.clinician_suspected_at) + defaulted
    for label, instant in (
        ("MSCC suspected", case.mscc_suspected_at),
        ("First sought help", case.presented_at),
        ("Telephone call", case.called_at),
        ("Sent", case.submitted_at),
        ("Withdrawal asked for", case.withdrawal_asked_at),
    ):
        if instant is not None:
            yield label, in_words(instant)


def referrer(case: Referral) -> Iterator[tuple[str, str]]:
    """Pairs of label and words about the referrer, where the patient is, and how to reach and speak with them."""
    referrer, location = case.referrer, case.location
    yield "Referrer", f"{referrer['name']}, {REFERRER_ROLE[referrer['role']]}, {referrer['organisation_ods']}"
    if referrer["email"]:
        yield "E-mail", referrer["email"]
    if referrer["registration_number"]:
        yield "Registration number", referrer["registration_number"]
    yield (
        "Patient is",
        ", ".join(
            str(part)
            for part in (
                LOCATION_KIND.get(location["kind"], ""),
                location["detail"],
                location["organisation_ods"],
            )
            if part
        ),
    )
    patient = case.patient
    for label, value in (
        ("Telephone of the patient", patient.phone),
        ("Hospital number", patient.local_id),
        ("Postcode", patient.postcode),
        ("Interpreter", "needed" if patient.interpreter_needed else ""),
        ("Communication needs", patient.communication_needs),
        ("NHS number not known because", patient.nhs_number_unknown_reason if not patient.nhs_number else ""),
    ):
        if value:
            yield label, value


def clinical(case: Referral, since: Container[str]) -> Iterator[tuple[str, str]]:
    """Pairs of label and words for the state at referral, without what was not sent, not known or not assessed.

    `since` has the paths of the fields that were recorded since: these are here as they were sent.
    """
    as_sent = {name: value for name, value in case.clinical_sent.items() if f"clinical.{name}" in since}
    values: dict[str, Any] = {**case.clinical, **as_sent}
    for spec in FIELDS:
        value = values.get(spec.name)
        if spec.group == "clinical" and value not in (None, "", "unknown", "not_assessed", []):
            yield spec.label, field_in_words(spec, value)
    dose = case.clinical.get("dexamethasone")
    if dose:
        yield (
            "Dexamethasone",
            " ".join(
                str(part) for part in (dose["dose_mg"] and f"{dose['dose_mg']} mg", dose["route"]) if part
            ),
        )


def report_status(data: EventData) -> str:
    """How sure a report is: provisional where nobody said more."""
    return codes.REPORT_STATUSES[data.get("status") or ("final" if is_final(data) else "provisional")]


def repeats(events: Iterable[Event]) -> frozenset[int]:
    """The rows of events that were reported before with the same content for the same instant."""
    contents, numbers = list[tuple[object, ...]](), set()
    for event in sorted(events, key=lambda event: event.pk):
        content = (event.kind, event.occurred_at, event.data)
        if content in contents:
            numbers.add(event.pk)
        contents.append(content)
    return frozenset(numbers)


def event_line(event: Event, *, at: datetime) -> str:
    """What happened, when, with its details, and who recorded it."""
    words = codes.EVENT_WORDS.get(event.kind) or codes.INTERNAL_EVENT_WORDS[event.kind]
    data = event.data
    details = [
        codes.MODALITIES.get(
            data.get("modality", ""), codes.TREATMENT_MODALITIES.get(data.get("modality", ""), "")
        ),
        ", ".join(data.get("regions", [])),
        codes.MRI_RESULTS.get(data.get("result", ""), ""),
        report_status(data).lower() if event.kind == REPORTED else "",
        data.get("site", ""),
        data.get("reason", ""),
        *(str(data[name]) for name in ("by", "bed", "protocol", "transport") if data.get(name)),
        "transport told of the unstable spine" if data.get("unstable_told") else "",
        f"before anybody had accepted: {data['unaccepted_because']}"
        if data.get("unaccepted_because")
        else "",
    ]
    text = "; ".join(part for part in details if part)
    return (
        f"{near(event.occurred_at, at=at)}: {words}"
        + (f" ({text})" if text else "")
        + f", recorded by {event.by_name}"
    )


def contact_line(row: Contact, *, at: datetime) -> str:
    """One contact: when, who spoke with whom, what came of it, and its note."""
    text = row.note.text if row.note else ""
    return _contact(row.occurred_at, row.by_name, row.person, row.outcome, text, at=at)


def last_call_line(call: Mapping[str, Any] | None, *, at: datetime) -> str:
    """The same of a call as it is read along with its case; empty when there was none."""
    if call is None:
        return ""
    when = from_rfc3339(call["at"])
    return _contact(when, call["by"], call["person"], call["outcome"], call["text"] or "", at=at)


def _contact(when: datetime, by: str, person: str, outcome: str, text: str, *, at: datetime) -> str:
    result = f"{codes.CONTACT_OUTCOMES[outcome].lower()}{f': {text}' if text else ''}"
    return f"{near(when, at=at)}: {by} and {person}, {result}"


NEWS = frozenset(
    {
        Kind.DETAILS_RECORDED,
        Kind.FINDINGS_CHANGED,
        Kind.EVENT_RECORDED,
        Kind.MESSAGE_SENT,
        Kind.ATTACHMENT_ADDED,
    }
)


def _news(case: Referral, history: Sequence[Happening]) -> list[Happening]:
    since = case.news_since
    return [
        line
        for line in history
        if since is not None and line.kind in NEWS and line.at >= since and line.role in REFERRING
    ]


def news_from(case: Referral, history: Sequence[Happening]) -> str:
    """Who sent the news of a case: the referrer, unless only a hospital system reported it."""
    roles = {line.role for line in _news(case, history)}
    return "a hospital system" if roles == {ROLE_WORDS[Role.CLIENT].lower()} else "the referrer"


def news_lines(case: Referral, history: Sequence[Happening], *, at: datetime) -> tuple[str, ...]:
    """What the referring side added since a coordinator last said that it was read, in words, the newest first."""
    if case.news_since is None:
        return ()
    values = {(row.ledger_line, row.path): row.value for row in case.details.filter(at__gte=case.news_since)}
    sentences = []
    for line in _news(case, history):
        new = [
            f"{label_of(path)}: {value_in_words(path, value)}"
            for (number, path), value in values.items()
            if number == line.number
        ]
        details = "; ".join(new or [*line.details, *([f"“{line.why}”"] if line.why else [])])
        remark = f" ({details})" if details else ""
        sentences.append(f"{near(line.at, at=at)}, {line.actor}: {line.what}{remark}")
    return tuple(reversed(sentences))


def recorded_values(case: Referral, *, at: datetime) -> tuple[tuple[str, str], ...]:
    """What was recorded since the referral was sent, field by field, with who gave it and when: one query."""
    newest = {path: rows[0] for path, rows in details_of(case).items()}
    return tuple(
        (
            spec.label,
            f"{value_in_words(path, newest[path].value)} ({newest[path].by_name}, {near(newest[path].at, at=at)})",
        )
        for path, spec in COMPLETED_LATER.items()
        if path in newest and newest[path].value not in (None, "", [])
    )


def value_in_words(path: str, value: object) -> str:
    """A value of the record as a person reads it."""
    spec = COMPLETED_LATER[path]
    return "taken back" if value in (None, "", []) else field_in_words(spec, value)


def field_in_words(spec: FieldSpec, value: object) -> str:
    """A stored value of a field as a person reads it."""
    words = spec.codes or {}
    if isinstance(value, list):
        return ", ".join(str(words.get(code, code)) for code in value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if spec.kind == "instant":
        return in_words(from_rfc3339(str(value)))
    return words.get(str(value), str(value))


def review_line(review: Review, *, at: datetime) -> ReviewLine:
    """Who lowered an emergency and when, and the second clinician's verdict; `done` is empty until then."""
    decision = review.decision
    what = f"{decision.by_name} lowered an emergency at {near(decision.at, at=at)}"
    done = ""
    if review.done_at is not None:
        verdict = "agreed" if review.agreed else "disagreed"
        done = f"{review.done_by_name} {verdict} at {near(review.done_at, at=at)}"
    return ReviewLine(number=review.pk, what=what, done=done)
