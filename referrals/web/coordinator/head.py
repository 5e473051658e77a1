"""The head of every page of a case: patient, urgency, deadline, owner, place and alarms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.urls import reverse

from kernel import telephone
from kernel.telephone import Telephone
from kernel.time import london_date, near
from oncall.kinds import KIND_AT, ClockKind
from referrals.case.deterioration import worsenings
from referrals.case.states import STATUS_WORDS, Status
from referrals.case.whereabouts import read_heading, whereabouts_from
from referrals.web import clinical_words, places
from referrals.web.clock_lines import clock_line
from referrals.web.coordinator import mistakes, record_lines, same_person
from referrals.web.coordinator.act import in_a_sentence
from referrals.web.coordinator.acts import ACTS
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.ownership import hand_on_line
from referrals.web.coordinator.spine import changed_lines, contradiction_lines

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
class ActLink:
    """An act as a link to its form, or as the button that does it; `refused` says why it cannot be done now."""

    name: str
    text: str
    address: str
    drawer: bool
    refused: str
    at_once: bool
    button: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm to see before anything else, with the acts that settle it."""

    title: str
    lines: Sequence[str] = ()
    cases: Sequence[tuple[str, str]] = ()  # other cases: the reference, and words
    acts: Sequence[ActLink] = ()
    news: bool = False
    re_enter: bool = False


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
        sex=patient.sex.replace("_", " "),
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
        alarms=tuple(_alarms(file)),
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


def act_link(name: str, file: CaseFile) -> ActLink:
    """The link to an act by its name in ACTS, with the reason when it is refused now."""
    act = ACTS[name]
    return ActLink(
        name=name,
        text=act.title,
        address=act.address(file.case),
        drawer=act.has_form,
        refused=act.why_not(file),
        at_once=act.at_once,
        button=act.button,
        version=file.case.version,
    )


def _alarms(file: CaseFile) -> Iterator[Alarm]:
    case, at = file.case, file.at

    def links(*names: str) -> tuple[ActLink, ...]:
        offers = (act_link(name, file) for name in names) if file.may_act else ()
        return tuple(link for link in offers if not link.refused)

    loud = [
        (match.case.reference, same_person.in_words(match, case))
        for match in file.people
        if same_person.is_loud(match, case)
    ]
    if loud:
        yield Alarm(
            title="Same NHS number, perhaps another person: check who this is before acting on either record",
            cases=loud,
        )
    if case.status == Status.ENTERED_IN_ERROR:
        traces = mistakes.outgoing(case)
        reentries = mistakes.reentries_of(case)
        yield Alarm(
            title="Entered in error"
            + (": correct what has been sent out" if traces else ": nothing had been sent out about it"),
            lines=traces,
            re_enter=file.may_act and not reentries,
        )
    if case.patient.identity_unknown and not case.is_over:
        yield Alarm(
            title="This person is not identified",
            lines=("Once somebody knows who this is, record it here. No clock stops or restarts",),
            acts=links("identify"),
        )
    if case.arrived_since:
        yield Alarm(
            title=f"Something arrived after this case had ended: {near(case.arrived_since, at=at)}",
            lines=(
                "Read it under scans and in the timeline, then open the case again or say why it stays closed",
            ),
            acts=links("settle-arrival", "reopen"),
        )
    if case.died_at and not case.is_over:
        yield Alarm(
            title=f"A death was reported: {near(case.died_at, at=at)}",
            lines=("Every clock has ended. Close the case, or say that the report was wrong",),
            acts=links("close", "alive"),
        )
    hand_on = hand_on_line(file)
    if hand_on is not None:
        yield Alarm(
            title=hand_on.words,
            lines=(hand_on.why,) if hand_on.why else (),
            acts=links("accept-hand-on", "decline-hand-on"),
            news=True,
        )
    worsening = (
        worsenings([case.pk], at=at, acknowledged={case.pk: case.acknowledged_at}).get(case.pk)
        if file.runs(ClockKind.ACKNOWLEDGE)
        else None
    )
    if worsening is not None:  # until somebody has acknowledged it
        yield Alarm(title=worsening.words, lines=(worsening.text,) if worsening.text else ())
    contradictions = contradiction_lines(file.evidence.picture, at=at)
    dependents = changed_lines(case, file.evidence.picture, at=at)
    if contradictions:
        yield Alarm(
            title="Two reports contradict each other: the finding stands until a named person settles it",
            lines=(*contradictions, *(f"This depends on it: {line}" for line in dependents)),
            acts=links("confirm-finding", "withdraw-finding"),
        )
    elif dependents:
        yield Alarm(
            title="A report was withdrawn: this depends on it",
            lines=dependents,
            acts=links("withdraw-finding"),
        )
    if case.news_since is not None:
        yield Alarm(
            title="New from the referrer",
            lines=record_lines.news_lines(case, file.history, at=at),
            acts=links("news"),
            news=True,
        )


def _notes(file: CaseFile) -> Iterator[tuple[str, Sequence[str]]]:
    """Notes on other referrals, mistakes and times."""
    case = file.case
    episode, merged = file.linked
    if case.back_entered_at:
        time = near(case.back_entered_at, at=file.at)
        yield f"Entered after downtime, {time}: its times are those written on paper", ()
    if case.merged_into:
        yield "Merged: this referral continues in", (case.merged_into.reference,)
    if merged:
        yield "Merged into this case. The earliest suspicion counts:", merged
    if episode:
        yield "Same person, one episode: also referred as", episode
    if case.corrects:
        yield "Entered again for the right person instead of", (case.corrects.reference,)
    if case.status == Status.ENTERED_IN_ERROR and (reentries := mistakes.reentries_of(case)):
        yield "Entered again as", reentries
    if not case.is_over:
        for match in file.people:
            if match.case.reference not in episode and not same_person.is_loud(match, case):
                yield f"Perhaps the same person. {same_person.in_words(match, case)}", (match.case.reference,)
    if case.referrer_concern == "emergency" and not case.is_over:
        yield "The referrer asked for this to be paged as an emergency", ()
