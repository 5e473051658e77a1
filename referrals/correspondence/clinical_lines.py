"""What is known of a patient in lines for paper: absolute times, no abbreviation, and what nobody asked is said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.service import Service
from kernel.time import from_rfc3339, in_words
from referrals.case.case_facts import evidence_of, facts_of
from referrals.case.models import Disposition, Referral
from referrals.case.record import details_of, record_values
from referrals.case.whereabouts import whereabouts_of
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.neurology import Examination
from referrals.intake import codes
from referrals.intake.fields import WALKING
from referrals.intake.validation import label_of, words_at
from referrals.intake.wording import in_sentence
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
    """A case with everything that a document is drawn from."""

    case: Referral
    evidence: Evidence
    facts: Sequence[Fact]  # in true order
    record: Mapping[str, Any]  # by path, as it stands
    destination: Disposition | None

    def has(self, path: str) -> bool:
        return self.record.get(path) not in (None, "", "unknown", "not_assessed", [], False)

    def words(self, path: str) -> str:
        """A field of the record as the form says it."""
        return words_at(path, self.record[path])

    def last(self, kind: str) -> Fact | None:
        """The newest fact of a kind."""
        return next((fact for fact in reversed(self.facts) if fact.kind == kind), None)


def known_facts(case: Referral, *, service: Service) -> KnownFacts:
    """Gather a case: a constant number of queries."""
    facts = facts_of(case)
    return KnownFacts(
        case=case,
        evidence=evidence_of(case, service=service, facts=facts),
        facts=in_true_order(facts),
        record=record_values(case, details_of(case)),
        destination=case.dispositions.order_by("-id").first(),
    )


def is_unstable(known: KnownFacts) -> bool:
    """Whether anybody has said or done what means an unstable spine."""
    said = known.evidence.presentation.instability_signs == Answer.YES
    return said or known.has("clinical.immobilised_since") or known.last("immobilised") is not None


def handling_alert(known: KnownFacts) -> str:
    """How the patient is moved, in the first words of a document; empty where the spine was found stable."""
    if is_unstable(known):
        return UNSTABLE
    return "" if known.evidence.presentation.instability_signs == Answer.NO else NOBODY_LOOKED


def handling(known: KnownFacts) -> Iterator[str]:
    answer = known.evidence.presentation.instability_signs
    yield f"Signs that suggest an unstable spine: {ANSWER_WORDS[Answer][answer].lower()}."
    if known.has("clinical.immobilised_since"):
        yield f"Immobilised since {in_words(from_rfc3339(known.record['clinical.immobilised_since']))}."
    if known.has("record.immobilised_position"):
        yield f"Position: {known.words('record.immobilised_position').lower()}."
    if known.destination is not None and known.destination.position:
        yield f"Position for travel: {codes.POSITIONS[known.destination.position].lower()}."
    booked = known.last("transport_booked")
    if is_unstable(known) and booked is not None and booked.data.get("unstable_told"):
        yield f"The transport service was told of it, {in_words(booked.occurred_at)}."


def findings(known: KnownFacts) -> Iterator[str]:
    """Neurology over time, then what nobody has assessed."""
    case = known.case
    sent = [q.label.lower() for q in QUESTIONS if _was_yes(case, q.path)]
    walking = case.clinical_sent.get("walking_now", "")
    said = [*([", ".join(sent)] if sent else ["no finding present"]), *_walking(walking)]
    yield f"As referred, {in_words(case.clinician_suspected_at)}: {'; '.join(said)}."
    for one in known.evidence.examinations:
        if one.at != case.clinician_suspected_at and (one.answers or one.measured):
            yield f"{in_words(one.at)}: {_examined(one)}."
    asked = [q for q in QUESTIONS if q.path.startswith("neurology.") or q.path == "saddle_or_sphincter_signs"]
    open_ones = [
        q.label.lower()
        for q in asked
        if answer_at(known.evidence.presentation, q.path) == Answer.NOT_ASSESSED
    ]
    if open_ones:
        yield f"Not assessed by anybody: {', '.join(open_ones)}."


def _was_yes(case: Referral, path: str) -> bool:
    group, _, name = path.rpartition(".")
    values = case.presentation_sent.get(group, {}) if group else case.presentation_sent
    answered = group in ("neurology", "pain") or path in ("saddle_or_sphincter_signs", "instability_signs")
    return answered and values.get(name) == Answer.YES


def _walking(value: str) -> list[str]:
    return [f"walking: {WALKING[value].lower()}"] if value in WALKING and value != "not_assessed" else []


def _examined(one: Examination) -> str:
    by_answer = [
        f"{words}: {', '.join(named)}"
        for value, words in ((Answer.YES, "yes"), (Answer.NO, "no"))
        if (
            named := [
                _label(name) for name, said in one.answers.items() if said == value and name not in one.worse
            ]
        )
    ]
    measured = [f"{_label(path)}: {words_at(path, value).lower()}" for path, value in one.measured.items()]
    worse = [f"WORSE: {', '.join(_label(name) for name in one.worse)}"] if one.worse else []
    by = f" (by {one.by_name})" if one.by_name else ""
    return "; ".join([*worse, *by_answer, *measured]) + by


def _label(name: str) -> str:
    path = name if "." in name else f"presentation.{name}"
    label = label_of(path)
    return in_sentence(label if label != path else label_of(f"presentation.neurology.{name}"))


def steroid(known: KnownFacts) -> Iterator[str]:
    """What was given and stopped, and why not; then the steps that are planned."""
    answer = known.evidence.presentation.dexamethasone_given
    dose = known.case.clinical.get("dexamethasone")
    if dose:
        yield f"Dexamethasone given before the referral: {_dose(dose)}."
    for fact in known.facts:
        if fact.kind in ("dexamethasone_given", "dexamethasone_stopped"):
            yield f"{codes.EVENT_WORDS[fact.kind]} {in_words(fact.occurred_at)}{_dose_told(fact)}."
    if answer != Answer.YES:
        yield f"Dexamethasone given now: {ANSWER_WORDS[Answer][answer].lower()}."
    for path, label in (
        ("record.ppi_given", "Gastric protection"),
        ("record.steroid_not_given", "Not given because"),
    ):
        if known.has(path):
            yield f"{label}: {known.words(path).lower() if path == 'record.ppi_given' else known.words(path)}."
    planned = known.case.obligations.filter(note__text__startswith="Dexamethasone:").order_by("due_at")
    yield from (f"Planned: {text}." for text in planned.values_list("note__text", flat=True))


def _dose(dose: Mapping[str, Any]) -> str:
    given_at = dose.get("given_at")
    parts = [f"{dose['dose_mg']} mg" if dose.get("dose_mg") else "dose not known", dose.get("route") or ""]
    return " ".join(p for p in parts if p) + (f", {in_words(from_rfc3339(given_at))}" if given_at else "")


def _dose_told(fact: Fact) -> str:
    parts = [f"{fact.data['dose_mg']} mg" if "dose_mg" in fact.data else "", fact.data.get("route", ""),
             fact.data.get("reason", "")]  # fmt: skip
    said = " ".join(part for part in parts if part)
    return f": {said}" if said else ""


def devices(known: KnownFacts) -> Iterator[str]:
    """What matters in a scanner; what nobody asked is named."""
    answer = known.evidence.presentation.mri_contraindicated
    yield f"MRI contraindicated: {ANSWER_WORDS[Answer][answer].lower()}."
    present = [path for name in DEVICES if known.record.get(path := f"record.mri_{name}") == "yes"]
    yield from (f"{label_of(path)}: yes." for path in present)
    if known.has("record.mri_device"):
        yield f"Device: {known.words('record.mri_device')}."
    unasked = [
        path for name in DEVICES if known.record.get(path := f"record.mri_{name}") in (None, "not_assessed")
    ]
    if unasked:
        yield f"Nobody has asked about: {', '.join(label_of(path).lower() for path in unasked)}."


def medicines(known: KnownFacts) -> Iterator[str]:
    """What matters before an operation or a needle."""
    path = "clinical.anticoagulant"
    yield f"Anticoagulant: {known.words(path) if known.has(path) else 'nothing is recorded: ask'}."
    for path in ("record.allergies", "clinical.steroid_allergy", "clinical.diabetes", "record.infection_risk",
                 "clinical.active_infection", "record.comorbidity"):  # fmt: skip
        if known.has(path):
            yield f"{label_of(path)}: {known.words(path)}."


def wishes(known: KnownFacts) -> Iterator[str]:
    paths = ("clinical.resuscitation_and_wishes", "record.advance_decisions", "record.treatment_wishes",
             "record.consent")  # fmt: skip
    recorded = [path for path in paths if known.has(path)]
    yield from (f"{label_of(path)}: {known.words(path)}" for path in recorded)
    if "clinical.resuscitation_and_wishes" not in recorded:
        yield "Resuscitation status: nothing is recorded: ask."


def person(known: KnownFacts) -> Iterator[str]:
    """Needs beside the language, which stands at the top, and whom to ring about the person."""
    for path in (
        "patient.communication_needs",
        "record.individual_needs",
        "record.next_of_kin",
        "record.weight_kg",
    ):
        if known.has(path):
            yield f"{label_of(path)}: {known.words(path)}"


def acceptance(known: KnownFacts) -> Iterator[str]:
    """Who accepted the patient, and who is responsible until somebody has."""
    case, accepted = known.case, known.last("transfer_accepted")
    if case.responsible_since is not None:
        yield f"Accepted by {case.responsible}, {in_words(case.responsible_since)}."
    if accepted is not None:
        where = ", ".join(part for part in (accepted.data.get("bed"), accepted.data.get("site")) if part)
        yield f"Transfer accepted by {accepted.data['by']}, {in_words(accepted.occurred_at)}{f': {where}' if where else ''}."
    if case.responsible_since is None and accepted is None:
        yield "NOBODY HAS ACCEPTED THE PATIENT YET, as far as is recorded. The referrer is responsible until somebody has."


def journey(known: KnownFacts) -> Iterator[str]:
    """Transport and arrival, as they were recorded."""
    for fact in known.facts:
        if fact.kind in ("transport_booked", "departed", "arrived", "admitted"):
            words = (
                codes.INTERNAL_EVENT_WORDS[fact.kind]
                if fact.kind in codes.STEP_WORDS
                else codes.EVENT_WORDS[fact.kind]
            )
            told = [str(fact.data[name]) for name in ("transport", "site", "by") if fact.data.get(name)]
            yield f"{words} {in_words(fact.occurred_at)}{f': {chr(44).join(told)}' if told else ''}."


def contacts(known: KnownFacts, *, recipient: str, telephone: str) -> Iterator[str]:
    """Whom to ring. Nobody is given their own number."""
    to = recipient.casefold()
    referrer = known.case.referrer
    found: list[tuple[str, str]] = [
        ("MSCC coordinator, day and night", telephone),
        (f"The referrer, {referrer['name']}", referrer.get("callback_number") or ""),
        ("Next of kin or carer", known.words("record.next_of_kin") if known.has("record.next_of_kin") else ""),
        ("Responsible consultant", known.words("record.responsible_consultant")
         if known.has("record.responsible_consultant") else ""),
    ]  # fmt: skip
    for who, number in found:
        own = (
            who.rpartition(", ")[2].casefold()
            if who.startswith("The referrer")
            else who.partition(",")[0].casefold()
        )
        if number and own not in to and number.casefold() not in to:
            yield f"{who}: {number}"


def place_of(case: Referral) -> str:
    """Where the patient is: by their last move, else where they were referred from."""
    moved = whereabouts_of(case, words=in_words)
    if moved is not None:
        return moved.full
    location = case.location
    words = words_at("location.kind", location["kind"])
    return ", ".join(part for part in (words, location["detail"]) if part)
