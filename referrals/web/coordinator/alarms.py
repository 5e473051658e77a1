"""The alarms of a case: what its reader has to see before anything else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kernel.time import near
from oncall.kinds import ClockKind
from referrals.case.deterioration import worsenings
from referrals.case.states import Status
from referrals.web.coordinator import mistakes, record_lines, same_person
from referrals.web.coordinator.act_links import ActLink, offered_links
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.ownership import hand_on_line
from referrals.web.coordinator.spine import changed_lines, contradiction_lines

NEWEST = 2  # lines of news that are open; more would push what is known of the patient out of sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm to see before anything else, with the acts that settle it."""

    title: str
    lines: Sequence[str] = ()
    earlier: Sequence[str] = ()  # lines that are folded
    cases: Sequence[tuple[str, str]] = ()  # other cases: the reference, and words
    acts: Sequence[ActLink] = ()
    news: bool = False
    re_enter: bool = False


def alarms(file: CaseFile) -> tuple[Alarm, ...]:
    """The alarms that the case raises now, the most urgent first."""
    return tuple(alarm for raised_by in _ALARMS if (alarm := raised_by(file)) is not None)


def _same_number(file: CaseFile) -> Alarm | None:
    case = file.case
    cases = [
        (match.case.reference, same_person.in_words(match, case))
        for match in file.people
        if same_person.is_loud(match, case)
    ]
    if not cases:
        return None
    return Alarm(
        title="Same NHS number, perhaps another person: check who this is before acting on either record",
        cases=cases,
    )


def _entered_in_error(file: CaseFile) -> Alarm | None:
    if file.case.status != Status.ENTERED_IN_ERROR:
        return None
    traces = mistakes.outgoing(file.case)
    todo = "correct what has been sent out" if traces else "nothing had been sent out about it"
    return Alarm(
        title=f"Entered in error: {todo}",
        lines=traces,
        re_enter=file.may_act and not mistakes.reentries_of(file.case),
    )


def _unidentified(file: CaseFile) -> Alarm | None:
    if not file.case.patient.identity_unknown or file.case.is_over:
        return None
    return Alarm(
        title="This person is not identified",
        lines=("Once somebody knows who this is, record it here. No clock stops or restarts",),
        acts=offered_links(file, "identify"),
    )


def _late_arrival(file: CaseFile) -> Alarm | None:
    if not file.case.arrived_since:
        return None
    return Alarm(
        title=f"Something arrived after this case had ended: {near(file.case.arrived_since, at=file.at)}",
        lines=(
            "Read it under scans and in the timeline, then open the case again or say why it stays closed",
        ),
        acts=offered_links(file, "settle-arrival", "reopen"),
    )


def _reported_death(file: CaseFile) -> Alarm | None:
    if not file.case.died_at or file.case.is_over:
        return None
    return Alarm(
        title=f"A death was reported: {near(file.case.died_at, at=file.at)}",
        lines=("Every clock has ended. Close the case, or say that the report was wrong",),
        acts=offered_links(file, "close", "alive"),
    )


def _hand_on(file: CaseFile) -> Alarm | None:
    hand_on = hand_on_line(file)
    if hand_on is None:
        return None
    return Alarm(
        title=hand_on.words,
        lines=(hand_on.why,) if hand_on.why else (),
        acts=offered_links(file, "accept-hand-on", "decline-hand-on"),
        news=True,
    )


def _worse_neurology(file: CaseFile) -> Alarm | None:
    """Until somebody has acknowledged it."""
    if not file.runs(ClockKind.ACKNOWLEDGE):
        return None
    case = file.case
    worsening = worsenings([case.pk], at=file.at, acknowledged={case.pk: case.acknowledged_at}).get(case.pk)
    if worsening is None:
        return None
    return Alarm(title=worsening.words, lines=(worsening.text,) if worsening.text else ())


def _contradiction(file: CaseFile) -> Alarm | None:
    """Two reports that contradict each other, or else what depends on a withdrawn one."""
    contradictions = contradiction_lines(file.evidence.picture, at=file.at)
    dependents = changed_lines(file.case, file.evidence.picture, at=file.at)
    if contradictions:
        return Alarm(
            title="Two reports contradict each other: the finding stands until a named person settles it",
            lines=(*contradictions, *(f"This depends on it: {line}" for line in dependents)),
            acts=offered_links(file, "confirm-finding", "withdraw-finding"),
        )
    if dependents:
        return Alarm(
            title="A report was withdrawn: this depends on it",
            lines=dependents,
            acts=offered_links(file, "withdraw-finding"),
        )
    return None


def _news(file: CaseFile) -> Alarm | None:
    if file.case.news_since is None:
        return None
    lines = record_lines.news_lines(file.case, file.history, at=file.at)
    return Alarm(
        title=f"New from {record_lines.news_from(file.case, file.history)}",
        lines=lines[:NEWEST],
        earlier=lines[NEWEST:],
        acts=offered_links(file, "news"),
        news=True,
    )


_ALARMS: tuple[Callable[[CaseFile], Alarm | None], ...] = (
    _same_number,
    _entered_in_error,
    _unidentified,
    _late_arrival,
    _reported_death,
    _hand_on,
    _worse_neurology,
    _contradiction,
    _news,
)
