"""The views of a case beside Now: its record, scans and transfer, talk, treatment, timeline."""

from collections.abc import Sequence
from dataclasses import dataclass

from referrals.intake.validation import label_of
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator import pathway, record_lines
from referrals.web.coordinator.act import ActGroup
from referrals.web.coordinator.act_links import ActLink, act_link
from referrals.web.coordinator.acts import ACTS
from referrals.web.coordinator.aftercare import Aftercare, aftercare
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.now import guidance_of
from referrals.web.coordinator.obligation_lines import ObligationLine
from referrals.web.coordinator.scores import ScoreLine, score_lines
from referrals.web.coordinator.spine import SpineScreen, clocks_to_end, spine_screen
from referrals.web.talk import Talk
from referrals.web.timeline_blocks import TimelineBlock, timeline_blocks
from triage.guideline.findings import QUESTIONS, answer_in_words
from triage.web.guidance import Guidance

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScreen:
    """Everything that is known of the person and the presentation, and who said it."""

    groups: Sequence[tuple[str, Pairs]]
    answered_as_group: Sequence[str]
    incomplete: Sequence[str]
    spine: SpineScreen
    acts: Sequence[ActLink]


def record_screen(file: CaseFile) -> RecordScreen:
    """The record in titled groups without the empty ones, what is incomplete, and the acts that change it."""
    case, at = file.case, file.at
    presentation = file.evidence.presentation
    groups = (
        ("Presentation as known now", tuple((q.label, answer_in_words(presentation, q)) for q in QUESTIONS)),
        ("State at referral", tuple(record_lines.clinical(case, file.details))),
        ("Recorded since", record_lines.recorded_values(case, at=at)),
        ("Times", tuple(record_lines.times(case))),
        ("Referrer, place and person", tuple(record_lines.referrer(case))),
        (
            "Sent and not understood: ask again",
            tuple((label_of(path), str(value)) for path, value in case.kept.items()),
        ),
    )
    return RecordScreen(
        groups=tuple((title, pairs) for title, pairs in groups if pairs),
        answered_as_group=tuple(case.answered_as_group),
        incomplete=tuple(label_of(path) for path in case.incomplete),
        spine=spine_screen(case, file.evidence, file.events, at=at),
        acts=links(file, "record", "findings", "corrections", "addendum", "identify"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScansScreen:
    """Imaging, region by region and step by step, and the transfer."""

    spine: SpineScreen
    cautions: Sequence[str]
    events: Sequence[str]
    may_end: Sequence[str]
    scans: Sequence[ActLink]
    moves: Sequence[ActLink]
    responsible: str


def scans_screen(file: CaseFile) -> ScansScreen:
    """Scans and transfer: the spine, cautions before imaging, events, and the acts to scan and to move."""
    return ScansScreen(
        spine=spine_screen(file.case, file.evidence, file.events, at=file.at),
        cautions=pathway.imaging_cautions(
            file.case, file.events, file.evidence.picture, file.running, at=file.at
        ),
        events=tuple(record_lines.event_line(event, at=file.at) for event in file.events),
        may_end=clocks_to_end(file),
        scans=_of_group(file, ActGroup.SCAN),
        moves=_of_group(file, ActGroup.MOVE),
        responsible=file.standing.responsible,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkScreen:
    """Calls, messages, files, letters and open requests."""

    talk: Talk
    contacts: Sequence[str]
    obligations: Sequence[ObligationLine]
    acts: Sequence[ActLink]
    letter_acts: Sequence[ActLink]


def talk_screen(file: CaseFile) -> TalkScreen:
    """Messages, contacts with the newest first, open requests, and the acts to talk and to write."""
    contacts = file.case.contacts.select_related("note").order_by("-id")
    return TalkScreen(
        talk=file.talk,
        contacts=tuple(record_lines.contact_line(row, at=file.at) for row in contacts),
        obligations=file.obligations,
        acts=links(file, "contact", "message", "answered", "ask", "settle", "attach", "share"),
        letter_acts=links(file, "letter", "letter-read"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CareScreen:
    """Treatment and care: what the guideline says of it, what was judged and done, the MDT, what follows."""

    guidance: Guidance
    scores: Sequence[ScoreLine]
    aftercare: Aftercare
    reviews: Sequence[str]
    shared_with: Sequence[str]
    clocks: Sequence[ClockLine]
    acts: Sequence[ActLink]


def treatment_screen(file: CaseFile) -> CareScreen:
    """Guidance, scores, aftercare, second reviews, every clock, and the acts to treat."""
    case, at = file.case, file.at
    lines = (record_lines.review_line(review, at=at) for review in file.reviews)
    return CareScreen(
        guidance=guidance_of(file),
        scores=score_lines(case, at=at),
        aftercare=aftercare(case, file.events, at=at),
        reviews=tuple(
            f"{line.what}. {line.done or 'A second clinician has not reviewed it yet'}" for line in lines
        ),
        shared_with=tuple(case.shared_with.order_by("id").values_list("organisation", flat=True)),
        clocks=clock_lines(file.every_clock, at=at),
        acts=_of_group(file, ActGroup.TREAT),
    )


def links(file: CaseFile, *names: str) -> tuple[ActLink, ...]:
    """Acts as links; nothing for somebody who may not act."""
    return tuple(act_link(name, file) for name in names) if file.may_act else ()


def _of_group(file: CaseFile, group: ActGroup) -> tuple[ActLink, ...]:
    return links(file, *(name for name, act in ACTS.items() if act.group == group))


def menu(file: CaseFile) -> tuple[tuple[str, tuple[ActLink, ...]], ...]:
    """Every act by what it is for; what cannot be done now says why."""
    return tuple((str(group), _of_group(file, group)) for group in ActGroup)


def timeline_screen(file: CaseFile) -> tuple[TimelineBlock, ...]:
    """The timeline, newest first."""
    return timeline_blocks(reversed(file.history), at=file.at)
