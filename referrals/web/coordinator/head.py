"""The head of every page of a case: patient, urgency, deadline, owner and place, with its alarms and notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.urls import reverse

from kernel import telephone
from kernel.telephone import Telephone
from kernel.time import london_date, near
from oncall.kinds import KIND_AT
from referrals.case.states import STATUS_WORDS, Status
from referrals.case.whereabouts import read_heading, whereabouts_from
from referrals.web import clinical_words, places
from referrals.web.clock_lines import clock_line
from referrals.web.coordinator import mistakes, same_person
from referrals.web.coordinator.act import in_a_sentence
from referrals.web.coordinator.alarms import Alarm, alarms
from referrals.web.coordinator.casefile import CaseFile

VIEWS = {  # by address name
    "case": "Now",
    "case_record": "Record",
    "case_scans": "Scans and transfer",
    "case_talk": "Messages and letters",
    "case_treatment": "Treatment and MDT",
    "case_timeline": "Timeline",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    text: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """The head of a case, ready to print."""

    reference: str
    patient: str
    nhs_number: str
    born: str
    sex: str
    stream: str
    emergency: bool
    provisional: bool
    worried: bool
    status: str
    over: bool
    deadline: str
    overdue: bool
    owner: str
    place: str
    referrer: str
    call: Telephone
    may_act: bool
    address: str
    live: str
    sequence: str
    tabs: Sequence[Tab]
    alarms: Sequence[Alarm]
    notes: Sequence[tuple[str, Sequence[str]]]  # words, and references that they name


def case_head(file: CaseFile, *, current: str) -> CaseHead:
    """The head, ready to print; `current` is the open view, and when empty the head does not refresh itself."""
    case, at = file.case, file.at
    names = {case.location_organisation: case.place_name or ""}
    patient = case.patient
    years = clinical_words.age(patient.date_of_birth, on=london_date(at))
    address = reverse("case", args=[case.reference])
    return CaseHead(
        reference=case.reference,
        patient=patient.name,
        nhs_number=patient.nhs_number_words,
        born=f"{years} years, born {patient.born}" if years else f"born {patient.born}",
        sex="sex not known" if patient.sex == "unknown" else patient.sex,
        stream=clinical_words.stream(case.stream),
        emergency=case.is_emergency,
        provisional=case.provisional,
        worried=case.referrer_concern == "emergency",
        status=STATUS_WORDS[Status(case.status)],
        over=case.is_over,
        deadline=_deadline(file),
        overdue=bool(file.running) and file.running[0].due_at < at,
        owner=file.standing.owner,
        place=places.place(
            case,
            names,
            moved=whereabouts_from(file.events, read_heading(case.heading), words=partial(near, at=at)),
        ),
        referrer=case.referrer["name"],
        call=telephone.read(case.referrer["callback_number"] or ""),
        may_act=file.may_act,
        address=address,
        live=reverse("case_live", args=[case.reference, current]) if current else "",
        sequence=sequence(file),
        tabs=tuple(
            Tab(text=text, address=reverse(name, args=[case.reference]), current=name == current)
            for name, text in VIEWS.items()
        ),
        alarms=alarms(file),
        notes=tuple(_notes(file)),
    )


def _deadline(file: CaseFile) -> str:
    """What is due next and how much time is left."""
    if not file.running:
        return STATUS_WORDS[Status(file.case.status)]
    first = file.running[0]
    return f"{KIND_AT[first.kind].label}: {in_a_sentence(clock_line(first, at=file.at).left)}"


def sequence(file: CaseFile) -> str:
    """What changes with every line of the ledger about the case, and each minute since times are told in words."""
    return f"{file.case.version}-{file.last_act}-{int(file.at.timestamp()) // 60}"


def _notes(file: CaseFile) -> Iterator[tuple[str, Sequence[str]]]:
    """Notes on times, other referrals, mistakes and worry, each with the references that it names."""
    if file.case.back_entered_at:
        time = near(file.case.back_entered_at, at=file.at)
        yield f"Entered after downtime, {time}: its times are those written on paper", ()
    yield from _linked_notes(file)
    if not file.case.is_over:
        yield from _open_notes(file)


def _linked_notes(file: CaseFile) -> Iterator[tuple[str, Sequence[str]]]:
    case = file.case
    episode, merged = file.linked
    if case.merged_into:
        yield "Merged: this referral continues in", (case.merged_into.reference,)
    if merged:
        yield "Merged into this case. The earliest suspicion counts:", merged
    if episode:
        yield "Same person, one episode: also referred as", episode
        yield "Findings in another referral do not count here until the two are merged", ()
    if case.corrects:
        yield "Entered again for the right person instead of", (case.corrects.reference,)
    if reentries := mistakes.reentries_of(case):
        yield "Entered again as", reentries


def _open_notes(file: CaseFile) -> Iterator[tuple[str, Sequence[str]]]:
    case = file.case
    episode, _ = file.linked
    for match in file.people:
        if match.case.reference not in episode and not same_person.is_loud(match, case):
            yield f"Perhaps the same person. {same_person.in_words(match, case)}", (match.case.reference,)
    if case.referrer_concern == "emergency":
        yield "The referrer asked for this to be paged as an emergency", ()
