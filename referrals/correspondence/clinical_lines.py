"""A case in lines for paper: absolute times, no abbreviations, and open questions are named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.service import Service
from kernel.time import from_rfc3339, in_words
from referrals.case.case_facts import evidence_of, facts_of, spine_may_be_unstable
from referrals.case.models import Disposition, Referral
from referrals.case.record import details_of, record_values
from referrals.case.whereabouts import whereabouts_of
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.neurology import Examination
from referrals.intake import codes
from referrals.intake.fields import WALKING
from referrals.intake.labels import in_sentence
from referrals.intake.validation import label_of, words_at
from triage.guideline.findings import ANSWER_WORDS, QUESTIONS, Answer, answer_at

UNSTABLE = "THE SPINE MAY BE UNSTABLE. Keep the patient flat with the spine in neutral alignment; log-roll to turn or move."
NOBODY_LOOKED = (
    "Nobody has assessed whether the spine is stable: handle it as unstable until a clinician has."
)
DEVICES = ("pacemaker", "clips", "cochlear", "metal", "stent")
WATCH_FOR = (
    "weakness of an arm or leg, or trouble walking",
    "numbness or altered feeling, also between the legs",
    "trouble passing urine or opening the bowels, or no feeling when doing so",
    "new or much worse back pain, or pain like a band around the body",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFacts:
    """A case with everything that its documents need."""

    case: Referral
    evidence: Evidence
    facts: Sequence[Fact]  # in true order
    record: Mapping[str, Any]  # by path, as it stands
    destination: Disposition | None

    def has(self, path: str) -> bool:
        return self.record.get(path) not in (None, "", "unknown", "not_assessed", [], False)

    def words(self, path: str) -> str:
        """A field of the record in the words of the form."""
        return words_at(path, self.record[path])

    def newest(self, kind: str) -> Fact | None:
        """The newest fact of a kind."""
        return next((fact for fact in reversed(self.facts) if fact.kind == kind), None)


def known_facts(case: Referral, *, service: Service) -> KnownFacts:
    """Load a case for its documents, in a constant number of queries."""
    facts = facts_of(case)
    return KnownFacts(
        case=case,
        evidence=evidence_of(case, service=service, facts=facts),
        facts=in_true_order(facts),
        record=record_values(case, details_of(case)),
        destination=case.dispositions.order_by("-id").first(),
    )


def is_unstable(file: KnownFacts) -> bool:
    """Whether an answer or an event means that the spine may be unstable."""
    return spine_may_be_unstable(file.case, {fact.kind for fact in file.facts})


def handling_alert(file: KnownFacts) -> str:
    """The warning about moving the patient, at the top of a document; empty where no sign of instability was found."""
    if is_unstable(file):
        return UNSTABLE
    return "" if file.evidence.presentation.instability_signs == Answer.NO else NOBODY_LOOKED


def handling(file: KnownFacts) -> Iterator[str]:
    """How to move the patient: signs of an unstable spine, immobilisation, positions, and whether transport was told."""
    answer = file.evidence.presentation.instability_signs
    yield f"Signs that suggest an unstable spine: {ANSWER_WORDS[Answer][answer].lower()}."
    if file.has("clinical.immobilised_since"):
        yield f"Immobilised since {in_words(from_rfc3339(file.record['clinical.immobilised_since']))}."
    if file.has("record.immobilised_position"):
        yield f"Position: {file.words('record.immobilised_position').lower()}."
    if file.destination is not None and file.destination.position:
        yield f"Position for travel: {codes.POSITIONS[file.destination.position].lower()}."
    booking = file.newest("transport_booked")
    if is_unstable(file) and booking is not None and booking.data.get("unstable_told"):
        yield f"The transport service was told about it, {in_words(booking.occurred_at)}."


def findings(file: KnownFacts) -> Iterator[str]:
    """Neurology over time, then the findings that nobody has assessed."""
    case = file.case
    labels = [q.label.lower() for q in QUESTIONS if _was_yes(case, q.path)]
    walking = case.clinical_sent.get("walking_now", "")
    parts = [*([", ".join(labels)] if labels else ["no finding present"]), *_walking(walking)]
    yield f"As referred, {in_words(case.clinician_suspected_at)}: {'; '.join(parts)}."
    for examination in file.evidence.examinations:
        if examination.at != case.clinician_suspected_at and (examination.answers or examination.measured):
            yield f"{in_words(examination.at)}: {_examined(examination)}."
    neurology_questions = [
        q for q in QUESTIONS if q.path.startswith("neurology.") or q.path == "saddle_or_sphincter_signs"
    ]
    open_questions = [
        q.label.lower()
        for q in neurology_questions
        if answer_at(file.evidence.presentation, q.path) == Answer.NOT_ASSESSED
    ]
    if open_questions:
        yield f"Not assessed by anybody: {', '.join(open_questions)}."


def _was_yes(case: Referral, path: str) -> bool:
    group, _, name = path.rpartition(".")
    sent: Mapping[str, Any] = case.presentation_sent
    values = sent.get(group, {}) if group else sent
    is_answered = group in ("neurology", "pain") or path in ("saddle_or_sphincter_signs", "instability_signs")
    return is_answered and values.get(name) == Answer.YES


def _walking(value: str) -> list[str]:
    return [f"walking: {WALKING[value].lower()}"] if value in WALKING and value != "not_assessed" else []


def _examined(examination: Examination) -> str:
    by_answer = [
        f"{words}: {', '.join(labels)}"
        for value, words in ((Answer.YES, "yes"), (Answer.NO, "no"))
        if (
            labels := [
                _label(name)
                for name, answer in examination.answers.items()
                if answer == value and name not in examination.worse
            ]
        )
    ]
    measured = [
        f"{_label(path)}: {in_sentence(words_at(path, value))}"
        for path, value in examination.measured.items()
    ]
    worse = [f"WORSE: {', '.join(_label(name) for name in examination.worse)}"] if examination.worse else []
    by = f" (by {examination.by_name})" if examination.by_name else ""
    return "; ".join([*worse, *by_answer, *measured]) + by


def _label(name: str) -> str:
    path = name if "." in name else f"presentation.{name}"
    label = label_of(path)
    return in_sentence(label if label != path else label_of(f"presentation.neurology.{name}"))


def steroid(file: KnownFacts) -> Iterator[str]:
    """The doses given and stopped, the reason for none, and the planned steps."""
    answer = file.evidence.presentation.dexamethasone_given
    dose = file.case.clinical.get("dexamethasone")
    if dose:
        yield f"Dexamethasone given before the referral: {_dose(dose)}."
    for fact in file.facts:
        if fact.kind in ("dexamethasone_given", "dexamethasone_stopped"):
            yield f"{codes.EVENT_WORDS[fact.kind]} {in_words(fact.occurred_at)}{_dose_given(fact)}."
    if answer != Answer.YES:
        yield f"Dexamethasone given now: {ANSWER_WORDS[Answer][answer].lower()}."
    for path, label in (
        ("record.ppi_given", "Gastric protection"),
        ("record.steroid_not_given", "Not given because"),
    ):
        if file.has(path):
            yield f"{label}: {file.words(path).lower() if path == 'record.ppi_given' else file.words(path)}."
    plan = file.case.obligations.filter(note__text__startswith="Dexamethasone:").order_by("due_at")
    yield from (f"Planned: {text}." for text in plan.values_list("note__text", flat=True))


def _dose(dose: Mapping[str, Any]) -> str:
    given_at = dose.get("given_at")
    parts = [f"{dose['dose_mg']} mg" if dose.get("dose_mg") else "dose not known", dose.get("route") or ""]
    return " ".join(p for p in parts if p) + (f", {in_words(from_rfc3339(given_at))}" if given_at else "")


def _dose_given(fact: Fact) -> str:
    parts = [
        f"{fact.data['dose_mg']} mg" if "dose_mg" in fact.data else "",
        fact.data.get("route", ""),
        fact.data.get("reason", ""),
    ]
    text = " ".join(part for part in parts if part)
    return f": {text}" if text else ""


def devices(file: KnownFacts) -> Iterator[str]:
    """What matters in a scanner, with the questions that nobody has asked."""
    answer = file.evidence.presentation.mri_contraindicated
    yield f"MRI contraindicated: {ANSWER_WORDS[Answer][answer].lower()}."
    present = [path for name in DEVICES if file.record.get(path := f"record.mri_{name}") == "yes"]
    yield from (f"{label_of(path)}: yes." for path in present)
    if file.has("record.mri_device"):
        yield f"Device: {file.words('record.mri_device')}."
    unasked = [
        path for name in DEVICES if file.record.get(path := f"record.mri_{name}") in (None, "not_assessed")
    ]
    if unasked:
        yield f"Nobody has asked about: {', '.join(label_of(path).lower() for path in unasked)}."


def medicines(file: KnownFacts) -> Iterator[str]:
    """What matters before an operation or an injection."""
    path = "clinical.anticoagulant"
    yield f"Anticoagulant: {file.words(path) if file.has(path) else 'nothing is recorded: ask'}."
    for path in (
        "record.allergies",
        "clinical.steroid_allergy",
        "clinical.diabetes",
        "record.infection_risk",
        "clinical.active_infection",
        "record.comorbidity",
    ):
        if file.has(path):
            yield f"{label_of(path)}: {file.words(path)}."


def wishes(file: KnownFacts) -> Iterator[str]:
    """Resuscitation status, wishes and consent as recorded; says to ask when no resuscitation status is recorded."""
    paths = (
        "clinical.resuscitation_and_wishes",
        "record.advance_decisions",
        "record.treatment_wishes",
        "record.consent",
    )
    recorded = [path for path in paths if file.has(path)]
    yield from (f"{label_of(path)}: {file.words(path)}" for path in recorded)
    if "clinical.resuscitation_and_wishes" not in recorded:
        yield "Resuscitation status: nothing is recorded: ask."


def person(file: KnownFacts) -> Iterator[str]:
    """The person's needs, other than the language at the top of the letter, and their next of kin."""
    for path in (
        "patient.communication_needs",
        "record.individual_needs",
        "record.next_of_kin",
        "record.weight_kg",
    ):
        if file.has(path):
            yield f"{label_of(path)}: {file.words(path)}"


def acceptance(file: KnownFacts) -> Iterator[str]:
    """Who accepted the patient, or who is responsible until then."""
    case, acceptance_fact = file.case, file.newest("transfer_accepted")
    if case.responsible_since is not None:
        yield f"Accepted by {case.responsible}, {in_words(case.responsible_since)}."
    if acceptance_fact is not None:
        place = ", ".join(
            part for part in (acceptance_fact.data.get("bed"), acceptance_fact.data.get("site")) if part
        )
        yield f"Transfer accepted by {acceptance_fact.data['by']}, {in_words(acceptance_fact.occurred_at)}{f': {place}' if place else ''}."
    if case.responsible_since is None and acceptance_fact is None:
        yield "NOBODY HAS ACCEPTED THE PATIENT YET, according to the record. The referrer is responsible until somebody has."


def journey(file: KnownFacts) -> Iterator[str]:
    """The recorded transport and arrival."""
    for fact in file.facts:
        if fact.kind in ("transport_booked", "departed", "arrived", "admitted"):
            words = (
                codes.INTERNAL_EVENT_WORDS[fact.kind]
                if fact.kind in codes.STEP_WORDS
                else codes.EVENT_WORDS[fact.kind]
            )
            place = ", ".join(
                str(fact.data[name]) for name in ("transport", "site", "by") if fact.data.get(name)
            )
            yield f"{words} {in_words(fact.occurred_at)}{f': {place}' if place else ''}."


def contacts(file: KnownFacts, *, recipient: str, telephone: str) -> Iterator[str]:
    """The telephone numbers of the case, without the recipient's own."""
    to = recipient.casefold()
    referrer = file.case.referrer
    entries: list[tuple[str, str]] = [
        ("MSCC coordinator, day and night", telephone),
        (f"The referrer, {referrer['name']}", referrer.get("callback_number") or ""),
        ("Next of kin or carer", file.words("record.next_of_kin") if file.has("record.next_of_kin") else ""),
        (
            "Responsible consultant",
            file.words("record.responsible_consultant") if file.has("record.responsible_consultant") else "",
        ),
    ]
    for name, number in entries:
        own = (
            name.rpartition(", ")[2].casefold()
            if name.startswith("The referrer")
            else name.partition(",")[0].casefold()
        )
        if number and own not in to and number.casefold() not in to:
            yield f"{name}: {number}"


def place_of(case: Referral) -> str:
    """Where the patient is: by their last move, else the location in the referral."""
    whereabouts = whereabouts_of(case, words=in_words)
    if whereabouts is not None:
        return whereabouts.full
    location = case.location
    words = words_at("location.kind", location["kind"])
    return ", ".join(part for part in (words, location["detail"]) if part)
